import type { IncomingHttpHeaders } from "node:http";
import type { HashedKey } from "../runtime/api-key.ts";
import { Rejected } from "../runtime/errors.ts";
import type { KeyScope } from "../store/accounts/api-keys.ts";
import type { Connections } from "../store/database.ts";
import type { StoreWatch } from "../store/watch.ts";
import type { Authenticator, Caller, Credentials } from "./authenticate.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The account whose key it is; 0 unless the path needs one. */
    accountId: number;
    /** That account's UUID; undefined as long as it is not known. */
    accountUuid: string | undefined;
    /** Whether that account's messages are priced, as far as is known. */
    priced: boolean;
    /** The organization whose key it is, its own or an account's; 0 unless the path needs one. */
    organizationId: number;
    /** The name of that key, or its identifier; of the operator's "operator". */
    keyName: string;
    /** The store, in the turn of whose key it is. */
    database: Connections;
  }
}

/** A request, as far as it tells who calls, and whose it is found to be. */
export interface Admitted {
  query: unknown;
  headers: IncomingHttpHeaders;
  accountId: number;
  accountUuid?: string | undefined;
  priced: boolean;
  organizationId: number;
  keyName?: string;
  /** As `hashedKey`, for those of its connection. */
  hashed?: (key: string) => HashedKey;
}

type Hook = (request: Admitted & { method: string }) => Promise<void>;

/**
 * Who may call a path: hooks for `onRequest`, which let those on and say whose key it is. Reading is open to a key of any
 * scope, and everything else to `admin` alone, but for sending.
 */
export interface Access {
  account: Hook;
  /** An account's key that may send. */
  sending: Hook;
  /** The same without a promise where there is nothing to wait for. */
  sendingAtOnce(request: Admitted): Promise<void> | undefined;
  organization: Hook;
  operator: Hook;
  /** Tells which of the two calls, to read. */
  organizationOrOperator(request: Admitted): Promise<Caller | "operator">;
  /** Tells who calls, whoever it is. */
  anybody(request: Admitted): Promise<Caller | "operator">;
}

/** Takes a token of an account's or an organization's; answers the seconds until there is one, 0 where there was. */
export type TakeToken = (holder: string) => Promise<number>;

/** Whose changes the operator's are. */
const OPERATOR = "operator";

/** Each opens what those before it do. */
const SCOPES: readonly KeyScope[] = ["read", "send", "admin"];

/**
 * @param takeToken null where requests are not limited
 * @param store lets nobody wait for a store that does not answer
 * @param mustHaveRead refuses an account (or an organization, by its number below 0) that leaves too much unread
 */
export function accessOf(
  authenticator: Authenticator,
  takeToken: TakeToken | null,
  store: Pick<StoreWatch, "mustAnswer">,
  mustHaveRead: (caller: number) => void,
): Access {
  const takeTokenOf = async (take: TakeToken, { account, organizationId }: Caller): Promise<void> => {
    const wait = await take(account === null ? `organization ${organizationId}` : `account ${account.id}`);
    if (wait > 0) {
      const whose = account === null ? "organization" : "account";
      throw new Rejected("too-many-requests", `The ${whose} asks more often than is allowed.`, [], Math.ceil(wait));
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
