import { read } from "../../http/field-rules.ts";
import { Erasure } from "../answers.ts";
import { HANDSET } from "../examples.ts";
import type { Operation } from "../operation.ts";

export const erasure: Operation[] = [
  {
    id: "erase-handset",
    method: "DELETE",
    path: "/handset/{number}",
    group: "Erasure",
    summary: "Erase a handset from history",
    description:
      "Texts and addresses of all messages to and from it go, for every account of the organization; counts, codes, times and identifiers stay. What is held for later is not sent. What is under way goes on, and is erased once it has ended. Opt-outs hold. The same request again erases what has come since.",
    key: "organization",
    pathParameters: {
      number: {
        description: "The handset: E.164, with or without `+`.",
        schema: read("msisdn", {}),
        example: HANDSET.slice(1),
      },
    },
    query: {},
    answer: {
      description: "What was erased.",
      schema: Erasure,
      example: { messages: 12, inbound: 3, scheduled: 1, pending: 2 },
    },
  },
];
