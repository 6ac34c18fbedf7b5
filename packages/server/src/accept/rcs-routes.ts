import type { FastifyInstance } from "fastify";
import { Rejected } from "../runtime/errors.ts";
import type { AppOptions } from "./app.ts";
import { readRcsEvent } from "./rcs-event.ts";

const TEXT = "text/plain";

/** `POST /rcs/{carrier}`: where an RCS platform tells what became of messages. Answered once it is committed. */
export function rcsRoutes(app: FastifyInstance, { config, store, takeEvent }: AppOptions): void {
  const tokens = new Map(
    config.carriers.flatMap((carrier) =>
      carrier.type === "rcs" && carrier.clientToken !== null ? [[carrier.id, carrier.clientToken] as const] : [],
    ),
  );
  app.post("/rcs/:carrier", async (request, reply) => {
    const { carrier } = request.params as { carrier: string };
    const clientToken = tokens.get(carrier);
    if (clientToken === undefined)
      throw new Rejected("not-found", "There is no RCS carrier of this id that takes events.");
    const read = readRcsEvent(request.body, request.headers["x-goog-signature"], clientToken);
    if (read.kind === "setUp") return reply.type(TEXT).send(read.secret);
    store.mustAnswer();
    if (!(await takeEvent(carrier, read.event))) {
      throw new Rejected("store-unavailable", "What the event says could not be stored.", [], 1);
    }
    return reply.type(TEXT).send("");
  });
}
