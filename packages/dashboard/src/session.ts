import type { Me } from "@messaging-plus/sdk";
import { clientOf } from "./api/client.ts";

export interface Session {
  key: string;
  /** Whose key it is, as it was when it was entered. */
  me: Me;
}

const ITEM = "messaging-plus-session";
/** What a header field can hold, without spaces (RFC 9110 §5.5). */
const SENDABLE = /^[\x21-\x7e]+$/;

/**
 * Asks the server whose key it is.
 * @throws ProblemError where it is nobody's; TypeError where it can be none
 */
export async function sessionOf(key: string): Promise<Session> {
  if (!SENDABLE.test(key)) throw new TypeError("A key has neither spaces nor letters with accents");
  return { key, me: await clientOf(key).keys.me() };
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
