import type { HttpCarrierConfig } from "../../config/carriers.ts";
import { encodeUcs2, isGsm } from "../../message/gsm.ts";
import { bodyKind, ESCAPES, inHeader, inUrl, render } from "../../runtime/template.ts";
import type { WaitingMessage } from "../../store/messages/waiting-message.ts";
import type { HttpRequest } from "../http-client.ts";

/** A number as E.164 has it with a plus; a short code or a name stays as it is. */
const NUMBER = /^\d{7,15}$/;
const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

/**
 * The request that hands a message over, from the operator's templates.
 * @param receiptUrl where its receipts are to come
 */
export function submitRequest(
  { id, destination, sender, body: text, parts, expiresAt, deliverBy }: WaitingMessage,
  { submit, credentials }: Pick<HttpCarrierConfig, "submit" | "credentials">,
  receiptUrl: string,
  now: number,
): HttpRequest {
  const validity = Math.max(1, Math.ceil(((deliverBy ?? expiresAt) - now) / 1_000));
  const values = new Map<string, string>([
    ["to", destination],
    ["from", sender],
    ["fromPlus", NUMBER.test(sender) ? `+${sender}` : sender],
    ["text", text],
    ["textHex", encodeUcs2(text).toString("hex")],
    ["id", id],
    ["parts", String(parts)],
    ["validity", String(validity)],
    ["receiptUrl", receiptUrl],
    ...Object.entries(credentials).map(([name, value]) => [`credentials.${name}`, value] as const),
  ]);
  const { method, unicode } = submit;
  const beyondGsm = !isGsm(text);
  const url = (beyondGsm ? unicode.url : null) ?? submit.url ?? "";
  const body = (beyondGsm ? unicode.body : null) ?? submit.body;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(submit.headers)) {
    headers[name.toLowerCase()] = render(value, values, inHeader);
  }
  const target = new URL(render(url, values, inUrl));
  if (target.username !== "" || target.password !== "") {
    headers.authorization ??= basic(decodeURIComponent(target.username), decodeURIComponent(target.password));
    target.username = "";
    target.password = "";
  }
  if (body === null) return { method, url: target.href, headers, body: null };
  headers["content-type"] ??= typeof body === "object" || /^\s*[[{]/.test(body) ? JSON_TYPE : FORM;
  const kind = bodyKind(headers["content-type"]) ?? "text";
  return { method, url: target.href, headers, body: written(body, kind, values) };
}

function written(
  body: string | Record<string, unknown>,
  kind: keyof typeof ESCAPES,
  values: ReadonlyMap<string, string>,
): string {
  if (typeof body === "string") return render(body, values, ESCAPES[kind]);
  const filled = filledIn(body, values) as Record<string, unknown>;
  if (kind !== "form") return JSON.stringify(filled);
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(filled)) form.append(name, String(value));
  return form.toString();
}

/** What is a number in an object of its own: `"{validity}"` becomes 60, and not "60". */
const NUMERIC = /^\{(parts|validity)\}$/;

function filledIn(node: unknown, values: ReadonlyMap<string, string>): unknown {
  if (typeof node === "string") {
    const text = render(node, values, (value) => value);
    return NUMERIC.test(node) ? Number(text) : text;
  }
  if (Array.isArray(node)) return node.map((entry) => filledIn(entry, values));
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, filledIn(value, values)]));
}

/** RFC 7617. */
function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
