import type { FastifyInstance, FastifyRequest } from "fastify";
import { Rejected } from "../../runtime/errors.ts";
import { together } from "../../runtime/together.ts";
import { withLimit } from "../../runtime/with-limit.ts";
import { credentialsOf } from "../access.ts";
import type { AppOptions } from "../context.ts";

export const PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

/** Longest wait for the engine's carriers, in ms: readiness must not hang on an engine that has stopped. */
const CARRIERS_MS = 500;

/** For the operator: whether the program is alive and can accept, and its metrics. */
export function operationRoutes(
  app: FastifyInstance,
  { pool, store, stuck, metrics, carriers, authenticator }: AppOptions,
): void {
  app.get("/health/live", async () => {
    const what = await stuck();
    if (what !== "") throw new Rejected("no-progress", `Work has stopped: ${what}.`);
    return { status: "live" };
  });
  const look = together(() => pool.query("SELECT 1"));
  app.get("/health/ready", async () => {
    store.mustTake();
    await look().catch(() => {
      throw new Rejected("store-unavailable", "The store is out of reach.", [], 1);
    });
    return { status: "ready", warnings: await noCarrierUp(carriers) };
  });
  const onRequest = async (request: FastifyRequest): Promise<void> => authenticator.metrics(credentialsOf(request));
  app.get("/metrics", { onRequest }, async (_request, reply) => reply.type(PROMETHEUS).send(await metrics()));
}

/**
 * Warns that nothing goes out if no carrier of this program is up, and why: it can accept all the same. Names no carrier,
 * because anybody may read it.
 */
async function noCarrierUp(carriers: AppOptions["carriers"]): Promise<string[]> {
  const all = (await withLimit(carriers(), CARRIERS_MS).catch(() => undefined)) ?? [];
  if (all.length === 0 || all.some(({ state }) => state !== "down")) return [];
  const reasons = new Set(all.map(({ why }) => why ?? "it is not started"));
  return [`No carrier is up, and what is accepted waits: ${[...reasons].join("; ")}.`];
}
