import { type Problem, problem } from "../http/problems.ts";
import type { ProblemName } from "../runtime/problems.ts";
import { MESSAGE } from "./examples.ts";

/** A kind of problem: when it is answered and what to do, and an answer as an example. */
export interface DocumentedProblem {
  /** Markdown. */
  words: string;
  example: Problem;
  /** Header fields that its answer has. */
  headers?: Record<string, string>;
}

const RETRY_AFTER = { "Retry-After": "Seconds until the same request may succeed." };
const FAULTS = "The request has faults; each is named in errors.";

export const PROBLEM_WORDS: Record<ProblemName, DocumentedProblem> = {
  "invalid-key": {
    words:
      "The request has no key, or the key in its query is invalid here: unknown, revoked, of a deactivated account, or of the wrong kind (an account's in place of the organization's, or the other way round).",
    example: problem("invalid-key", "The key in the query is not a key that works here."),
  },
  "invalid-token": {
    words: "As [invalid-key](#problem-invalid-key), for a bearer token.",
    example: problem("invalid-token", "The bearer token is not a key that works here."),
    headers: { "WWW-Authenticate": 'As RFC 6750 has it: `Bearer error="invalid_token"`.' },
  },
  "malformed-request": {
    words:
      "The input is no HTTP request, names no host or several (`Host`), or its path or query cannot be decoded; `detail` says which.",
    example: problem("malformed-request", "The path or the query cannot be read."),
  },
  "malformed-body": {
    words:
      "The body is empty, is not UTF-8, is not JSON, is nested too deep, or has more than 150,000 values; `detail` says which.",
    example: problem("malformed-body", "The body is empty; a JSON object is needed."),
  },
  "wrong-credentials": {
    words: "The user name and the password of the carrier's provider (the carrier's `auth`) are missing or wrong.",
    example: problem("wrong-credentials", "The user name and password are not those of this carrier's `auth`."),
    headers: { "WWW-Authenticate": "As RFC 7617 has it: `Basic`." },
  },
  "unsupported-media-type": {
    words:
      "The body is not JSON, and its `Content-Type` says that it is something else. (JSON is read whatever its type says.)",
    example: problem("unsupported-media-type", "The body is not JSON (it is not UTF-8), and its type says text/xml."),
  },
  "unsupported-content-coding": {
    words: "The body has a `Content-Encoding` (gzip, say). Send it as it is.",
    example: problem("unsupported-content-coding", "Send the body without a Content-Encoding."),
    headers: { "Accept-Encoding": "`identity`: bodies as they are." },
  },
  "invalid-request": {
    words:
      "Fields of the body, parameters of the query or a header are at fault. `errors` names each, the first 100; `path` is as in `messages[1].to`, and `?limit` for a parameter. Nothing of the request was taken.",
    example: problem("invalid-request", FAULTS, [
      {
        path: "messages[1].to",
        message: "is not a mobile number in E.164: 7 to 15 digits with the country's code, + or not",
      },
      { path: "messages[2].sendAt", message: "is not known here" },
    ]),
  },
  "configuration-invalid": {
    words:
      "The new configuration has faults; `errors` names each, with the path of its key. The old one stays in force.",
    example: problem("configuration-invalid", "The configuration is not valid. Nothing has changed.", [
      { path: "routes[0].carriers[1]", message: 'there is no carrier "acme"' },
    ]),
  },
  "credits-short": {
    words:
      "The account has fewer credits than the request costs, or the organization fewer than it should move. Top up and send the request again.",
    example: problem("credits-short", "It costs 36 credits; the account has 24."),
  },
  "insufficient-scope": {
    words:
      "The key's [scope](#keys) does not open this path: a `read` key opens every `GET`, a `send` key sends and cancels as well, an `admin` key everything.",
    example: problem("insufficient-scope", 'The key\'s scope is "read"; "send" is needed here.'),
    headers: { "WWW-Authenticate": 'As RFC 6750 has it: `Bearer error="insufficient_scope"`.' },
  },
  "wrong-signature": {
    words:
      "An event to `/rcs/{carrier}` is not signed with the client token of that carrier, or a request to `/carriers/{id}` is not signed by its provider. Nothing of it was taken.",
    example: problem("wrong-signature", "The X-Goog-Signature is not that of this carrier's client token."),
  },
  "sender-not-yours": {
    words:
      "The sender ID is registered to another account or organization, is a number of the shared pool, or is registered to nobody while the server takes only registered ones (`senders.unregistered`).",
    example: problem("sender-not-yours", "The request names senders that are not this account's.", [
      { path: "messages[0].from.value", message: "is registered to another" },
    ]),
  },
  "not-found": {
    words: "The path or identifier is unknown, or belongs to somebody else: the answer is the same.",
    example: problem("not-found", "There is no such batch."),
  },
  "method-not-allowed": {
    words: "The path exists for other methods; `Allow` lists them.",
    example: problem("method-not-allowed", "This path takes POST."),
    headers: { Allow: "The methods that it takes." },
  },
  "request-timeout": {
    words: "The header took more than 15 seconds, or the whole request more than 60. The connection is closed.",
    example: problem("request-timeout", "The request did not arrive in time."),
  },
  "identifier-used": {
    words: "This account used an identifier of the request before. Identifiers are never free again.",
    example: problem("identifier-used", `Used before by this account: ${MESSAGE}.`, [
      { path: "messages[0].id", message: "was used before by this account" },
    ]),
  },
  "idempotency-key-used": {
    words: "The `Idempotency-Key` came with another body within the last 24 hours.",
    example: problem("idempotency-key-used", 'Another request was sent under the key "order-1234-confirmation".'),
  },
  "no-shared-number": {
    words:
      "Every number of the shared pool is locked to another account for this handset, or the organization's accounts have the most that they may have for it (`senders.sharedPerOrganization`, 5 by default). Nothing of the request was sent, and no number locked.",
    example: problem("no-shared-number", "No number of the shared pool is left for a handset.", [
      { path: "messages[0].from", message: "no number of the shared pool is left for this handset" },
    ]),
  },
  "sender-registered": {
    words: "Somebody has registered this sender ID, or it is a number of the shared pool.",
    example: problem("sender-registered", "MyShop is registered already; it can be deleted by its owner."),
  },
  "batch-not-pending": {
    words: "The batch is being sent, or was: it is too late to cancel it.",
    example: problem("batch-not-pending", "The batch is being sent, or was."),
  },
  "too-many-secrets": {
    words: "The account has two secrets already.",
    example: problem("too-many-secrets", "The account has 2 secrets; remove one to add another."),
  },
  "too-many-keys": {
    words: "The account, or the organization, has 100 live keys already. Revoke one to add another.",
    example: problem("too-many-keys", "There are 100 keys; revoke one to add another."),
  },
  "too-many-credentials": {
    words: "The account has 100 SMPP credentials already. Delete one to add another.",
    example: problem("too-many-credentials", "There are 100; delete one to add another."),
  },
  "system-id-used": {
    words: "Another credential has this `system_id`. Choose another, or leave it out: the server makes one up.",
    example: problem("system-id-used", 'The system_id "shop" is used already.', [
      { path: "system_id", message: "is used already" },
    ]),
  },
  "last-admin-key": {
    words:
      "This is the organization's last key with the scope `admin` and without an end: without it nobody could manage the organization. Make another first.",
    example: problem("last-admin-key", "This is the organization's last admin key; make another one first."),
  },
  "body-too-large": {
    words:
      "The body exceeds the limit: for `POST /message` and `POST /batch` `server.bodyLimitBytes`, 8 MiB by default; for all others 64 KiB. Send it in parts. With `Expect: 100-continue` it is answered before the body is sent.",
    example: problem("body-too-large", "The body is beyond the server's limit."),
  },
  "expectation-failed": {
    words: "The header `Expect` is not `100-continue`.",
    example: problem("expectation-failed", "The server does not know what the request expects."),
  },
  "too-many-requests": {
    words:
      "The account, or the organization with its own keys, sends more requests than the server allows (`limits.requestsPerSecond`, no limit by default), over all its keys together.",
    example: problem("too-many-requests", "The account sends more requests than its limit allows."),
    headers: RETRY_AFTER,
  },
  "too-many-replays": {
    words:
      "The account has replayed more webhooks than the server allows (`limits.replaysPerMinute`, 6000 by default). Nothing of this request was replayed. A large replay is done whole, and the next one waits until its number is within the limit.",
    example: problem("too-many-replays", "The account replays more webhooks than is allowed."),
    headers: RETRY_AFTER,
  },
  "headers-too-large": {
    words: "The request's header, its first line included, has more than 16 KiB.",
    example: problem("headers-too-large", "The request's header is too large."),
  },
  "internal-error": {
    words:
      "A fault of the server, which is in its log. The request may have been taken; an `Idempotency-Key` makes it safe to repeat.",
    example: problem("internal-error", "The fault is noted in the server's log; nothing of this request is promised."),
  },
  "unsupported-transfer-coding": {
    words: "The request has a `Transfer-Encoding` that is not `chunked` alone. The connection is closed.",
    example: problem("unsupported-transfer-coding", "Only the Transfer-Encoding chunked is supported."),
  },
  "query-too-slow": {
    words:
      "The search would take so long that it would slow down sending. Ask for a shorter time, with `since` and `until`.",
    example: problem(
      "query-too-slow",
      "The search takes the store too long; a shorter time between since and until makes it shorter.",
    ),
    headers: RETRY_AFTER,
  },
  overloaded: {
    words:
      "The memory for requests is full: that of your account, or that of all together. The request has waited for some seconds, and nothing of it was taken. Of bodies over 256 KiB an account has one taken in at a time. The same answer goes to a caller who leaves more than 16 MiB of answers unread. Send it again after `Retry-After`.",
    example: problem("overloaded", "Nothing of this request was taken."),
    headers: RETRY_AFTER,
  },
  "no-progress": {
    words:
      "Sending or reporting has stopped, although the store answers: restart the program. `detail` says which work.",
    example: problem("no-progress", "Work has stopped: the engine's event loop."),
  },
  "store-unavailable": {
    words:
      "The store is out of reach, its disk is nearly full (`database.minFreeBytes`), or requests of this account have waited for it too long. The same request may succeed in a moment; an `Idempotency-Key` makes it safe to repeat.",
    example: problem("store-unavailable", "The store is out of reach; nothing of this request is promised."),
    headers: RETRY_AFTER,
  },
};
