import { resolve } from "node:path";
import Type, { type Static } from "typebox";
import { CHANNELS, channelOf, USUAL_CHANNEL } from "../message/channel.ts";
import { UUID } from "../message/id.ts";
import { NATIONAL_LANGUAGES } from "../message/national-languages.ts";
import { isReceiptCode } from "../message/receipt-codes.ts";
import { normaliseSenderId } from "../message/sender-id.ts";
import { TLV_HEX, TLV_TAG, type TlvValues, tlvFaults } from "../message/tlvs.ts";
import { isObject } from "../runtime/is-object.ts";
import { isConfidential, readServiceAccount } from "../runtime/service-account.ts";
import { type CarrierTls, readCarrierTls, TlsFileFault } from "../runtime/tls-files.ts";
import { httpCarrierFaults, httpCarrierKeys } from "./http-carrier.ts";
import { oneOf, port, type Sound, seconds, strict } from "./kinds.ts";

/** The keys of carriers and routes. */

const CARRIER_ID = /^[A-Za-z0-9._-]{1,64}$/;
const carrierId = Type.String({ pattern: CARRIER_ID.source });
const nationalLanguages = Type.Array(Type.Enum([...NATIONAL_LANGUAGES]), { uniqueItems: true, default: [] });

const Simulator = Type.Object(
  { id: carrierId, type: Type.Literal("simulator"), receiptDelay: seconds(1), nationalLanguages },
  strict,
);

const integer = (maximum: number) => Type.Integer({ minimum: 0, maximum });
/** Type of number and numbering plan (SMPP 3.4 §5.2.5, §5.2.6), or by the form of the address. */
const autoTon = Type.Union([Type.Literal("auto"), integer(7)], { default: "auto" });
const autoNpi = Type.Union([Type.Literal("auto"), integer(18)], { default: "auto" });
const numberFormat = Type.Union(
  [
    Type.Enum(["international", "plus", "00"]),
    Type.Object(
      {
        national: Type.String({ pattern: "^[1-9][0-9]{0,2}$" }),
        prefix: Type.String({ pattern: "^[0-9]{0,4}$", default: "0" }),
      },
      strict,
    ),
  ],
  { default: "international" },
);
const coding = (fallback: number | null) => Type.Union([integer(255), Type.Null()], { default: fallback });
/** TLVs that a message, or each message of a carrier, has beside the standard's fields. */
const tlvs = Type.Record(
  Type.String({ pattern: TLV_TAG }),
  Type.Union([Type.String(), Type.Object({ hex: Type.String({ pattern: TLV_HEX }) }, strict)]),
  { ...strict, default: {} },
);
const statuses = Type.Array(
  Type.Union([
    Type.Integer({ minimum: 1, maximum: 0xffff_ffff }),
    Type.String({ pattern: "^0[xX](?!0+$)[0-9A-Fa-f]{1,8}$" }),
  ]),
  { default: [] },
);
const file = Type.Union([Type.String({ minLength: 1 }), Type.Null()], { default: null });
const name = Type.Union([Type.String({ minLength: 1, maxLength: 253 }), Type.Null()], { default: null });

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
    tls: Type.Union([Type.Boolean(), Type.Object({ servername: name, ca: file, cert: file, key: file }, strict)], {
      default: false,
    }),
    receiver: Type.Union(
      [Type.Object({ host: Type.String({ minLength: 1 }), port: port(2775) }, strict), Type.Null()],
      { default: null },
    ),
    receiptsWith: Type.Union([Type.String(), Type.Null()], { default: null }),
    sourceTon: autoTon,
    sourceNpi: autoNpi,
    destinationTon: autoTon,
    destinationNpi: autoNpi,
    addressTon: Type.Integer({ minimum: 0, maximum: 7, default: 0 }),
    addressNpi: Type.Integer({ minimum: 0, maximum: 18, default: 0 }),
    addressRange: Type.String({ maxLength: 40, pattern: "^[ -~]*$", default: "" }),
    destinationFormat: numberFormat,
    inboundNumbers: numberFormat,
    alphabet: oneOf(["gsm", "latin1", "ascii", "gsm-packed"], "gsm"),
    dataCodings: Type.Object({ alphabet: coding(0), latin1: coding(null), ucs2: coding(8) }, strict),
    tlvs,
    again: statuses,
    otherCarrier: statuses,
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

