import type { FastifyInstance } from "fastify";
import { normaliseMsisdn } from "../../message/msisdn.ts";
import { Rejected } from "../../runtime/errors.ts";
import { audit, handsetShown } from "../../store/accounts/audit.ts";
import { transaction } from "../../store/database.ts";
import { optOutsOf, removeOptOutsOf } from "../../store/handsets/opt-outs.ts";
import { wakeOthers } from "../../store/wakeups.ts";
import type { Access } from "../access.ts";
import { PAGE_QUERY, readQuery, withPlus } from "../query.ts";
import { NOT_A_NUMBER } from "../send/rules.ts";

export const OPT_OUT_QUERY = { ...PAGE_QUERY, number: "text" } as const;

/** `/opt-outs`: the accounts of an organization that a handset has opted out of, and undoing that. */
export function optOutRoutes(app: FastifyInstance, { organization: onRequest }: Access): void {
  app.get("/opt-outs", { onRequest }, async (request) => {
    const { limit = 100, after = null, number } = readQuery(request.query as Record<string, unknown>, OPT_OUT_QUERY);
    const handset = normaliseMsisdn(withPlus(number ?? ""));
    if (handset === null) throw refused("query", "?number");
    const rows = await optOutsOf(request.database, request.organizationId, handset, after, limit + 1);
    const items = rows.slice(0, limit).map(({ account, at }) => {
      return { account_uuid: account, number: `+${handset}`, at: at.toISOString() };
    });
    return { items, next: rows.length > limit ? (items.at(-1)?.account_uuid ?? null) : null };
  });

  app.delete<{ Params: { number: string } }>("/opt-outs/:number", { onRequest }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    const handset = normaliseMsisdn(request.params.number);
    if (handset === null) throw refused("path", "number");
    const accounts = await transaction(request.database, async (client) => {
      const removed = await removeOptOutsOf(client, request.organizationId, handset);
      if (removed === 0) return 0;
      await audit(client, request, "opt-out.delete", handsetShown(handset));
      await wakeOthers(client, "optOuts");
      return removed;
    });
    return { number: `+${handset}`, accounts };
  });
}

function refused(where: "query" | "path", path: string): Rejected {
  return new Rejected("invalid-request", `The ${where} has faults.`, [{ path, message: NOT_A_NUMBER }]);
}
