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
const FAULTS = "The body has faults; each is named in errors.";

export const PROBLEM_WORDS: Record<ProblemName, DocumentedProblem> = {
  "invalid-key": {
    words:
      "No key came with the request, or the one in its query does not work here: it is unknown, revoked, of a deactivated account, or of the wrong kind (an account's where the organization's is needed, or the other way round).",
    example: problem("invalid-key", "The key in the query is not a key that works here."),
  },
  "invalid-token": {
    words: "As [invalid-key](#problem-invalid-key), for a key that came as a bearer token.",
    example: problem("invalid-token", "The bearer token is not a key that works here."),
    headers: { "WWW-Authenticate": 'As RFC 6750 has it: `Bearer error="invalid_token"`.' },
  },
  "malformed-request": {
    words:
      "What came is no HTTP request, names no host or several (`Host`), or its path or query cannot be decoded; `detail` says which.",
    example: problem("malformed-request", "The path or the query cannot be read."),
  },
  "malformed-body": {
    words:
      "The body is empty, is not UTF-8, is not JSON, is nested far deeper than any that is known here, or has more than 150,000 values; `detail` says which.",
    example: problem("malformed-body", "The body is empty; a JSON object is needed."),
  },
  "wrong-credentials": {
    words:
      "A carrier's provider has to show a user name and a password here (the carrier's `auth`), and they are missing or wrong.",
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
    example: problem("unsupported-content-coding", "A body with a Content-Encoding is not read here."),
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
      "The configuration that is to be read anew has faults; `errors` names each, with the path of its key. The one before goes on.",
    example: problem("configuration-invalid", "The configuration is not valid. Nothing has changed.", [
      { path: "routes[0].carriers[1]", message: 'there is no carrier "acme"' },
    ]),
  },
  "credits-short": {
    words:
      "The account has fewer credits than the request costs, or the organization fewer than are to be moved. Top up and send it again.",
    example: problem("credits-short", "It costs 36 credits; the account has 24."),
  },
  "insufficient-scope": {
    words:
      "The key is the right one for this path, and its [scope](#keys) does not open it: a `read` key opens every `GET`, a `send` key sends and cancels as well, an `admin` key everything.",
    example: problem("insufficient-scope", 'The key\'s scope is "read"; "send" is needed here.'),
    headers: { "WWW-Authenticate": 'As RFC 6750 has it: `Bearer error="insufficient_scope"`.' },
  },
  "wrong-signature": {
    words:
      "An event to `/rcs/{carrier}` is not signed with the client token of that carrier, or what comes to `/carriers/{id}` not by its provider. Nothing of it was taken.",
    example: problem("wrong-signature", "The X-Goog-Signature is not that of this carrier's client token."),
  },
  "sender-not-yours": {
    words:
      "The sender ID is registered to another account or organization, is a number of the shared pool, or is registered to nobody where the server takes registered ones alone (`senders.unregistered`).",
    example: problem("sender-not-yours", "The request names senders that are not this account's.", [
      { path: "messages[0].from.value", message: "is registered to another" },
    ]),
  },
  "not-found": {
    words: "There is nothing under this path or identifier, or it is somebody else's: the two are never told apart.",
    example: problem("not-found", "There is no such batch."),
  },
  "method-not-allowed": {
    words: "The path is known, under other methods.",
    example: problem("method-not-allowed", "This path takes POST."),
    headers: { Allow: "The methods that it takes." },
  },
  "request-timeout": {
    words: "The header was not in within 15 seconds, or the whole request not within 60. The connection is closed.",
    example: problem("request-timeout", "The request did not arrive in time."),
  },
  "identifier-used": {
    words: "An identifier that the request gives was used before by this account. Identifiers are never free again.",
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
      "Every number of the shared pool is locked to another account for this handset, or the organization's accounts have as many for it as they may (`senders.sharedPerOrganization`, 5 unless configured). Nothing of the request was sent, and no number locked.",
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
    words:
      "The `system_id` is another credential's, of this account or of any other. Take another, or none: one is made up.",
    example: problem("system-id-used", 'The system_id "shop" is used already.', [
      { path: "system_id", message: "is used already" },
    ]),
  },
  "last-admin-key": {
    words:
      "The key is the organization's last one with the scope `admin` that nothing ends: without it nobody could manage the organization. Make another first.",
    example: problem("last-admin-key", "It is the organization's last key that opens everything; make another."),
  },
  "body-too-large": {
    words:
      "The body is larger than the server takes: for `POST /message` and `POST /batch` `server.bodyLimitBytes`, 8 MiB unless configured; for all else 64 KiB. Send it in parts. With `Expect: 100-continue` it is answered before the body is sent.",
    example: problem("body-too-large", "The body is beyond the server's limit."),
  },
  "expectation-failed": {
    words: "The header `Expect` has something else than `100-continue`.",
    example: problem("expectation-failed", "The server does not know what the request expects."),
  },
  "too-many-requests": {
    words:
      "The account, or the organization with its own keys, asks more often than the server allows (`limits.requestsPerSecond`, not limited unless configured), whichever of its keys it uses.",
    example: problem("too-many-requests", "The account asks more often than is allowed."),
    headers: RETRY_AFTER,
  },
  "too-many-replays": {
    words:
      "The account has had more webhooks replayed than the server allows (`limits.replaysPerMinute`, 6000 unless configured). Nothing of this request was replayed. A large replay is done whole, and the next one waits until as many as it had are within the limit.",
    example: problem("too-many-replays", "The account replays more webhooks than is allowed."),
    headers: RETRY_AFTER,
  },
  "headers-too-large": {
    words: "The request's header, its first line included, has more than 16 KiB.",
    example: problem("headers-too-large", "The request's header is too large."),
  },
  "internal-error": {
    words:
      "A fault of ours, noted in the server's log. Whether the request was taken is not known; an `Idempotency-Key` makes it safe to repeat.",
    example: problem("internal-error", "The fault is noted in the server's log; nothing of this request is promised."),
  },
  "unsupported-transfer-coding": {
    words: "The request has a `Transfer-Encoding` that is not `chunked` alone. The connection is closed.",
    example: problem("unsupported-transfer-coding", "The only Transfer-Encoding that is read here is chunked."),
  },
  "query-too-slow": {
    words:
      "What is looked for is so rare, or the time so long, that the store would be kept from sending: ask for a shorter time, with `since` and `until`.",
    example: problem(
      "query-too-slow",
      "The search takes the store too long; a shorter time between since and until makes it shorter.",
    ),
    headers: RETRY_AFTER,
  },
  overloaded: {
    words:
      "As much is being taken in as there is memory for: of your account, or of all together. A request waits for some seconds before it is answered so, and nothing of it was taken. Of bodies of more than 256 KiB an account has one taken in at a time. It is also answered to a caller who leaves more than 16 MiB of answers unread. Send it again after `Retry-After`.",
    example: problem("overloaded", "Nothing of this request was taken."),
    headers: RETRY_AFTER,
  },
  "no-progress": {
    words:
      "What sends and tells has stopped, though the store answers: the program is to be started again. `detail` says what.",
    example: problem("no-progress", "This does not go on: the engine's event loop."),
  },
  "store-unavailable": {
    words:
      "The store is out of reach, its disk is nearly full (`database.minFreeBytes`), or requests of this account have waited for it too long. The same request may succeed in a moment; an `Idempotency-Key` makes it safe to repeat.",
    example: problem("store-unavailable", "The store is out of reach; nothing of this request is promised."),
    headers: RETRY_AFTER,
  },
};
