import { OPT_OUT_QUERY } from "../../http/routes/opt-outs.ts";
import { ACCOUNT, AT, END, HANDSET } from "../examples.ts";
import { type Operation, query } from "../operation.ts";
import { OptOuts, OptOutsRemoved } from "../operator-answers.ts";
import { after, limit } from "./delivery.ts";

const common = { group: "Erasure", key: "organization" } as const;

export const optOuts: Operation[] = [
  {
    ...common,
    ...query(OPT_OUT_QUERY, {
      number: { description: "The handset; needed.", schema: { type: "string" }, example: HANDSET },
      limit: { ...limit, description: `${limit.description} 100 unless told.` },
      after,
    }),
    id: "list-opt-outs",
    method: "GET",
    path: "/opt-outs",
    summary: "See whether a handset has opted out",
    description:
      "Which accounts do not send to it any more. A number is needed: of those that have opted out a keyed hash alone is kept, so that erasure takes nothing from them, and no list of them can be made.",
    answer: {
      description: "A page of accounts.",
      schema: OptOuts,
      example: { items: [{ account_uuid: ACCOUNT, number: HANDSET, at: AT }], ...END },
    },
  },
  {
    ...common,
    id: "delete-opt-outs",
    method: "DELETE",
    path: "/opt-outs/{number}",
    summary: "Take a handset's opt-out back",
    description:
      "For all accounts of the organization, as `START` from the handset does for one. Do it where its owner has asked for it alone. One that has not opted out is no fault; [the audit](#list-audit) has who did.",
    pathParameters: { number: { description: "The handset.", schema: { type: "string" }, example: HANDSET } },
    query: {},
    answer: { description: "Done.", schema: OptOutsRemoved, example: { number: HANDSET, accounts: 1 } },
    problems: ["not-found"],
  },
];
