import type { FastifyInstance } from "fastify";
import Type, { type Static } from "typebox";
import { endpointNumber } from "../../message/endpoint.ts";
import { isSmppUrl, smppUrl } from "../../message/smpp-origin.ts";
import { MAX_CALLBACK_URL } from "../../network/url.ts";
import { type FieldFault, invalid } from "../../runtime/errors.ts";
import { audit } from "../../store/accounts/audit.ts";
import { listSmppCredentials } from "../../store/accounts/smpp-credentials.ts";
import { transaction } from "../../store/database.ts";
import {
  type AccountUrl,
  type AccountWebhooks,
  accountWebhooks,
  setEventsUrl,
  setInboundUrl,
} from "../../store/webhooks/account-webhooks.ts";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { read } from "../field-rules.ts";
import { readQuery } from "../query.ts";
import { wholeBody } from "../read-body.ts";
import { ownedAccount } from "./owned-account.ts";

const url = (description: string) =>
  Type.Optional(Type.Union([read("url", { minLength: 1, maxLength: MAX_CALLBACK_URL }), Type.Null()], { description }));

/** A field that is left out stays as it is; null removes it. */
export const PutAccountWebhook = Type.Object(
  {
    inbound_url: url(
      "Where messages from handsets go; `smpp:` and a system_id of the account: to its binds. null takes it away.",
    ),
    events_url: url("Where events about the account's endpoints go; null takes it away."),
  },
  { additionalProperties: false, title: "AccountWebhookChange" },
);
type PutAccountWebhook = Static<typeof PutAccountWebhook>;

/** `/account/{uuid}/webhook`: the URLs for an account's inbound messages, and for events about its endpoints. */
export function accountWebhookRoutes(
  app: FastifyInstance,
  options: AppOptions,
  { organization: onRequest }: Access,
): void {
  const rules = (body: Partial<PutAccountWebhook>): FieldFault[] =>
    Object.entries(body).flatMap(([path, url]) => {
      // Whether the system_id is the account's own is checked below.
      const overSmpp = path === "inbound_url" && url !== null && isSmppUrl(url);
      const checked = url === null || overSmpp ? null : options.rules.checkCallback(url);
      return checked === null || checked.ok ? [] : [{ path, message: checked.reason }];
    });
  const putBody = wholeBody<PutAccountWebhook>(PutAccountWebhook, options.config.server.unknownFields, {
    rules,
    fields: "some",
  });

  app.get("/account/:uuid/webhook", { onRequest }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    return answer(await accountWebhooks(request.database, await ownedAccount(request)));
  });

  app.put("/account/:uuid/webhook", { onRequest }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    const { inbound_url, events_url } = putBody(request);
    const accountId = await ownedAccount(request);
    if (inbound_url != null && isSmppUrl(inbound_url)) {
      const own = await listSmppCredentials(request.database, accountId);
      if (!own.some(({ systemId }) => smppUrl(systemId) === inbound_url)) {
        throw invalid([{ path: "inbound_url", message: "names no system_id of this account" }]);
      }
    }
    const target = (url: string | null): AccountUrl | null =>
      url === null ? null : { url, endpoint: endpointNumber(accountId, isSmppUrl(url) ? url : new URL(url).origin) };
    return transaction(request.database, async (client) => {
      if (inbound_url !== undefined) await setInboundUrl(client, accountId, target(inbound_url));
      if (events_url !== undefined) await setEventsUrl(client, accountId, target(events_url));
      await audit(client, request, "webhook.change", (request.params as { uuid: string }).uuid.toLowerCase());
      return answer(await accountWebhooks(client, accountId));
    });
  });
}

function answer({ inboundUrl, eventsUrl }: AccountWebhooks): { inbound_url: string | null; events_url: string | null } {
  return { inbound_url: inboundUrl, events_url: eventsUrl };
}
