import { InvalidArgumentError } from "commander";
import { signatureHeaders } from "../../notify/sign.ts";
import type { Headers, Seen } from "./seen.ts";

const LOCAL = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/;
/** Fields that belong to the connection, or that the new request sets itself. */
const OWN_FIELDS = new Set(["host", "content-length", "connection", "keep-alive", "transfer-encoding", "expect"]);
/** As long as the platform itself waits, in ms. */
const TIMEOUT_MS = 10_000;

/** A URL on this machine: webhooks are passed on to programs under development here, and nowhere else. */
export function parseLocalUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.protocol !== "http:") throw new InvalidArgumentError("It is not an http URL.");
  if (!LOCAL.test(url.hostname)) throw new InvalidArgumentError("It is not on this machine.");
  return url;
}

/** A local program's answer, or why there is none. */
export type Forwarded = { status: number; type: string | null; body: Buffer } | { fault: string };

/** Passes a webhook on as it came. With secrets it is signed anew, with the present time. */
export async function forward(seen: Seen, target: URL, secrets: readonly string[] = []): Promise<Forwarded> {
  const headers = { ...fieldsOf(seen.headers), ...signed(seen, secrets) };
  try {
    const { method, body } = seen;
    const init = { method, headers, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
    const response = await fetch(target, method === "GET" || method === "HEAD" ? init : { ...init, body });
    const answer = Buffer.from(await response.arrayBuffer());
    return { status: response.status, type: response.headers.get("content-type"), body: answer };
  } catch (error) {
    const { cause, message } = error as Error;
    return {
      fault: cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code || message : message,
    };
  }
}

function fieldsOf(headers: Headers): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !OWN_FIELDS.has(name)) fields[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return fields;
}

function signed({ headers, body }: Seen, secrets: readonly string[]): Record<string, string> {
  const id = headers["webhook-id"];
  if (secrets.length === 0 || typeof id !== "string") return {};
  return { ...signatureHeaders({ id, timestampSeconds: Math.floor(Date.now() / 1_000), body, secrets }) };
}
