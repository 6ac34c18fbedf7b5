import type { FastifyInstance, FastifyRequest } from "fastify";
import { isUuid } from "../../message/id.ts";
import { ACCEPTED, isFinal, type MessageState, SUBMITTED } from "../../message/lifecycle.ts";
import type { WhyWaiting } from "../../message/waiting.ts";
import { Rejected } from "../../runtime/errors.ts";
import type { Connections } from "../../store/database.ts";
import { findHeld } from "../../store/messages/find-held.ts";
import { attemptsOf, carrierNames, countAhead, findMessage } from "../../store/messages/find-message.ts";
import { findRich } from "../../store/messages/find-rich.ts";
import type { MessageRow, Viewer } from "../../store/messages/message-row.ts";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { readQuery } from "../query.ts";
import { lastEventAt, messageEvents, messageItem, type Shown } from "./message-answers.ts";

/** `GET /message/{uuid}`: a message with all that happened to it. */
export function messageStoryRoutes(app: FastifyInstance, options: AppOptions, access: Access): void {
  app.get<{ Params: { uuid: string } }>("/message/:uuid", async (request) => {
    const { viewer, shown } = await viewerOf(request, options, access);
    readQuery(request.query as Record<string, unknown>, {});
    const { database } = request;
    const identifier = request.params.uuid.toLowerCase();
    const row = isUuid(identifier) ? await findMessage(database, viewer, identifier) : null;
    if (row === null) throw await unknown(database, viewer, identifier);
    const final = isFinal(row.state as MessageState);
    const inMemory = final ? null : await options.whyWaiting(row.id);
    const stored = row.state === ACCEPTED && inMemory === null ? await countAhead(database, row) : 0;
    const carriers = await carrierNames(database);
    const webhook = final ? await attemptsOf(database, row.accountId, row.id) : null;
    const said = inMemory?.said ?? null;
    const rich = await findRich(database, row.id);
    return {
      ...messageItem(row, shown),
      ...(rich === null ? {} : { rcs: rich }),
      events: messageEvents(row, { carriers, said, webhook }, shown),
      waiting: final ? null : waitingOf(row, inMemory, stored, options),
    };
  });
}

/** It says where to look for what is held, of which there is no story yet. */
async function unknown(database: Connections, viewer: Viewer, identifier: string): Promise<Rejected> {
  const held = isUuid(identifier) ? await findHeld(database, viewer, identifier) : null;
  if (held === null) return new Rejected("not-found", "There is no such message.");
  const { batch, at } = held;
  const where = `until then GET /batch/${batch}?content=true tells of it`;
  return new Rejected("not-found", `The message is held for its time, ${at.toISOString()}: ${where}.`);
}

/** Who looks, and what that one is shown. */
export async function viewerOf(
  request: FastifyRequest,
  { config }: Pick<AppOptions, "config">,
  { anybody }: Access,
): Promise<{ viewer: Viewer; shown: Shown }> {
  const caller = await anybody(request);
  if (caller === "operator") {
    return { viewer: { accountId: null, organizationId: null }, shown: { whose: true, carriers: true } };
  }
  const accountId = caller.account?.id ?? null;
  return {
    viewer: { accountId, organizationId: caller.organizationId },
    shown: { whose: accountId === null, carriers: accountId === null || !config.messages.hideCarriers },
  };
}

/** Why a message is not final yet. */
function waitingOf(row: MessageRow, inMemory: WhyWaiting | null, stored: number, { config, store }: AppOptions) {
  const margin = config.messages.receiptMargin * 1_000;
  const since = new Date(lastEventAt(row, inMemory?.said ?? null)).toISOString();
  if (row.state === SUBMITTED) {
    const until = row.receiptBy?.getTime() ?? row.expiresAt.getTime() + margin;
    return { why: "receipt", since, until: new Date(until).toISOString() };
  }
  const until = row.expiresAt.toISOString();
  if (store.held || store.full) return { why: store.full ? "disk" : "store", since, until };
  const { why, ahead } = inMemory ?? { why: "queue", ahead: stored };
  return { why, since, until, ...(why === "queue" ? { ahead: ahead ?? 0 } : {}) };
}
