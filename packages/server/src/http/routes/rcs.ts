import type { FastifyInstance, FastifyRequest } from "fastify";
import { Rejected } from "../../runtime/errors.ts";
import type { AppOptions } from "../context.ts";
import { readRcsEvent } from "./rcs-event.ts";

const TEXT = "text/plain";
/** An event of the platform has a few hundred bytes, one with a text of a handset some thousands. */
const MAX_EVENT_BYTES = 64 * 1024;

/** `POST /rcs/{carrier}`: events of an RCS platform. Answered after the commit. */
export function rcsRoutes(app: FastifyInstance, options: AppOptions): void {
  const { store, takeEvent } = options;
  const tokenOf = ({ params }: FastifyRequest): string => {
    const carrier = options.config.carriers.find(({ id }) => id === (params as { carrier: string }).carrier);
    if (carrier?.type === "rcs" && carrier.clientToken !== null) return carrier.clientToken;
    throw new Rejected("not-found", "There is no RCS carrier of this id that takes events.");
  };
  // No caller here has a key: the path is checked before a body is read, and the body is small.
  const onRequest = async (request: FastifyRequest): Promise<void> => void tokenOf(request);
  app.post("/rcs/:carrier", { onRequest, bodyLimit: MAX_EVENT_BYTES }, async (request, reply) => {
    const { carrier } = request.params as { carrier: string };
    const clientToken = tokenOf(request);
    const read = readRcsEvent(request.body, request.headers["x-goog-signature"], clientToken);
    if (read.kind === "setUp") return reply.type(TEXT).send(read.secret);
    store.mustCommit();
    if (!(await takeEvent(carrier, read.event))) {
      throw new Rejected("store-unavailable", "The event could not be stored; send it again.", [], 1);
    }
    return reply.type(TEXT).send("");
  });
}