/** Reasons for which a message goes on to the next carrier of its route. */
const FAILOVERS = ["down", "refused", "throttled", "slow"] as const;
export type Failover = (typeof FAILOVERS)[number];
const share = Type.Object(
  { id: Type.String(), share: Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 }) },
  strict,
);

export const Route = Type.Object(
  {
    to: Type.String({ pattern: "^[0-9]{0,15}$", default: "" }),
    channel: oneOf(CHANNELS, USUAL_CHANNEL),
    account: Type.Union([Type.String({ pattern: UUID.source.replaceAll("0-9a-f", "0-9A-Fa-f") }), Type.Null()], {
      default: null,
    }),
    sender: Type.Union([Type.String({ minLength: 1 }), Type.Null()], { default: null }),
    carriers: Type.Array(Type.String(), { uniqueItems: true, default: [] }),
    share: Type.Array(share, { default: [] }),
    failover: Type.Array(Type.Enum([...FAILOVERS]), { uniqueItems: true, default: ["down"] }),
  },
  strict,
);

const Http = Type.Object({ id: carrierId, type: Type.Literal("http"), ...httpCarrierKeys }, strict);

export const Carrier = Type.Union([Simulator, Smpp, Rcs, Http]);
const TYPES = Carrier.anyOf.map(({ properties }) => properties.type.const);

export type SmppCarrierConfig = Static<typeof Smpp>;
export type SimulatorConfig = Static<typeof Simulator>;
export type RcsCarrierConfig = Static<typeof Rcs>;
export type HttpCarrierConfig = Static<typeof Http>;
export type CarrierConfig = Static<typeof Carrier>;
export type RouteConfig = Static<typeof Route>;

/** The carriers and routes of a configuration without their faulty parts. */
interface SoundCarriers {
  carriers?: Sound<CarrierConfig[]>;
  routes?: Sound<RouteConfig[]>;
}

/** The fields by which others name a carrier; a field with a fault is undefined. */
export interface CarrierName {
  id: string | undefined;
  type: CarrierConfig["type"] | undefined;
}

/** The names of all carriers of a configuration: one with a fault in another field still has its id. */
export function carrierNames(carriers: unknown): CarrierName[] {
  // Any carrier may be meant by a value that is no list.
  if (!Array.isArray(carriers)) return [{ id: undefined, type: undefined }];
  return carriers.map((carrier: unknown) => {
    const { id, type } = isObject(carrier) ? carrier : {};
    return {
      id: typeof id === "string" && CARRIER_ID.test(id) ? id : undefined,
      type: TYPES.find((known) => known === type),
    };
  });
}

/**
 * Faults between fields of carriers and routes, and of the files that they name.
 * @param names those of all carriers, the faulty ones too
 */
export function carrierFaults(
  { carriers = [], routes = [] }: SoundCarriers,
  names: readonly CarrierName[],
  cwd: string,
): string[] {
  const faults: string[] = [];
  const ids = names.map(({ id }) => id);
  ids.forEach((id, index) => {
    if (id !== undefined && ids.indexOf(id) !== index) faults.push(`carriers[${index}].id: "${id}" is there twice`);
  });
  routes.forEach((route, index) => {
    const at = `routes[${index}]`;
    const list = route?.carriers?.map((id, place) => ({ id, path: `carriers[${place}]` })) ?? [];
    const shares = route?.share?.map((one, place) => ({ id: one?.id, path: `share[${place}].id` })) ?? [];
    if (route?.carriers?.length === 0 && route.share?.length === 0) faults.push(`${at}.carriers: must not be empty`);
    if (list.length > 0 && shares.length > 0) faults.push(`${at}.share: stands in place of carriers, not beside them`);
    shares.forEach(({ id, path }, place) => {
      if (id !== undefined && shares.findIndex((one) => one.id === id) !== place)
        faults.push(`${at}.${path}: "${id}" is there twice`);
    });
    if (route?.sender != null && normaliseSenderId(route.sender) === null)
      faults.push(`${at}.sender: "${route.sender}" is not a sender ID`);
    for (const { id, path } of [...list, ...shares]) {
      if (id === undefined) continue;
      // A carrier with a faulty id may be the one that is meant.
      if (!ids.includes(id) && !ids.includes(undefined)) faults.push(`${at}.${path}: there is no carrier "${id}"`);
      const type = names[ids.indexOf(id)]?.type;
      if (type !== undefined && route?.channel !== undefined && channelOf({ type }) !== route.channel)
        faults.push(`${at}.${path}: "${id}" is not a carrier for ${route.channel}`);
    }
  });
  carriers.forEach((carrier, index) => {
    if (carrier?.type === "http") faults.push(...httpCarrierFaults(carrier, `carriers[${index}]`));
    if (carrier?.type !== "smpp") return;
    const fault = (key: string, message: string) => faults.push(`carriers[${index}].${key}: ${message}`);
    smppFaults(carrier, cwd, fault);
    const { receiptsWith } = carrier;
    if (receiptsWith == null || ids.includes(undefined)) return;
    if (receiptsWith === carrier.id) fault("receiptsWith", "must name another carrier");
    else if (!ids.includes(receiptsWith)) fault("receiptsWith", `there is no carrier "${receiptsWith}"`);
    else if ((names[ids.indexOf(receiptsWith)]?.type ?? "smpp") !== "smpp")
      fault("receiptsWith", `"${receiptsWith}" is not a carrier of the type smpp`);
  });
  return [...faults, ...rcsFaults(carriers, cwd)];
}

