import type { IncomingHttpHeaders } from "node:http";
import type { HashedKey } from "../runtime/api-key.ts";
import { Rejected } from "../runtime/errors.ts";
import type { KeyScope } from "../store/accounts/api-keys.ts";
import type { Connections } from "../store/database.ts";
import type { StoreWatch } from "../store/watch.ts";
import type { Authenticator, Caller, Credentials } from "./authenticate.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The account of the key; 0 unless the path needs one. */
    accountId: number;
    /** That account's UUID; undefined while unknown. */
    accountUuid: string | undefined;
    /** Whether that account's messages are priced, as far as is known. */
    priced: boolean;
    /** The organization of the key, its own or its account's; 0 unless the path needs one. */
    organizationId: number;
    /** The name of that key, or its identifier; "operator" for the operator's. */
    keyName: string;
    /** The store, in the turn of the key's owner. */
    database: Connections;
  }
}

/** The part of a request that tells who calls, and the result. */
export interface Admitted {
  query: unknown;
  headers: IncomingHttpHeaders;
  accountId: number;
  accountUuid?: string | undefined;
  priced: boolean;
  organizationId: number;
  keyName?: string;
  /** As `hashedKey`, for the keys of one connection. */
  hashed?: (key: string) => HashedKey;
}

type Hook = (request: Admitted & { method: string }) => Promise<void>;

/**
 * Who may call a path: hooks for `onRequest`, which admit a caller and note the key's owner. A key of any scope may read;
 * everything else needs `admin`, except sending.
 */
export interface Access {
  account: Hook;
  /** Admits an account's key that may send. */
  sending: Hook;
  /** The same without a promise if there is nothing to wait for. */
  sendingAtOnce(request: Admitted): Promise<void> | undefined;
  organization: Hook;
  operator: Hook;
  /** Resolves with which of the two calls, to read. */
  organizationOrOperator(request: Admitted): Promise<Caller | "operator">;
  /** Resolves with the caller, whoever that is. */
  anybody(request: Admitted): Promise<Caller | "operator">;
}

/** Takes a token of an account or an organization; resolves with the seconds until there is one, 0 if there was. */
export type TakeToken = (holder: string) => Promise<number>;

/** The name of the operator in the audit. */
export const OPERATOR = "operator";

/** Each scope opens everything that those before it do. */
const SCOPES: readonly KeyScope[] = ["read", "send", "admin"];

/**
 * @param options with the limit of requests, and the store, which refuses at once while it does not answer
 * @param mustHaveRead refuses an account (or an organization, by its negative number) with too many unread answers
 */
export function accessOf(
  authenticator: Authenticator,
  options: { readonly takeToken: TakeToken | null; readonly store: Pick<StoreWatch, "mustAnswer"> },
  mustHaveRead: (caller: number) => void,
): Access {
  const { store } = options;
  const takeTokenOf = async (take: TakeToken, { account, organizationId }: Caller): Promise<void> => {
    const wait = await take(account === null ? `organization ${organizationId}` : `account ${account.id}`);
    if (wait > 0) {
      const whose = account === null ? "organization" : "account";
      throw new Rejected(
        "too-many-requests",
        `The ${whose} sends more requests than its limit allows.`,
        [],
        Math.ceil(wait),
      );
    }
  };
  const admit = (request: Admitted, caller: Caller, needed: KeyScope): Promise<void> | undefined => {
    const { organizationId, account, scope, keyName } = caller;
    if (scope !== "admin") mustOpen(scope, needed);
    request.organizationId = organizationId;
    request.keyName = keyName;
    if (account !== null) {
      request.accountId = account.id;
      request.accountUuid = account.identifier;
      request.priced = account.priced;
    }
    mustHaveRead(account === null ? -organizationId : account.id);
    const { takeToken } = options;
    return takeToken === null ? undefined : takeTokenOf(takeToken, caller);
  };
  const accountAtOnce = (request: Admitted, needed: KeyScope): Promise<void> | undefined => {
    store.mustAnswer();
    const caller = authenticator.account(credentialsOf(request));
    return caller instanceof Promise
      ? caller.then((found) => admit(request, found, needed))
      : admit(request, caller, needed);
  };
  return {
    sendingAtOnce: (request) => accountAtOnce(request, "send"),
    sending: async (request) => accountAtOnce(request, "send"),
    account: async (request) => accountAtOnce(request, neededFor(request.method)),
    organization: async (request) => {
      store.mustAnswer();
      await admit(request, await authenticator.organization(credentialsOf(request)), neededFor(request.method));
    },
    operator: async (request) => {
      store.mustAnswer();
      await authenticator.operator(credentialsOf(request));
      request.keyName = OPERATOR;
    },
    organizationOrOperator: async (request) => {
      store.mustAnswer();
      const credentials = credentialsOf(request);
      if (authenticator.isOperator(credentials)) return "operator";
      const caller = await authenticator.organization(credentials);
      await admit(request, caller, "read");
      return caller;
    },
    anybody: async (request) => {
      store.mustAnswer();
      const caller = await authenticator.anybody(credentialsOf(request));
      if (caller === "operator") return caller;
      await admit(request, caller, "read");
      return caller;
    },
  };
}

function neededFor(method: string): KeyScope {
  return method === "GET" || method === "HEAD" ? "read" : "admin";
}

/** @throws Rejected `insufficient-scope` */
function mustOpen(scope: KeyScope, needed: KeyScope): void {
  if (SCOPES.indexOf(scope) >= SCOPES.indexOf(needed)) return;
  throw new Rejected("insufficient-scope", `The key's scope is "${scope}"; "${needed}" is needed here.`);
}

export function credentialsOf(request: Admitted): Credentials {
  const { key } = request.query as { key?: unknown };
  return { key, authorization: request.headers.authorization, hashed: request.hashed };
}
