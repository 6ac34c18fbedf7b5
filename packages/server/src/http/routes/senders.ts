import type { FastifyInstance } from "fastify";
import { isUuid, newBatchId } from "../../message/id.ts";
import { normaliseSenderId } from "../../message/sender-id.ts";
import { type FieldFault, Rejected } from "../../runtime/errors.ts";
import { findAccount } from "../../store/accounts/accounts.ts";
import { audit } from "../../store/accounts/audit.ts";
import { deleteSender, insertSender, listSenders } from "../../store/accounts/senders.ts";
import { transaction } from "../../store/database.ts";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { PAGE_QUERY, readQuery } from "../query.ts";
import { wholeBody } from "../read-body.ts";
import { NOT_A_SENDER } from "../send/rules.ts";
import { uuidOf } from "./organizations.ts";
import { PostSender } from "./sender-schemas.ts";

/** `/sender`: the sender IDs of an organization or one of its accounts. */
export function senderRoutes(app: FastifyInstance, options: AppOptions, { organization: onRequest }: Access): void {
  const { config, clock, sendersChanged } = options;
  const postBody = wholeBody<PostSender>(PostSender, config.server.unknownFields, { rules: faultsOf });

  app.post("/sender", { onRequest }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    const { organizationId, database } = request;
    const { value, account } = postBody(request);
    const owner = account === undefined ? null : await findAccount(database, organizationId, account.toLowerCase());
    if (account !== undefined && (owner === null || owner.deleted)) {
      throw new Rejected("not-found", "There is no such account.");
    }
    const sender = normaliseSenderId(value) as string;
    const identifier = newBatchId(clock.now());
    const row = { identifier, value: sender, organizationId, accountId: owner?.id ?? null };
    await transaction(database, async (client) => {
      if (options.config.senders.shared.includes(sender) || !(await insertSender(client, row))) {
        throw new Rejected("sender-registered", `${sender} is registered already; it can be deleted by its owner.`);
      }
      await audit(client, request, "sender.create", identifier);
    });
    await sendersChanged();
    return { identifier };
  });

  app.get("/sender", { onRequest }, async (request) => {
    const { limit = 100, after } = readQuery(request.query as Record<string, unknown>, PAGE_QUERY);
    const rows = await listSenders(request.database, request.organizationId, after ?? null, limit + 1);
    const items = rows.slice(0, limit);
    return { items, next: rows.length > limit ? (items.at(-1)?.identifier ?? null) : null };
  });

  app.delete<{ Params: { uuid: string } }>("/sender/:uuid", { onRequest }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    const identifier = uuidOf(request.params);
    await transaction(request.database, async (client) => {
      const gone = await deleteSender(client, request.organizationId, identifier);
      if (!gone) throw new Rejected("not-found", "There is no such sender.");
      await audit(client, request, "sender.delete", identifier);
    });
    await sendersChanged();
    return {};
  });
}

function faultsOf({ value, account }: Partial<PostSender>): FieldFault[] {
  const faults: FieldFault[] = [];
  if (value !== undefined && normaliseSenderId(value) === null) faults.push({ path: "value", message: NOT_A_SENDER });
  if (account !== undefined && !isUuid(account)) faults.push({ path: "account", message: "is not a UUID" });
  return faults;
}