type SoundSmpp = Extract<NonNullable<Sound<CarrierConfig[]>[number]>, { type?: "smpp" }>;

function smppFaults(carrier: SoundSmpp, cwd: string, fault: (key: string, message: string) => void): void {
  const { alphabet, dataCodings, longMessages, nationalLanguages = [], errorCodes = {}, tlvs = {}, tls } = carrier;
  if (nationalLanguages.length > 0 && longMessages === "payload")
    fault("nationalLanguages", 'need longMessages "udh8" or "udh16"; a payload has no header');
  // Their tables are for septets, one in an octet.
  if (nationalLanguages.length > 0 && alphabet !== undefined && (alphabet !== "gsm" || dataCodings?.alphabet === null))
    fault("nationalLanguages", 'need alphabet "gsm", and a value for it in dataCodings');
  for (const [error, code] of Object.entries(errorCodes)) {
    if (code !== undefined && !isReceiptCode(code.toUpperCase()))
      fault(`errorCodes.${error}`, `"${code}" is not a receipt code`);
  }
  for (const { tag, message } of tlvFaults(tlvs as TlvValues)) fault(`tlvs.${tag}`, message);
  const codings = Object.values(dataCodings ?? {});
  if (codings.length > 0 && codings.every((value) => value === null))
    fault("dataCodings", "must have a value for one of alphabet, latin1, ucs2");
  if (carrier.receiver != null && carrier.bind === "transceiver") fault("receiver", 'needs bind "split"');
  const again = new Set(carrier.again?.map(Number));
  carrier.otherCarrier?.forEach((status, at) => {
    if (again.has(Number(status))) fault(`otherCarrier[${at}]`, `${status} is in again, too`);
  });
  if (typeof tls !== "object") return;
  try {
    const { servername = null, ca = null, cert = null, key = null } = tls;
    readCarrierTls(inFolder({ servername, ca, cert, key }, cwd));
  } catch (error) {
    if (!(error instanceof TlsFileFault)) throw error;
    fault(`tls.${error.at}`, error.message);
  }
}

/** A carrier with the files that it names by absolute paths. */
export function withPaths<Of extends CarrierConfig>(carrier: Of, cwd: string): Of {
  if (carrier.type === "rcs") return { ...carrier, credentialsFile: resolve(cwd, carrier.credentialsFile) };
  if (carrier.type === "smpp" && typeof carrier.tls === "object")
    return { ...carrier, tls: inFolder(carrier.tls, cwd) };
  return carrier;
}

function inFolder({ servername, ca, cert, key }: CarrierTls, cwd: string): CarrierTls {
  const absolute = (path: string | null) => path && resolve(cwd, path);
  return { servername, ca: absolute(ca), cert: absolute(cert), key: absolute(key) };
}

/** Requirements of an RCS carrier beyond the schema: a confidential way for its token, and a key. */
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
