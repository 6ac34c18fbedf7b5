import { ACCOUNT, AT, KEY } from "../examples.ts";
import type { Operation } from "../operation.ts";
import { Audit } from "../operator-answers.ts";
import { ownPaged } from "./delivery.ts";

export const audit: Operation[] = [
  {
    ...ownPaged,
    id: "list-audit",
    method: "GET",
    path: "/audit",
    group: "Further keys",
    key: "manager",
    summary: "See who changed what",
    description:
      "Every change that was made with a key of the organization's, or to it by the operator: written in the transaction of the change, so that there is none without the other. The operator's key opens it too, for all organizations. The operator also sees who paused or resumed a carrier and who reloaded the configuration; that is written once it is done. What comes over SMPP or from handsets, and messages, are no such changes.",
    answer: {
      description: "A page of changes.",
      schema: Audit,
      example: {
        items: [
          { at: AT, key: "Back office", action: "account.topup", object: ACCOUNT },
          { at: AT, key: KEY, action: "account.create", object: ACCOUNT },
        ],
        next: "41",
      },
    },
  },
];
