import type { FastifyInstance, FastifyRequest } from "fastify";
import { Rejected } from "../../runtime/errors.ts";
import { together } from "../../runtime/together.ts";
import { withLimit } from "../../runtime/with-limit.ts";
import { credentialsOf } from "../access.ts";
import type { AppOptions } from "../context.ts";

export const PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

/** Whether it can accept is not to wait for an engine that has stopped. */
const CARRIERS_MS = 500;

/** For whoever runs the program: is it alive, can it accept, what does it count. */
export function operationRoutes(
  app: FastifyInstance,
  { pool, store, stuck, metrics, carriers, authenticator }: AppOptions,
): void {
  app.get("/health/live", async () => {
    const what = await stuck();
    if (what !== "") throw new Rejected("no-progress", `This does not go on: ${what}.`);
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
 * That nothing goes out, where no carrier of this program is up, and why: it can accept all the same. Whose carriers they
 * are is nobody's who has no key.
 */
async function noCarrierUp(carriers: AppOptions["carriers"]): Promise<string[]> {
  const all = (await withLimit(carriers(), CARRIERS_MS).catch(() => undefined)) ?? [];
  if (all.length === 0 || all.some(({ state }) => state !== "down")) return [];
  const reasons = new Set(all.map(({ why }) => why ?? "it is not started"));
  return [`No carrier is up, and what is accepted waits: ${[...reasons].join("; ")}.`];
}
