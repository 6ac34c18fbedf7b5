import type { FastifyInstance } from "fastify";
import { isUuid } from "../../message/id.ts";
import type { FieldFault } from "../../runtime/errors.ts";
import type { LedgerItem, LedgerPlace } from "../../store/accounts/ledger.ts";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { NOT_A_CURSOR, OWN_PAGE_QUERY, queryFaults, readQuery } from "../query.ts";
import { wholeBody } from "../read-body.ts";
import { PatchAccount, PatchTopup, PostAccount, PostKey } from "./account-schemas.ts";
import { uuidOf } from "./organizations.ts";

type Uuid = { Params: { uuid: string } };

/** `/account` and `/topup`: an organization's accounts, their keys and credits. */
export function accountRoutes(
  app: FastifyInstance,
  { config, accounts }: AppOptions,
  { organization: onRequest }: Access,
): void {
  const { unknownFields } = config.server;
  const postBody = wholeBody<PostAccount>(PostAccount, unknownFields);
  const patchBody = wholeBody<PatchAccount>(PatchAccount, unknownFields, { rules: topupAlone, fields: "some" });
  const topupBody = wholeBody<PatchTopup>(PatchTopup, unknownFields, { rules: accountNamed });
  const keyBody = wholeBody<PostKey>(PostKey, unknownFields, { fields: "none" });
  const noQuery = (request: { query: unknown }) => readQuery(request.query as Record<string, unknown>, {});

  app.post("/account", { onRequest }, (request) => {
    noQuery(request);
    return accounts.create(request, postBody(request).name);
  });

  app.get("/account", { onRequest }, async (request) => {
    noQuery(request);
    const all = await accounts.list(request.organizationId);
    return { accounts: all.map(({ overdraft: _, ...account }) => account) };
  });

  app.get<Uuid>("/account/:uuid", { onRequest }, (request) => {
    noQuery(request);
    return accounts.get(request.organizationId, uuidOf(request.params));
  });

  app.patch<Uuid>("/account/:uuid", { onRequest }, async (request) => {
    noQuery(request);
    const { topup, ...change } = patchBody(request);
    if (topup === undefined) await accounts.change(request, uuidOf(request.params), change);
    else await accounts.topUp(request, uuidOf(request.params), topup);
    return {};
  });

  app.patch("/topup", { onRequest }, async (request) => {
    noQuery(request);
    const { accountUuid, topup } = topupBody(request);
    await accounts.topUp(request, accountUuid.toLowerCase(), topup);
    return {};
  });

  app.delete<Uuid>("/account/:uuid", { onRequest }, async (request) => {
    noQuery(request);
    await accounts.deactivate(request, uuidOf(request.params));
    return {};
  });

  app.post<Uuid>("/account/:uuid/key", { onRequest }, async (request) => {
    noQuery(request);
    const { graceSeconds = 0 } = keyBody(request);
    return { apiKey: await accounts.rotateKey(request, uuidOf(request.params), graceSeconds) };
  });

  app.get<Uuid>("/account/:uuid/ledger", { onRequest }, async (request) => {
    const { limit = 100, after } = readQuery(request.query as Record<string, unknown>, OWN_PAGE_QUERY);
    const place = after === undefined ? null : placeOf(after);
    const { items, next } = await accounts.ledger(request.organizationId, uuidOf(request.params), place, limit);
    return { items: items.map(ledgerItem), next: next === null ? null : `${next.row}.${next.batch}` };
  });
}

/** A body that both moves credits and changes the account is refused whole. */
function topupAlone(body: Partial<PatchAccount>): FieldFault[] {
  const alone = body.topup === undefined || Object.keys(body).length === 1;
  return alone ? [] : [{ path: "topup", message: "must stand alone" }];
}

function accountNamed({ accountUuid }: Partial<PatchTopup>): FieldFault[] {
  return accountUuid === undefined || isUuid(accountUuid) ? [] : [{ path: "accountUuid", message: "is not a UUID" }];
}

function placeOf(cursor: string): LedgerPlace {
  const [, row, batch] = /^(\d{1,15})\.(\d{1,6})$/.exec(cursor) ?? [];
  if (row === undefined) {
    throw queryFaults(NOT_A_CURSOR);
  }
  return { row: Number(row), batch: Number(batch) };
}

function ledgerItem({ at, kind, credits, balance, batchUuid }: LedgerItem) {
  return { at: at.toISOString(), kind, credits, balance, batch_uuid: batchUuid };
}
