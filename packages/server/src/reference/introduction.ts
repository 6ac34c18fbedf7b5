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

A missing or wrong key in the query is 400, a wrong bearer token 401. Where both are given, the query counts.

## Requests

Bodies are JSON in UTF-8, and are read as such whatever their \`Content-Type\` says. A request is taken whole or refused whole. Unknown fields and parameters are faults, so that \`sendAt\` for \`send_at\` does not send at once; \`server.unknownFields: "ignore"\` in the configuration takes unknown fields, except near misses. \`true\` and \`false\` in the query may be written in any case.

Where a field or identifier is a UUID, its case does not matter. Times are ISO 8601; those that are answered are in UTC and end in \`Z\`.

## Answers

Every success is 200. Every refusal is problem details by RFC 9457, \`application/problem+json\`: \`type\` names the kind of problem, always the same for the same fault, and leads to [its words here](#problems); \`errors\` names each field at fault.

## Lists

Our own lists answer \`{items, next}\`. \`next\` is the cursor of the next page: give it as \`after\`, with the same filters; it is null at the end. What is added meanwhile does not shift the pages.

## Units and credits

A text is sent in parts: one of 160 characters of the GSM alphabet or 70 of UCS-2, or several of 153 or 67. Where an organization has credits on, a message costs its parts, whichever channel it takes; a request that costs more than the account has is refused as [credits-short](#problem-credits-short). Credits of a scheduled batch are held when it is accepted and freed when it is cancelled. A failed message is not refunded.`;
