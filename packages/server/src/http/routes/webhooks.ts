import type { FastifyInstance } from "fastify";
import Type, { type Static } from "typebox";
import { isUuid } from "../../message/id.ts";
import { WEBHOOK, WEBHOOK_STATES } from "../../message/webhook.ts";
import { type FieldFault, Rejected } from "../../runtime/errors.ts";
import type { Connections, Database } from "../../store/database.ts";
import { idOf } from "../../store/messages/given-ids.ts";
import { listMessages } from "../../store/messages/list-messages.ts";
import type { MessagePage } from "../../store/messages/message-search.ts";
import { wakeOthers } from "../../store/wakeups.ts";
import { findWebhook, type WholeWebhook } from "../../store/webhooks/find-webhook.ts";
import { listWebhooks } from "../../store/webhooks/list-webhooks.ts";
import { replayWebhook, replayWebhooks } from "../../store/webhooks/replay-webhooks.ts";
import type { Access } from "../access.ts";
import type { AppOptions, ReplayLimit } from "../context.ts";
import { read } from "../field-rules.ts";
import { PAGE_QUERY, queryFaults, readQuery } from "../query.ts";
import { wholeBody } from "../read-body.ts";
import { messageFilter, numberOf } from "./message-filter.ts";
import { search } from "./message-list.ts";
import { noFields } from "./no-fields.ts";
import { holdsOf, webhookDetails, webhookItem } from "./webhook-answers.ts";
import { ALL_IDS, FilterFields, HIGHEST_ID, type IdRange, LOWEST_ID, rangeOfBatch, within } from "./webhook-filter.ts";

/** Parameters of `GET /webhooks`. */
export const LIST_QUERY = {
  state: "text",
  batch: "text",
  message: "text",
  endpoint: "text",
  from: "text",
  to: "text",
  ...PAGE_QUERY,
} as const;

/** Describes `endpoint` in lists and in replays. Its schema is a text: an SMPP endpoint is no URL. */
export const ENDPOINT_FILTER =
  "Only those to the origin of this URL, or, of those over SMPP, to `smpp:` and a `system_id`.";

/** A million at this rate take 32 years: at a slower one, the last would be due beyond any timestamp. */
const LEAST_RATE = 0.001;

export const PostReplay = Type.Object(
  {
    state: Type.Enum([...WEBHOOK_STATES], { description: "Which of them are to be tried again." }),
    from: read("time", { description: "When what they tell of was accepted, at the earliest: ISO 8601." }),
    to: read("time", { description: "And before when: ISO 8601." }),
    rate: Type.Optional(
      Type.Number({ minimum: LEAST_RATE, maximum: 10_000, description: "How many a second; 100 unless told." }),
    ),
    endpoint: Type.Optional(read("text", { description: ENDPOINT_FILTER })),
  },
  { additionalProperties: false, title: "WebhookReplay" },
);
type PostReplay = Static<typeof PostReplay>;

/** Default of the webhooks a second that a replay makes due. */
const USUAL_RATE = 100;
/** In one statement, and in one request. */
const CHUNK = 2_000;
const MOST_REPLAYED = 1_000_000;

