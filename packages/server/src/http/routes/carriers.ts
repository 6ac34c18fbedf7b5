import type { FastifyInstance, FastifyRequest } from "fastify";
import { CHANNELS, type Channel, USUAL_CHANNEL } from "../../message/channel.ts";
import { isUuid } from "../../message/id.ts";
import { normaliseMsisdn } from "../../message/msisdn.ts";
import { normaliseSenderId } from "../../message/sender-id.ts";
import { explainRoute } from "../../route/explain.ts";
import { type FieldFault, Rejected } from "../../runtime/errors.ts";
import { type Action, audit, INSTALLATION } from "../../store/accounts/audit.ts";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { NOT_A_CURSOR, OWN_PAGE_QUERY, queryFaults, readQuery, withPlus } from "../query.ts";
import { NOT_A_NUMBER, NOT_A_SENDER } from "../send/rules.ts";
import { noFields } from "./no-fields.ts";

/** Parameters of `GET /route`. */
export const ROUTE_QUERY = { to: "text", account: "text", sender: "text", channel: "text" } as const;

/** `/carriers` and `/route`: the state of this program's carriers, and the route of a message. */
export function carrierRoutes(app: FastifyInstance, options: AppOptions, { operator: onRequest }: Access): void {
  const { carriers, pauseCarrier, reload } = options;
  const noBody = noFields(options.config.server.unknownFields);
  app.get("/carriers", { onRequest }, async (request) => {
    const query = readQuery(request.query as Record<string, unknown>, OWN_PAGE_QUERY);
    const { limit = 100, after } = query;
    const all = await carriers();
    const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
    if (after !== undefined && from === 0) {
      throw queryFaults(NOT_A_CURSOR);
    }
    const items = all.slice(from, from + limit);
    return { items, next: from + limit < all.length ? (items.at(-1)?.id ?? null) : null };
  });

  const change = async (request: FastifyRequest<{ Params: { id: string } }>, paused: boolean) => {
    const { id } = request.params;
    readQuery(request.query as Record<string, unknown>, {});
    noBody(request);
    if (!options.config.carriers.some((carrier) => carrier.id === id)) {
      throw new Rejected("not-found", "There is no carrier of this id in the configuration.");
    }
    await pauseCarrier(id, paused);
    await note(request, paused ? "carrier.pause" : "carrier.resume", id);
    return { id, paused };
  };

  app.post<{ Params: { id: string } }>("/carriers/:id/pause", { onRequest }, async (request) => change(request, true));

  app.post<{ Params: { id: string } }>("/carriers/:id/resume", { onRequest }, async (request) =>
    change(request, false),
  );

  app.get("/route", { onRequest }, async (request) => {
    const query = readQuery(request.query as Record<string, unknown>, ROUTE_QUERY);
    const { channel = USUAL_CHANNEL, account = null } = query;
    const faults: FieldFault[] = [];
    const to = normaliseMsisdn(withPlus(query.to ?? ""));
    const sender = query.sender === undefined ? null : normaliseSenderId(withPlus(query.sender));
    if (query.to === undefined) faults.push({ path: "?to", message: "is required" });
    else if (to === null) faults.push({ path: "?to", message: NOT_A_NUMBER });
    if (query.sender !== undefined && sender === null) faults.push({ path: "?sender", message: NOT_A_SENDER });
    if (account !== null && !isUuid(account)) faults.push({ path: "?account", message: "is not a UUID" });
    if (!(CHANNELS as readonly string[]).includes(channel))
      faults.push({ path: "?channel", message: `must be one of ${CHANNELS.join(", ")}` });
    if (faults.length > 0) throw queryFaults(...faults);
    return explainRoute(
      options.config,
      { to: to as string, channel: channel as Channel, account: account?.toLowerCase() ?? null, sender },
      await carriers(),
    );
  });

  app.post("/reload", { onRequest }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    noBody(request);
    const answer = await reload();
    if (answer.kind === "refused") {
      throw new Rejected("configuration-invalid", `${answer.detail} Nothing has changed.`, answer.faults.slice(0, 100));
    }
    await note(request, "configuration.reload", "configuration");
    const { changed, restart, others } = answer;
    return { changed, restart, others };
  });
}

/** Notes a change that the operator made to the installation. */
function note({ database, keyName }: FastifyRequest, action: Action, object: string): Promise<void> {
  return audit(database, { organizationId: INSTALLATION, keyName }, action, object);
}
