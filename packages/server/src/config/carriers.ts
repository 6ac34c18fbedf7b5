import { resolve } from "node:path";
import Type, { type Static } from "typebox";
import { CHANNELS, channelOf, USUAL_CHANNEL } from "../message/channel.ts";
import { NATIONAL_LANGUAGES } from "../message/national-languages.ts";
import { isReceiptCode } from "../message/receipt-codes.ts";
import { isConfidential, readServiceAccount } from "../runtime/service-account.ts";
import { oneOf, port, type Sound, seconds, strict } from "./kinds.ts";

/** The keys of carriers and routes. */

const carrierId = Type.String({ pattern: "^[A-Za-z0-9._-]{1,64}$" });
const nationalLanguages = Type.Array(Type.Enum([...NATIONAL_LANGUAGES]), { uniqueItems: true, default: [] });

const Simulator = Type.Object(
  { id: carrierId, type: Type.Literal("simulator"), receiptDelay: seconds(1), nationalLanguages },
  strict,
);

const Smpp = Type.Object(
  {
    id: carrierId,
    type: Type.Literal("smpp"),
    host: Type.String({ minLength: 1 }),
    port: port(2775),
    systemId: Type.String({ maxLength: 15 }),
    password: Type.String({ maxLength: 64, default: "" }),
    systemType: Type.String({ maxLength: 12, default: "" }),
    bind: oneOf(["transceiver", "split"], "transceiver"),
    binds: Type.Integer({ minimum: 1, maximum: 64, default: 1 }),
    window: Type.Integer({ minimum: 1, maximum: 10_000, default: 100 }),
    throughput: Type.Number({ minimum: 0, default: 0 }),
    tls: Type.Boolean({ default: false }),
    longMessages: oneOf(["udh8", "udh16", "payload"], "udh8"),
    nationalLanguages,
    senderEncoding: oneOf(["latin1", "gsm"], "latin1"),
    longMessageReceipts: oneOf(["all", "first", "last"], "all"),
    messageIds: oneOf(["auto", "exact", "hex-in-submit", "hex-in-receipt", "reference"], "auto"),
    accepted: oneOf(["intermediate", "final"], "intermediate"),
    errorCodes: Type.Record(Type.String(), Type.String({ pattern: "^(00|[0-9A-Fa-f]{1,2})$" }), { default: {} }),
    responseTimeout: seconds(10, 0.05),
    enquireLink: seconds(30, 0.05),
  },
  strict,
);

const Rcs = Type.Object(
  {
    id: carrierId,
    type: Type.Literal("rcs"),
    baseUrl: Type.String({ pattern: "^https?://[^\\s/?#@]+(/[^\\s?#]*)?$" }),
    agentId: Type.String({ minLength: 1 }),
    credentialsFile: Type.String({ minLength: 1 }),
    clientToken: Type.Union([Type.String({ minLength: 1 }), Type.Null()], { default: null }),
    window: Type.Integer({ minimum: 1, maximum: 10_000, default: 100 }),
    throughput: Type.Number({ minimum: 0, default: 0 }),
    responseTimeout: seconds(10, 0.05),
  },
  strict,
);

export const Route = Type.Object(
  {
    to: Type.String({ pattern: "^[0-9]{0,15}$", default: "" }),
    channel: oneOf(CHANNELS, USUAL_CHANNEL),
    carriers: Type.Array(Type.String(), { minItems: 1 }),
  },
  strict,
);

export const Carrier = Type.Union([Simulator, Smpp, Rcs]);

export type SmppCarrierConfig = Static<typeof Smpp>;
export type SimulatorConfig = Static<typeof Simulator>;
export type RcsCarrierConfig = Static<typeof Rcs>;
export type CarrierConfig = Static<typeof Carrier>;
export type RouteConfig = Static<typeof Route>;

/** The carriers and routes of a configuration without what is not sound. */
interface SoundCarriers {
  carriers?: Sound<CarrierConfig[]>;
  routes?: Sound<RouteConfig[]>;
}

/** What no single field of carriers and routes shows, and what is wrong with the files that they name. */
export function carrierFaults({ carriers = [], routes = [] }: SoundCarriers, cwd: string): string[] {
  const faults: string[] = [];
  const ids = carriers.map((carrier) => carrier?.id);
  ids.forEach((id, index) => {
    if (id !== undefined && ids.indexOf(id) !== index) faults.push(`carriers[${index}].id: "${id}" is there twice`);
  });
  routes.forEach((route, index) => {
    route?.carriers?.forEach((id, at) => {
      // One that is not sound may be the one that is meant.
      if (!ids.includes(id) && !ids.includes(undefined))
        faults.push(`routes[${index}].carriers[${at}]: there is no carrier "${id}"`);
      const type = carriers[ids.indexOf(id)]?.type;
      if (type !== undefined && route.channel !== undefined && channelOf({ type }) !== route.channel)
        faults.push(`routes[${index}].carriers[${at}]: "${id}" is not a carrier for ${route.channel}`);
    });
  });
  carriers.forEach((carrier, index) => {
    if (carrier?.type === "smpp" && carrier.longMessages === "payload" && (carrier.nationalLanguages ?? []).length > 0)
      faults.push(`carriers[${index}].nationalLanguages: need longMessages "udh8" or "udh16"; a payload has no header`);
    for (const [error, code] of Object.entries((carrier?.type === "smpp" && carrier.errorCodes) || {})) {
      if (code !== undefined && !isReceiptCode(code.toUpperCase()))
        faults.push(`carriers[${index}].errorCodes.${error}: "${code}" is not a receipt code`);
    }
  });
  return [...faults, ...rcsFaults(carriers, cwd)];
}

/** What an RCS carrier needs beyond the file: a way that keeps its token secret, and a key. */
function rcsFaults(carriers: Sound<CarrierConfig[]>, cwd: string): string[] {
  return carriers.flatMap((carrier, index) => {
    if (carrier?.type !== "rcs") return [];
    const faults: string[] = [];
    const { baseUrl, credentialsFile } = carrier;
    if (baseUrl !== undefined && !isConfidential(baseUrl))
      faults.push(`carriers[${index}].baseUrl: must be an https URL`);
    try {
      if (credentialsFile !== undefined) readServiceAccount(resolve(cwd, credentialsFile));
    } catch (error) {
      faults.push(`carriers[${index}].credentialsFile: ${(error as Error).message}`);
    }
    return faults;
  });
}
