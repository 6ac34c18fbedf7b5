import type { FastifyInstance } from "fastify";
import { isUuid, newBatchId } from "../../message/id.ts";
import { newSecretKey, secretText } from "../../message/webhook-secret.ts";
import { Rejected } from "../../runtime/errors.ts";
import { audit } from "../../store/accounts/audit.ts";
import { transaction } from "../../store/database.ts";
import { addSecret, listSecrets, MOST_SECRETS, removeSecret } from "../../store/webhooks/webhook-secrets.ts";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { PAGE_QUERY, readQuery } from "../query.ts";
import { noFields } from "./no-fields.ts";
import { ownedAccount } from "./owned-account.ts";

/** `/account/{uuid}/secret`: the secrets that sign an account's webhooks. */
export function secretRoutes(
  app: FastifyInstance,
  { clock, config }: AppOptions,
  { organization: onRequest }: Access,
): void {
  const noBody = noFields(config.server.unknownFields);

  app.post("/account/:uuid/secret", { onRequest }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    noBody(request);
    const accountId = await ownedAccount(request);
    const identifier = newBatchId(clock.now());
    const key = newSecretKey();
    await transaction(request.database, async (client) => {
      if (!(await addSecret(client, accountId, identifier, key))) {
        throw new Rejected("too-many-secrets", `The account has ${MOST_SECRETS} secrets; remove one to add another.`);
      }
      await audit(client, request, "secret.create", identifier);
    });
    return { identifier, secret: secretText(key) };
  });

  app.get("/account/:uuid/secret", { onRequest }, async (request) => {
    const { limit = 100, after } = readQuery(request.query as Record<string, unknown>, PAGE_QUERY);
    const secrets = await listSecrets(request.database, await ownedAccount(request));
    const left = secrets.filter(({ identifier }) => after === undefined || identifier < after);
    const items = left.slice(0, limit).map(({ identifier, createdAt }) => {
      return { identifier, created_at: createdAt.toISOString() };
    });
    return { items, next: left.length > limit ? (items.at(-1)?.identifier ?? null) : null };
  });

  app.delete<{ Params: { secret: string } }>("/account/:uuid/secret/:secret", { onRequest }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    const accountId = await ownedAccount(request);
    const identifier = request.params.secret.toLowerCase();
    await transaction(request.database, async (client) => {
      if (!isUuid(identifier) || !(await removeSecret(client, accountId, identifier))) {
        throw new Rejected("not-found", "The account has no such secret.");
      }
      await audit(client, request, "secret.delete", identifier);
    });
    return { identifier };
  });
}
