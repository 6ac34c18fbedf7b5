import type { FastifyInstance } from "fastify";
import { eraseHandset } from "../../account/erase-handset.ts";
import { normaliseMsisdn } from "../../message/msisdn.ts";
import { Rejected } from "../../runtime/errors.ts";
import { audit, handsetShown } from "../../store/accounts/audit.ts";
import type { Access } from "../access.ts";
import { readQuery } from "../query.ts";
import { NOT_A_NUMBER } from "../send/rules.ts";

/** `DELETE /handset/{number}`: erases a handset from an organization's history. */
export function handsetRoutes(app: FastifyInstance, { organization: onRequest }: Access): void {
  app.delete<{ Params: { number: string } }>("/handset/:number", { onRequest }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    const handset = normaliseMsisdn(request.params.number);
    if (handset === null) {
      const fault = { path: "number", message: NOT_A_NUMBER };
      throw new Rejected("invalid-request", "The path has faults.", [fault]);
    }
    // Before the steps, each a transaction of its own: the audit has the erasure even if it is cut off.
    await audit(request.database, request, "handset.erase", handsetShown(handset));
    return eraseHandset(request.database, request.organizationId, handset);
  });
}
