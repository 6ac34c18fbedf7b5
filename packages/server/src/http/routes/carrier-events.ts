import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";
import type { HttpCarrierConfig } from "../../config/carriers.ts";
import { Rejected } from "../../runtime/errors.ts";
import { type Fields, fieldIn, formFields, holds, jsonFields } from "../../runtime/fields.ts";
import { bodyKind } from "../../runtime/template.ts";
import { parseBody } from "../body.ts";
import { admitCarrier, unknownCarrier } from "../carrier-auth.ts";
import { mustBeProviders, type SignedRequest } from "../carrier-signature.ts";
import type { AppOptions } from "../context.ts";

const TEXT = "text/plain";
/** A provider's receipt has a few hundred bytes, a text with all its fields some thousands. */
const MAX_BYTES = 64 * 1024;
/** Most receipts or texts in one request. */
const MOST_ITEMS = 1_000;
/** Parameters of a request that is signed: they are sorted before it is known whose they are. A provider has some dozens. */
const MOST_SIGNED = 500;

export const CarrierEvent = Type.Unknown({
  title: "CarrierEvent",
  description: "JSON or a form, as the provider has it: the carrier's settings say where in it what stands.",
});

type Kind = "receipts" | "inbound";

/**
 * `/carriers/{id}/receipts` and `/carriers/{id}/inbound`: receipts and inbound messages from the providers of HTTP carriers.
 * Answered after the commit.
 */
export function carrierEventRoutes(app: FastifyInstance, options: AppOptions): void {
  const { store, takeEvent } = options;
  const { publicUrl } = options.config.server;
  const carrierOf = ({ params }: FastifyRequest, kind: Kind): HttpCarrierConfig => {
    const carrier = options.config.carriers.find(({ id }) => id === (params as { id: string }).id);
    if (carrier?.type !== "http" || !takes(carrier, kind)) throw unknownCarrier();
    return carrier;
  };
  const routes = (kind: Kind) => ({
    options: {
      bodyLimit: MAX_BYTES,
      exposeHeadRoute: false,
      // No caller here has a key: the provider is checked before a body is read.
      onRequest: async (request: FastifyRequest): Promise<void> => {
        const { secret } = request.params as { secret?: string };
        admitCarrier(carrierOf(request, kind), { headers: request.headers, secret });
      },
    },
    handler: async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const carrier = carrierOf(request, kind);
      if (carrier.auth === "signature") mustBeProviders(carrier, signedOf(request, publicUrl));
      const event = { kind, items: itemsOf(fieldsOf(request, carrier[kind]), carrier, kind) };
      store.mustCommit();
      if (event.items.length > 0 && !(await takeEvent(carrier.id, event))) {
        throw new Rejected("store-unavailable", "The request could not be stored; send it again.", [], 1);
      }
      return reply.type(TEXT).send(carrier[kind].answer);
    },
  });
  const [receipts, inbound] = [routes("receipts"), routes("inbound")];
  app.get("/carriers/:id/receipts", receipts.options, receipts.handler);
  app.post("/carriers/:id/receipts", receipts.options, receipts.handler);
  app.get("/carriers/:id/inbound", inbound.options, inbound.handler);
  app.post("/carriers/:id/inbound", inbound.options, inbound.handler);
  // The same for a carrier with a secret.
  for (const [kind, { options, handler }] of Object.entries({ receipts, inbound })) {
    app.route({ method: ["GET", "POST"], url: `/carriers/:id/${kind}/:secret`, ...options, handler });
  }
}

function takes({ receipts, inbound }: HttpCarrierConfig, kind: Kind): boolean {
  return kind === "receipts" ? receipts.id !== null : inbound.from !== null;
}

