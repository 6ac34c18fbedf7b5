import type { Reply } from "./replies.ts";
import type { Seen } from "./seen.ts";
import { signatureFault } from "./verify.ts";

/** A webhook and what became of it here. */
export interface Shown {
  seen: Seen;
  /** How often its webhook-id was seen, this time counted. */
  times: number;
  reply: Reply;
  /** Why it was not answered as wanted; null where it was. */
  fault: string | null;
  /** To verify it with; none: it is not verified. */
  secrets: readonly string[];
}

export function asJson({ seen, times, reply, fault, secrets }: Shown): string {
  const signature = secrets.length === 0 ? {} : { verified: wrong(seen, secrets) === null };
  return JSON.stringify({ ...seen, times, reply, ...(fault === null ? {} : { fault }), ...signature });
}

export function asText({ seen, times, reply, fault, secrets }: Shown): string {
  const { method, url, headers, body } = seen;
  const id = headers["webhook-id"];
  const parts = [
    new Date(seen.at).toTimeString().slice(0, 8),
    `${method} ${url}`,
    reply === "drop" ? "dropped" : `answered ${reply}`,
    ...(fault === null ? [] : [`(${fault})`]),
    ...(id === undefined ? [] : [`webhook-id ${String(id)}`]),
    ...(times > 1 ? [`seen ${times} times`] : []),
    signatureText(seen, secrets),
  ];
  return `\n${parts.join("  ")}\n${readable(body)}\n`;
}

function signatureText(seen: Seen, secrets: readonly string[]): string {
  if (secrets.length > 0) {
    const fault = wrong(seen, secrets);
    return fault === null ? "signature verified" : `SIGNATURE WRONG: ${fault}`;
  }
  return seen.headers["webhook-signature"] === undefined ? "not signed" : "signed (--secret verifies it)";
}

function wrong({ headers, body, at }: Seen, secrets: readonly string[]): string | null {
  return signatureFault(headers, body, secrets, Date.parse(at));
}

function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
