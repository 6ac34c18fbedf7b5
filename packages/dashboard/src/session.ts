import { type MessagingPlus, ProblemError } from "@messaging-plus/sdk";
import { clientOf } from "./api/client.ts";

/** Whose key it is. */
export type Holder = "account" | "organization" | "operator";

export interface Session {
  key: string;
  holder: Holder;
}

/** What each kind of key opens and no other does: whichever answers tells the kind. */
const OPENED_BY: readonly (readonly [Holder, (api: MessagingPlus) => Promise<unknown>])[] = [
  ["account", (api) => api.batches.pending({ limit: 1 }).page()],
  ["organization", (api) => api.senders.list({ limit: 1 }).page()],
  ["operator", (api) => api.operator.carriers({ limit: 1 }).page()],
];
const ITEM = "messaging-plus";
/** What a header field can hold, without spaces (RFC 9110 §5.5). */
const SENDABLE = /^[\x21-\x7e]+$/;

/**
 * Asks the server whose key it is.
 * @throws ProblemError that of the first try where the key is nobody's; TypeError where it can be none
 */
export async function sessionOf(key: string): Promise<Session> {
  if (!SENDABLE.test(key)) throw new TypeError("A key has neither spaces nor letters with accents");
  const api = clientOf(key);
  let refusal: unknown;
  for (const [holder, ask] of OPENED_BY) {
    try {
      await ask(api);
      return { key, holder };
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status !== 401) throw error;
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
