import type { HttpCarrierConfig } from "../../config/carriers.ts";
import { encodeUcs2, isGsm } from "../../message/gsm.ts";
import { bodyKind, ESCAPES, inHeader, inUrl, render, type Values } from "../../runtime/template.ts";
import type { WaitingMessage } from "../../store/messages/waiting-message.ts";
import type { HttpRequest } from "../http-client.ts";

/** A number to write with a plus in E.164; a short code or a name stays as it is. */
const NUMBER = /^\d{7,15}$/;
const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

/**
 * The request that submits a message, from the operator's templates.
 * @param receiptUrl the URL for its receipts
 */
export function submitRequest(
  { id, destination, sender, body: text, parts, expiresAt, deliverBy }: WaitingMessage,
  { submit, credentials }: Pick<HttpCarrierConfig, "submit" | "credentials">,
  receiptUrl: string,
  now: number,
): HttpRequest {
  const seconds = Math.max(1, Math.ceil(((deliverBy ?? expiresAt) - now) / 1_000));
  const values: Values = (name, within) => {
    switch (name) {
      case "to":
        return destination;
      case "from":
        return sender;
      case "fromPlus":
        return NUMBER.test(sender) ? `+${sender}` : sender;
      case "text":
        return text;
      case "textHex":
        return encodeUcs2(text).toString("hex");
      case "id":
        return id;
      case "parts":
        return String(parts);
      case "validity":
        return String(within(seconds));
      case "validityMs":
        return String(within(seconds * 1_000));
      case "validityMinutes":
        return String(within(Math.ceil(seconds / 60)));
      case "expiresAt":
        return new Date(now + within(seconds) * 1_000).toISOString();
      case "receiptUrl":
        return receiptUrl;
      default:
        return credentials[name.slice("credentials.".length)] ?? "";
    }
  };
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

function written(body: string | Record<string, unknown>, kind: keyof typeof ESCAPES, values: Values): string {
  if (typeof body === "string") return render(body, values, ESCAPES[kind]);
  const filled = filledIn(body, values) as Record<string, unknown>;
  if (kind !== "form") return JSON.stringify(filled);
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(filled)) form.append(name, String(value));
  return form.toString();
}

/** Fields that become numbers if they stand alone: `"{validity}"` becomes 60, and not "60". */
const NUMERIC = /^\{(parts|validity(Ms|Minutes)?)(:\d+:\d+)?\}$/;

function filledIn(node: unknown, values: Values): unknown {
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
