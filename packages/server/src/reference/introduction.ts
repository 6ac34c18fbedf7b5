/** What holds for every operation, in Markdown: the beginning of the reference. */
export const INTRODUCTION = `Messaging Plus sends text messages. It accepts them over HTTP, hands them to carriers, and tells you by webhook what became of each.

A request that is answered with 200 is committed to disk: whatever crashes afterwards, each of its messages goes on to exactly one end, and its webhook is delivered at least once or kept for you to replay.

## Keys

A key goes into the query, \`?key=…\`, or into the header \`Authorization: Bearer …\`, which does not show in the logs of proxies. There are three kinds, and each opens its own operations alone:

| key | opens | where it comes from |
|---|---|---|
| account | messages, batches, webhooks, inbound messages | [POST /account](#create-account), or the start of the server |
| organization | accounts, their secrets and webhook addresses, sender IDs, erasure | [POST /organization](#create-organization), or the start of the server |
| operator | organizations, carriers | \`operatorKey\` in the configuration |

An account and an organization may have [further keys](#further-keys), each with a scope: \`read\` opens every \`GET\` of its kind; \`send\` that, and for an account \`POST /message\`, \`POST /batch\` and \`DELETE /batch/{uuid}\`; \`admin\` everything. The key that an account or organization was made with is \`admin\`. What a scope does not open is 403, [insufficient-scope](#problem-insufficient-scope). [GET /me](#get-me) tells whose a key is.

\`/health\`, \`/docs\`, \`/openapi.json\`, \`/dr-responses\`, the files of \`/dashboard\` and, unless \`metrics.key\` is configured, \`/metrics\` need none. A missing or wrong key in the query is 400, a wrong bearer token 401. Where both are given, the query counts.

## Requests

Bodies are JSON in UTF-8, and are read as such whatever their \`Content-Type\` says; a \`Content-Encoding\` is refused. A request is taken whole or refused whole. Unknown fields and parameters are faults, so that \`sendAt\` for \`send_at\` does not send at once; \`server.unknownFields: "ignore"\` in the configuration takes unknown fields, except near misses. \`true\` and \`false\` in the query may be written in any case. Of a field that is there twice the last counts.

Where a field or identifier is a UUID, its case does not matter. Times are ISO 8601; those that are answered are in UTC and end in \`Z\`.

## Answers

Every success is 200. Every refusal is problem details by RFC 9457, \`application/problem+json\`: \`type\` names the kind of problem, always the same for the same fault, and leads to [its words here](#problems); \`errors\` names each field at fault. No cache may keep an answer (\`Cache-Control: no-store\`), but for the pages of this server that are the same for everybody.

Every answer has \`X-Request-Id\`, by which the server's log knows the request: yours, where it has 1 to 64 letters, digits, dots, dashes and underscores, or else one of the server's own. Name it when you ask what became of a request.

## Lists

Our own lists answer \`{items, next}\`. \`next\` is the cursor of the next page: give it as \`after\`, with the same filters; it is null at the end. What is added meanwhile does not shift the pages.

## Units and credits

A text is sent in parts: one of 160 characters of the GSM alphabet or 70 of UCS-2, or several of 153 or 67. Where an organization has credits on, a message costs its parts, whichever channel it takes; a request that costs more than the account has is refused as [credits-short](#problem-credits-short). Credits of a scheduled batch are held when it is accepted and freed when it is cancelled. A failed message is not refunded.`;

/** Of the requests that the program makes. */
export const ON_WEBHOOKS = `Requests that the program makes to your URLs: a \`POST\` over HTTP/1.1 with a JSON body, the same bytes on every try.

Any 2xx is success, decided when its headers are in. Everything else, redirects too, and every failure to get an answer is tried again, up to 5 times: after 5 s, 1 min, 10 min, 1 h and 6 h by default otherwise (\`callbacks.retryDelays\`), each lengthened by up to a fifth at random. \`Retry-After\` on a 429 or 503 lengthens the wait by an hour at most; that of a 429 holds for the whole endpoint, which goes on at the rate that it took. A try may take 10 s in all. After the last try the webhook is exhausted: kept, [listed](#list-webhooks), and [replayable](#replay-webhooks).

Delivery is at least once, and not in order: tell repeats by \`webhook-id\`. Where the account has [secrets](#create-secret), each try is signed as [Standard Webhooks](https://www.standardwebhooks.com) has it: HMAC-SHA256 of \`{webhook-id}.{webhook-timestamp}.{body}\` under the bytes that follow \`whsec_\` in base64.`;

export const ON_RECEIPT_CODES =
  "The final word on a message: what [GET /dr-responses](#list-receipt-codes) answers, and the `code` of receipts. With the simulator, the number of a row ends with its code.";

export const ON_SIMULATOR =
  "Where no carrier is configured, the simulator plays it: nothing leaves the machine. It delivers every message a second after it was submitted, to whatever number, but for those of the table above, and these. All of them are reserved for fiction and belong to nobody. An answer comes after the receipt, where the sender is a number that is registered or of the shared pool.";
