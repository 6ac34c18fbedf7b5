import type { FastifyRequest } from "fastify";
import { isUuid } from "../../message/id.ts";
import { Rejected } from "../../runtime/errors.ts";
import { findAccount } from "../../store/accounts/accounts.ts";

/**
 * The number of the account in a path, for the organization of the key.
 * @throws Rejected `not-found`, also for another organization's account and for a deactivated one
 */
export async function ownedAccount(request: FastifyRequest): Promise<number> {
  const { uuid = "" } = request.params as { uuid?: string };
  const account = isUuid(uuid) ? await findAccount(request.database, request.organizationId, uuid) : null;
  if (account === null || account.deleted) throw new Rejected("not-found", "There is no such account.");
  return account.id;
}
