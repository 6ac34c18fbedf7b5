import { Api } from "./api/client.ts";
import { ProblemError } from "./api/problem.ts";

/** Whose key it is. */
export type Holder = "account" | "organization" | "operator";

export interface Session {
  key: string;
  holder: Holder;
}

/** What each kind of key opens and no other does: whichever answers tells the kind. */
const OPENED_BY: readonly (readonly [Holder, string])[] = [
  ["account", "/batch"],
  ["organization", "/sender"],
  ["operator", "/carriers"],
];
const ITEM = "messaging-plus";
/** What a header field can hold, without spaces (RFC 9110 §5.5). */
const SENDABLE = /^[\x21-\x7e]+$/;

/** Asks the server whose key it is. @throws ProblemError that of the first try where the key is nobody's */
export async function sessionOf(key: string): Promise<Session> {
  if (!SENDABLE.test(key)) {
    throw new ProblemError({ title: "This is no key", detail: "A key has no spaces, and no letters with accents." });
  }
  const api = new Api(key);
  let refusal: unknown;
  for (const [holder, path] of OPENED_BY) {
    try {
      await api.get(path, { limit: 1 });
      return { key, holder };
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.status !== 401) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

/** The session of this tab. It ends with the tab, and no other tab has it. */
export function storedSession(): Session | null {
  const text = sessionStorage.getItem(ITEM);
  return text === null ? null : (JSON.parse(text) as Session);
}

export function storeSession(session: Session | null): void {
  // What else is kept of a session ends with it.
  if (session === null) sessionStorage.clear();
  else sessionStorage.setItem(ITEM, JSON.stringify(session));
}
