import type { FastifyInstance } from "fastify";
import { ENDPOINT_STATES } from "../../message/endpoint-state.ts";
import {
  type EndpointCursor,
  type EndpointRow,
  FIRST_ENDPOINTS,
  listEndpoints,
} from "../../store/webhooks/endpoint-states.ts";
import type { Access } from "../access.ts";
import { NOT_A_CURSOR, OWN_PAGE_QUERY, queryFaults, readQuery } from "../query.ts";

const CURSOR = /^([0-2])\.(\d{1,10})\.(-?\d{1,10})$/;

/** `GET /endpoints`: the state of the endpoints of an account, of an organization's accounts, or of all for the operator. */
export function endpointRoutes(app: FastifyInstance, { anybody }: Access): void {
  app.get("/endpoints", async (request) => {
    const caller = await anybody(request);
    const { limit = 100, after } = readQuery(request.query as Record<string, unknown>, OWN_PAGE_QUERY);
    const of = {
      accountId: caller === "operator" ? null : (caller.account?.id ?? null),
      organizationId: caller === "operator" ? null : caller.organizationId,
    };
    const rows = await listEndpoints(request.database, of, cursorOf(after), limit + 1);
    const last = rows[limit - 1];
    const next = rows.length > limit && last !== undefined ? `${last.state}.${last.accountId}.${last.endpoint}` : null;
    return { items: rows.slice(0, limit).map(item), next };
  });
}

function cursorOf(after: string | undefined): EndpointCursor {
  if (after === undefined) return FIRST_ENDPOINTS;
  const [state, accountId, endpoint] = (CURSOR.exec(after) ?? []).slice(1).map(Number);
  const isWhole = [accountId, endpoint].every((number) => number === undefined || Math.abs(number) <= 2 ** 31 - 1);
  if (state === undefined || accountId === undefined || endpoint === undefined || !isWhole) {
    throw queryFaults(NOT_A_CURSOR);
  }
  return { state, accountId, endpoint };
}

function item(row: EndpointRow) {
  return {
    origin: row.origin,
    account_uuid: row.account,
    state: ENDPOINT_STATES[row.state],
    since: row.since.toISOString(),
    waiting: row.waiting,
    next_probe_at: row.nextProbeAt?.toISOString() ?? null,
    last: { at: row.lastAt.toISOString(), status: row.lastStatus, fault: row.lastFault },
  };
}
