import type { IncomingHttpHeaders } from "node:http";
import type { HashedKey } from "../runtime/api-key.ts";
import { Rejected } from "../runtime/errors.ts";
import type { StoreWatch } from "../store/watch.ts";
import type { Authenticator, Caller, Credentials } from "./authenticate.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The account whose key it is; 0 unless the path needs one. */
    accountId: number;
    /** Whether that account's messages are priced, as far as is known. */
    priced: boolean;
    /** The organization whose key it is, its own or an account's; 0 unless the path needs one. */
    organizationId: number;
  }
}

/** A request, as far as it tells who calls, and whose it is found to be. */
export interface Admitted {
  query: unknown;
  headers: IncomingHttpHeaders;
  accountId: number;
  priced: boolean;
  organizationId: number;
  /** As `hashedKey`, for those of its connection. */
  hashed?: (key: string) => HashedKey;
}

type Hook = (request: Admitted) => Promise<void>;

/** Who may call a path: hooks for `onRequest`, which let those on and say whose key it is. */
export interface Access {
  account: Hook;
  /** The same without a promise where there is nothing to wait for. */
  accountAtOnce(request: Admitted): Promise<void> | undefined;
  organization: Hook;
  operator: Hook;
}

/** Takes a token of a key's; answers the seconds until there is one, 0 where there was. */
export type TakeToken = (keyName: string) => Promise<number>;

/**
 * @param takeToken null where requests are not limited
 * @param store lets nobody wait for a store that does not answer
 */
export function accessOf(
  authenticator: Authenticator,
  takeToken: TakeToken | null,
  store: Pick<StoreWatch, "mustAnswer">,
): Access {
  const takeTokenOf = async (take: TakeToken, keyName: string): Promise<void> => {
    const wait = await take(keyName);
    if (wait > 0)
      throw new Rejected("too-many-requests", "The key is used more often than is allowed.", [], Math.ceil(wait));
  };
  const admit = (request: Admitted, { keyName, organizationId, account }: Caller): Promise<void> | undefined => {
    request.organizationId = organizationId;
    if (account !== null) {
      request.accountId = account.id;
      request.priced = account.priced;
    }
    return takeToken === null ? undefined : takeTokenOf(takeToken, keyName);
  };
  const accountAtOnce: Access["accountAtOnce"] = (request) => {
    store.mustAnswer();
    const caller = authenticator.account(credentialsOf(request));
    return caller instanceof Promise ? caller.then((found) => admit(request, found)) : admit(request, caller);
  };
  return {
    accountAtOnce,
    account: async (request) => accountAtOnce(request),
    organization: async (request) => {
      store.mustAnswer();
      await admit(request, await authenticator.organization(credentialsOf(request)));
    },
    operator: async (request) => {
      store.mustAnswer();
      await authenticator.operator(credentialsOf(request));
    },
  };
}

export function credentialsOf(request: Admitted): Credentials {
  const { key } = request.query as { key?: unknown };
  return { key, authorization: request.headers.authorization, hashed: request.hashed };
}