/** The body of a request, and whether it is JSON or else a form: read in one way, it cannot be signed in another. */
function bodyOf({ method, body, bodyType }: FastifyRequest): { octets: Buffer; isJson: boolean } {
  const octets = method !== "GET" && Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const kind = bodyKind(bodyType);
  const isJson = kind === "json" || (kind !== "form" && /^\s*[[{]/.test(octets.toString("latin1", 0, 64)));
  return { octets, isJson: isJson && octets.length > 0 };
}

/** A request as its provider may have signed it. @throws Rejected `body-too-large` for more than any provider sends */
function signedOf(request: FastifyRequest, publicUrl: string | null): SignedRequest {
  const { method, raw, headers } = request;
  const { octets, isJson } = bodyOf(request);
  const path = raw.url ?? "/";
  const origins =
    publicUrl === null ? ["https:", "http:"].map((scheme) => `${scheme}//${headers.host ?? "localhost"}`) : [publicUrl];
  const [queryText, formText] = [path.split("?")[1] ?? "", isJson ? "" : octets.toString()];
  // Counted before they are parsed.
  const all = [queryText, formText].filter((text) => text !== "").join("&");
  if (all.split("&", MOST_SIGNED + 1).length > MOST_SIGNED) {
    throw new Rejected("body-too-large", `There are more than ${MOST_SIGNED} parameters.`);
  }
  const query = new URLSearchParams(queryText);
  const form = [...new URLSearchParams(formText)];
  return {
    method,
    urls: origins
      .filter((origin) => URL.canParse(origin))
      .flatMap((origin) => [origin + path, withPort(origin) + path]),
    headers,
    body: octets,
    isJson,
    form,
    parameters: () => {
      const own = isJson ? Object.entries<unknown>(Object(parseBody(octets, undefined))) : form;
      return [...query, ...own];
    },
  };
}

/** With the default port of its scheme, if it names none. */
function withPort(origin: string): string {
  const { protocol, host, port, pathname } = new URL(origin);
  if (port !== "") return origin;
  return `${protocol}//${host}:${protocol === "https:" ? 443 : 80}${pathname.replace(/\/$/, "")}`;
}

/** The request's fields: those of its body, and those of its query where the body has none of the name. */
function fieldsOf(request: FastifyRequest, settings: HttpCarrierConfig[Kind]): Fields {
  const inQuery = formOf(request.url.split("?")[1] ?? "", settings);
  const { octets, isJson } = bodyOf(request);
  if (octets.length === 0) return inQuery;
  const own = isJson ? jsonFields(parseBody(octets, undefined)) : formOf(octets.toString(), settings);
  return {
    ...own,
    first: (place) => own.first(place) ?? inQuery.first(place),
    all: (place) => [...own.all(place), ...inQuery.all(place)],
  };
}

/** The fields of a form, of which one says which charset its text is in. */
function formOf(form: string, settings: HttpCarrierConfig[Kind]): Fields {
  const { text = null, charset = null } = "text" in settings ? settings : {};
  const label = charset === null ? null : new URLSearchParams(form).get(charset);
  if (text === null || label === null) return formFields(form);
  return formFields(form, (place) => (place === text ? fieldIn(form, text, label) : null));
}

function itemsOf(fields: Fields, { receipts, inbound }: HttpCarrierConfig, kind: Kind): object[] {
  const { each, when } = kind === "receipts" ? receipts : inbound;
  if (!holds(fields, when)) return [];
  const entries = each === null ? [fields] : fields.each(each);
  if (entries.length > MOST_ITEMS) throw new Rejected("body-too-large", `There are more than ${MOST_ITEMS} at once.`);
  const at = (entry: Fields, place: string | null): string | null => (place === null ? null : entry.first(place));
  if (kind === "receipts") {
    const { id, state, error } = receipts;
    return entries.map((entry) => ({
      id: at(entry, id),
      state: at(entry, state),
      error: at(entry, error),
      text: entry.text(),
    }));
  }
  const { from, to, text, id, reference, total, sequence } = inbound;
  return entries.map((entry) => ({
    from: at(entry, from),
    to: at(entry, to),
    text: at(entry, text),
    id: at(entry, id),
    reference: at(entry, reference),
    total: at(entry, total),
    sequence: at(entry, sequence),
  }));
}
