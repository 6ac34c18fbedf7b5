import type { IncomingHttpHeaders } from "node:http";
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
}

type Hook = (request: Admitted) => Promise<void>;

/** Who may call a path: hooks for `onRequest`, which let those on and say whose key it is. */
export interface Access {
  account: Hook;
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
  const admit = async (request: Admitted, { keyName, organizationId }: Caller): Promise<void> => {
    request.organizationId = organizationId;
    const wait = takeToken === null ? 0 : await takeToken(keyName);
    if (wait > 0)
      throw new Rejected("too-many-requests", "The key is used more often than is allowed.", [], Math.ceil(wait));
  };
  return {
    account: async (request) => {
      store.mustAnswer();
      const caller = await authenticator.account(credentialsOf(request));
      request.accountId = caller.account.id;
      request.priced = caller.account.priced;
      await admit(request, caller);
    },
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
  return { key, authorization: request.headers.authorization };
}
