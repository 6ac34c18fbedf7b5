import Type from "typebox";
import { MAX_LIMIT, OWN_PAGE_QUERY, PAGE_QUERY } from "../../http/query.ts";
import { ALL_BATCHES_QUERY } from "../../http/routes/all-batches.ts";
import { STATUS_QUERY } from "../../http/routes/batches.ts";
import { FORMATS } from "../../http/routes/csv-answer.ts";
import { RECEIPT_CODES } from "../../message/receipt-codes.ts";
import { BatchStatus, Identifier, PendingBatches, ReceiptCodes } from "../answers.ts";
import { BATCH, HANDSET, MESSAGE } from "../examples.ts";
import { BatchList } from "../message-answers.ts";
import { type Operation, query } from "../operation.ts";

export const limit = { description: `Rows in a page, 1 to ${MAX_LIMIT}.` };
export const after = { description: "The cursor that the page before named in `next`." };
const page = { limit: { ...limit, description: `${limit.description} 100 unless told.` }, after };
/** @param more what is to be said of the path's own */
export const csv = (more: string) => ({
  description: `\`csv\` for the same as CSV (RFC 4180) with a header, all of it unless \`limit\` is given, streamed. A text that a spreadsheet would take for a formula has an apostrophe in front. ${more}`,
  schema: { type: "string", enum: [...FORMATS] },
});
/** A list that is read in pages, whatever its cursors are. */
export const paged = query(PAGE_QUERY, page);
export const ownPaged = query(OWN_PAGE_QUERY, page);
const pathParameters = {
  uuid: { description: "The batch's identifier: ours, or the one that it was given.", example: BATCH },
};

export const delivery: Operation[] = [
  {
    id: "get-batch-status",
    method: "GET",
    path: "/batch/{uuid}",
    group: "Delivery status",
    summary: "See what became of a batch",
    description:
      "Counts cost the same for one message and for 100,000. Counts and rows agree in every answer. Without `limit` and `after` all rows come in one answer, which is streamed. Where `content`, `limit`, `after` or `format` is given, an organization's key and the operator's open it, too.",
    key: "account",
    pathParameters,
    ...query(STATUS_QUERY, {
      details: { description: "Whether each message is told too.", example: "true" },
      content: { description: "Whether `content` says what it sends; not with `details=true`." },
      limit: { ...limit, description: `${limit.description} Only with \`details=true\`.` },
      after: { ...after, description: `${after.description} Only with \`details=true\`.` },
      format: csv("Only with `details=true`; `info` is two columns, `code` and `description`."),
    }),
    answer: {
      description: "How the messages ended, as far as it is known.",
      schema: BatchStatus,
      example: {
        counts: { total: 2, delivered: 1, failed: 1 },
        details: [
          {
            destination: HANDSET,
            delivered: true,
            failed: false,
            batchuuid: BATCH,
            messageuuid: MESSAGE,
            info: { code: "00", description: "Successful" },
          },
          {
            destination: "+447700900534",
            delivered: false,
            failed: true,
            batchuuid: BATCH,
            messageuuid: `${MESSAGE.slice(0, -1)}2`,
            info: { code: "22", description: "No response from the SME (e.g. phone switched off)" },
          },
        ],
      },
    },
  },
  {
    id: "list-pending-batches",
    method: "GET",
    path: "/batch",
    group: "Delivery status",
    summary: "List what is held for its time, or all batches",
    description:
      "Without `limit` and `after` all that is pending comes in one answer, which is streamed. With `all=true` it is every batch, the newest first, in pages as [messages](#list-messages) are; a single message is a batch of its own. That is opened by an organization's key and the operator's too.",
    key: "account",
    ...query(
      { ...ALL_BATCHES_QUERY, ...OWN_PAGE_QUERY },
      {
        all: { description: "Every batch, not only what is pending: `{items: [...], next}`." },
        from: { description: "Only from this sender; with `all=true`." },
        since: { description: "Only those accepted at this time or later, ISO 8601; with `all=true`." },
        until: { description: "Only those accepted before this time, ISO 8601; with `all=true`." },
        limit,
        after,
      },
    ),
    problems: ["query-too-slow"],
    answer: {
      description: "The pending batches, or a page of all.",
      schema: Type.Union([PendingBatches, BatchList]),
      example: {
        batches: [{ identifier: BATCH, at: "2030-01-31T17:00:00.000Z", from: "MyShop", messagecount: 2, unitcount: 1 }],
      },
    },
  },
  {
    id: "cancel-batch",
    method: "DELETE",
    path: "/batch/{uuid}",
    group: "Delivery status",
    summary: "Cancel a batch that is held",
    description:
      "Frees its credits. From then on the batch is unknown, and no webhook comes for it. A batch that is being sent, or was, cannot be cancelled.",
    key: "account",
    pathParameters,
    query: {},
    answer: { description: "Cancelled.", schema: Identifier, example: { identifier: BATCH } },
    problems: ["batch-not-pending"],
  },
  {
    id: "list-receipt-codes",
    method: "GET",
    path: "/dr-responses",
    group: "Delivery status",
    summary: "List the receipt codes",
    description:
      "What the codes of receipts mean; [the whole table](#receipt-codes) is below. 00 to 1F are delivered, all others failed.",
    key: null,
    query: {},
    answer: {
      description: "A bare array, in a fixed order.",
      schema: ReceiptCodes,
      example: RECEIPT_CODES.slice(0, 3).map(({ code, description }) => ({ code, description })),
    },
  },
];
