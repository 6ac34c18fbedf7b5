import { clientOf } from "./api/client.ts";

/** Whose key it is. */
export type Holder = "account" | "organization" | "operator";

export interface Session {
  key: string;
  holder: Holder;
}

const ITEM = "messaging-plus";
/** What a header field can hold, without spaces (RFC 9110 §5.5). */
const SENDABLE = /^[\x21-\x7e]+$/;

/**
 * Asks the server whose key it is.
 * @throws ProblemError where it is nobody's; TypeError where it can be none
 */
export async function sessionOf(key: string): Promise<Session> {
  if (!SENDABLE.test(key)) throw new TypeError("A key has neither spaces nor letters with accents");
  const { kind } = await clientOf(key).keys.me();
  return { key, holder: kind };
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
