import type { FastifyInstance, FastifyRequest } from "fastify";
import { CHANNELS, channelOf } from "../../message/channel.ts";
import { isUuid } from "../../message/id.ts";
import { invalid, Rejected } from "../../runtime/errors.ts";
import type { KeyRow } from "../../store/accounts/api-keys.ts";
import { findCaller } from "../../store/accounts/find-caller.ts";
import { type Access, OPERATOR } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { PAGE_QUERY, readQuery } from "../query.ts";
import { wholeBody } from "../read-body.ts";
import { PostNamedKey } from "./account-schemas.ts";
import { uuidOf } from "./organizations.ts";

/** `/account/{uuid}/keys`, `/organization-keys` and `/me`: further keys of accounts and organizations. */
export function keyRoutes(
  app: FastifyInstance,
  { config, keys }: AppOptions,
  { organization: onRequest, anybody }: Access,
): void {
  const body = wholeBody<PostNamedKey>(PostNamedKey, config.server.unknownFields);

  const create = (request: FastifyRequest, account: string | null) => {
    readQuery(request.query as Record<string, unknown>, {});
    const named = body(request);
    if (named.name.trim().toLowerCase() === OPERATOR) {
      throw invalid([{ path: "name", message: "is how the audit names the operator" }]);
    }
    return keys.create(request, account, named);
  };
  const list = async (request: FastifyRequest, account: string | null) => {
    const { limit = 100, after } = readQuery(request.query as Record<string, unknown>, PAGE_QUERY);
    const all = await keys.list(request.organizationId, account);
    const left = all.filter(({ identifier }) => after === undefined || identifier < after);
    const items = left.slice(0, limit).map(shown);
    return { items, next: left.length > limit ? (items.at(-1)?.identifier ?? null) : null };
  };
  const revoke = async (request: FastifyRequest, account: string | null) => {
    readQuery(request.query as Record<string, unknown>, {});
    const identifier = (request.params as { key: string }).key.toLowerCase();
    if (!isUuid(identifier)) throw new Rejected("not-found", "There is no such key.");
    await keys.revoke(request, account, identifier);
    return { identifier };
  };
  const accountOf = (request: FastifyRequest) => uuidOf(request.params as { uuid: string });

  app.post("/account/:uuid/keys", { onRequest }, (request) => create(request, accountOf(request)));
  app.get("/account/:uuid/keys", { onRequest }, (request) => list(request, accountOf(request)));
  app.delete("/account/:uuid/keys/:key", { onRequest }, (request) => revoke(request, accountOf(request)));

  app.post("/organization-keys", { onRequest }, (request) => create(request, null));
  app.get("/organization-keys", { onRequest }, (request) => list(request, null));
  app.delete("/organization-keys/:key", { onRequest }, (request) => revoke(request, null));

  const served = new Set(config.carriers.map(channelOf));
  const channels = CHANNELS.filter((channel) => served.has(channel));
  app.get("/me", async (request) => {
    const caller = await anybody(request);
    readQuery(request.query as Record<string, unknown>, {});
    if (caller === "operator") return { kind: "operator", scope: "admin" };
    const { account, scope } = caller;
    const of = await findCaller(request.database, caller.organizationId, account?.id ?? null);
    if (of.account === undefined) return { kind: "organization", scope, ...of };
    return { kind: "account", scope, ...of, account: { ...of.account, channels } };
  });
}

function shown({ createdAt, lastUsedAt, expiresAt, ...key }: KeyRow) {
  return {
    ...key,
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
    expires_at: expiresAt?.toISOString() ?? null,
  };
}
