import type { FastifyInstance, FastifyRequest } from "fastify";
import { Rejected } from "../../runtime/errors.ts";
import { credentialsOf } from "../access.ts";
import type { AppOptions } from "../context.ts";

export const PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

/** For whoever runs the program: is it alive, can it accept, what does it count. */
export function operationRoutes(
  app: FastifyInstance,
  { pool, store, stuck, metrics, authenticator }: AppOptions,
): void {
  app.get("/health/live", async () => {
    const what = await stuck();
    if (what !== "") throw new Rejected("no-progress", `This does not go on: ${what}.`);
    return { status: "live" };
  });
  app.get("/health/ready", async () => {
    store.mustTake();
    await pool.query("SELECT 1").catch(() => {
      throw new Rejected("store-unavailable", "The store is out of reach.", [], 1);
    });
    return { status: "ready" };
  });
  const onRequest = async (request: FastifyRequest): Promise<void> => authenticator.metrics(credentialsOf(request));
  app.get("/metrics", { onRequest }, async (_request, reply) => reply.type(PROMETHEUS).send(await metrics()));
}