/** `/webhooks`: every webhook with its tries, and replays. */
export function webhookRoutes(app: FastifyInstance, options: AppOptions, { account: onRequest }: Access): void {
  const { clock, config } = options;
  const replay = <Result extends { replayed: number }>(accountId: number, work: () => Promise<Result>) =>
    options.replays === null ? work() : limited(options.replays, accountId, work);
  const replayBody = wholeBody<PostReplay>(PostReplay, config.server.unknownFields, { rules: readable });
  const noBody = noFields(config.server.unknownFields);

  app.get("/webhooks", { onRequest }, async (request) => {
    const { accountId, database } = request;
    const query = readQuery(request.query as Record<string, unknown>, LIST_QUERY);
    const fields = new FilterFields();
    const to = query.to !== undefined && numberOf(query.to) !== null ? query.to : undefined;
    let range = within(ALL_IDS, fields.times(["?from", query.from], ["?to", to === undefined ? query.to : undefined]));
    const endpoint = fields.endpoint("?endpoint", query.endpoint, accountId);
    const batch = fields.identifier("?batch", query.batch);
    const message = fields.identifier("?message", query.message);
    const state = query.state === undefined ? null : (WEBHOOK_STATES as readonly string[]).indexOf(query.state);
    if (state === -1) fields.faults.push({ path: "?state", message: `must be one of ${WEBHOOK_STATES.join(", ")}` });
    if (fields.faults.length > 0) throw queryFaults(...fields.faults);
    if (batch !== null) range = within(range, rangeOfBatch(await idOf(database, accountId, batch, "b")));
    if (message !== null) {
      const id = await idOf(database, accountId, message, "m");
      range = within(range, { first: id, last: id });
    }
    const { limit = 100, after = HIGHEST_ID } = query;
    const messages = to === undefined ? null : await messagesTo(database, accountId, to, range, after, limit);
    const ids = messages?.rows.map(({ id }) => id);
    const { rows, end } = await listWebhooks(database, { accountId, state, endpoint, ...range, ids }, after, limit + 1);
    const shown = rows.slice(0, limit);
    const holds = await holdsOf(database, accountId, shown);
    const now = clock.now();
    return {
      items: shown.map((row) => webhookItem(row, holds, now)),
      next: messages !== null ? messages.next : rows.length > limit ? (shown.at(-1)?.id ?? null) : end,
    };
  });

  app.get<{ Params: { id: string } }>("/webhooks/:id", { onRequest }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    const { accountId, database } = request;
    const webhook = await named(database, accountId, request.params.id);
    return webhookDetails(webhook, await holdsOf(database, accountId, [webhook]), clock.now());
  });

  app.post<{ Params: { id: string } }>("/webhooks/:id/replay", { onRequest }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    noBody(request);
    const { accountId, database } = request;
    const { id } = await named(database, accountId, request.params.id);
    return replay(accountId, async () => {
      const replayed = await replayWebhook(database, accountId, id);
      if (replayed) await wakeOthers(database, "webhooks");
      return { replayed: Number(replayed) };
    });
  });

  app.post("/webhooks/replay", { onRequest }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    const { accountId, database } = request;
    const body = replayBody(request);
    const { state, from, to, rate = USUAL_RATE } = body;
    const fields = new FilterFields();
    const range = fields.times(["from", from], ["to", to]);
    const endpoint = fields.endpoint("endpoint", body.endpoint, accountId);
    const number = WEBHOOK[state];
    // No faster than the account's limit.
    const { replays } = options;
    const everyMs = Math.max(1_000 / rate, replays === null ? 0 : 60_000 / replays.perMinute);
    const chosen = { accountId, state: number, endpoint, ...range, limit: CHUNK, everyMs };
    return replay(accountId, async () => {
      const now = clock.now();
      let replayed = 0;
      for (let after = LOWEST_ID; replayed < MOST_REPLAYED; ) {
        const ids = await replayWebhooks(database, { ...chosen, from: now + replayed * everyMs }, after);
        if (ids.length === 0) break;
        if (replayed === 0) await wakeOthers(database, "webhooks");
        replayed += ids.length;
        after = ids.at(-1)!;
      }
      return { replayed };
    });
  });
}

/** A page of the messages that an account sent to a number. */
async function messagesTo(
  database: Connections,
  accountId: number,
  to: string,
  range: IdRange,
  before: string,
  limit: number,
): Promise<MessagePage> {
  const filter = await messageFilter(database, { accountId, organizationId: null }, { to });
  return search(() => listMessages(database, { ...filter, ...range }, before, limit));
}

/**
 * Replays if the account has a token, and counts each webhook: after more webhooks than tokens the next replay waits.
 * @throws Rejected `too-many-replays`
 */
async function limited<Result extends { replayed: number }>(
  { take, spend }: ReplayLimit,
  accountId: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const holder = `account ${accountId}`;
  const wait = await take(holder);
  if (wait > 0) {
    const detail = "The account replays more webhooks than is allowed.";
    throw new Rejected("too-many-replays", detail, [], Math.ceil(wait));
  }
  const result = await work();
  await spend(holder, result.replayed - 1);
  return result;
}

function readable({ from, to, endpoint }: Partial<PostReplay>): FieldFault[] {
  const fields = new FilterFields();
  fields.times(["from", from], ["to", to]);
  fields.endpoint("endpoint", endpoint, 0);
  return fields.faults;
}

/** A webhook by its id, or by its message's identifier. @throws Rejected `not-found` */
async function named(database: Database, accountId: number, identifier: string): Promise<WholeWebhook> {
  const id = identifier.toLowerCase();
  if (isUuid(id)) {
    const found = (await findWebhook(database, accountId, id)) ?? (await ofGivenId(database, accountId, id));
    if (found !== null) return found;
  }
  throw new Rejected("not-found", "There is no such webhook.");
}

async function ofGivenId(database: Database, accountId: number, given: string): Promise<WholeWebhook | null> {
  const id = await idOf(database, accountId, given, "m");
  return id === given ? null : findWebhook(database, accountId, id);
}
