import { sign } from "node:crypto";
import type { Clock } from "../../runtime/clock.ts";
import type { ServiceAccount } from "../../runtime/service-account.ts";
import type { Post } from "../http-client.ts";

/** (https://developers.google.com/business-communications/rcs-business-messaging/reference/rest/v1/phones.agentMessages/create) */
const SCOPE = "https://www.googleapis.com/auth/rcsbusinessmessaging";
/** RFC 7523 §2.1. */
const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/** The longest validity that Google takes (https://developers.google.com/identity/protocols/oauth2/service-account). */
const ASSERTION_SECONDS = 3_600;
/** How long before its end a token is renewed, in ms: a request with it may be under way for a while. */
const RENEW_BEFORE_MS = 60_000;

interface Token {
  text: string;
  /** Epoch milliseconds. */
  until: number;
}

/** The access token of a service account: requested on first use, kept, and renewed before its end. */
export class AccessToken {
  readonly #account: ServiceAccount;
  readonly #post: Post;
  readonly #clock: Clock;
  #token: Token | null = null;
  #asking: Promise<Token> | null = null;

  constructor(account: ServiceAccount, post: Post, clock: Clock) {
    this.#account = account;
    this.#post = post;
    this.#clock = clock;
  }

  /** Rejects if there is no answer, or no token in it. */
  async get(): Promise<string> {
    const { text } =
      this.#token !== null && this.#clock.now() < this.#token.until - RENEW_BEFORE_MS ? this.#token : await this.#ask();
    return text;
  }

  /** Drops a token that was refused. */
  forget(text: string): void {
    if (this.#token?.text === text) this.#token = null;
  }

  /** One request at a time serves all callers. */
  #ask(): Promise<Token> {
    this.#asking ??= this.#request().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #request(): Promise<Token> {
    const now = this.#clock.now();
    const form = new URLSearchParams({ grant_type: GRANT_TYPE, assertion: assertion(this.#account, now) });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const { status, body } = await this.#post(this.#account.tokenUri, headers, form.toString());
    const token = status === 200 ? readToken(body, now) : null;
    if (token === null) throw new Error(`no access token: the answer was ${status} ${codeIn(body)}`);
    this.#token = token;
    return token;
  }
}

/** The JWT (RFC 7519) with which the account asks for a token, signed with RS256 (RFC 7518 §3.3). */
export function assertion({ clientEmail, privateKeyId, privateKey, tokenUri }: ServiceAccount, now: number): string {
  const iat = Math.floor(now / 1_000);
  const header = { alg: "RS256", typ: "JWT", ...(privateKeyId === null ? {} : { kid: privateKeyId }) };
  const claims = { iss: clientEmail, scope: SCOPE, aud: tokenUri, iat, exp: iat + ASSERTION_SECONDS };
  const signed = `${base64url(header)}.${base64url(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
}

/** The answer of RFC 6749 §5.1; null if it is none. */
export function readToken(body: string, now: number): Token | null {
  const { access_token, expires_in } = fieldsOf(body);
  if (typeof access_token !== "string" || !/^[\x21-\x7e]+$/.test(access_token)) return null;
  const seconds = typeof expires_in === "number" && expires_in > 0 ? expires_in : ASSERTION_SECONDS;
  return { text: access_token, until: now + seconds * 1_000 };
}

/** The error code of RFC 6749 §5.2, as far as it is fit for the log. */
function codeIn(body: string): string {
  const { error } = fieldsOf(body);
  return typeof error === "string" ? error.slice(0, 100) : "";
}

function fieldsOf(body: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
