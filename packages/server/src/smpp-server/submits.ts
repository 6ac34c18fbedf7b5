import { commandStatus, type DestAddress, registeredDelivery } from "@messaging-plus/smpp";
import type { Acceptor } from "../accept/acceptor.ts";
import type { SenderOwners } from "../accept/sender-owners.ts";
import { MAX_VALIDITY } from "../config/config.ts";
import { type ReadRequest, readMessages } from "../http/send/read-message.ts";
import type { RulesOptions } from "../http/send/rules.ts";
import type { PostMessage } from "../http/send/schemas.ts";
import type { CodedContent } from "../message/coded-content.ts";
import { endpointNumber } from "../message/endpoint.ts";
import { messageId } from "../message/id.ts";
import { normaliseMsisdn } from "../message/msisdn.ts";
import { originText, SMPP_UNTOLD, type SmppOrigin, smppUrl } from "../message/smpp-origin.ts";
import { MOST_TLVS } from "../message/tlvs.ts";
import type { Clock } from "../runtime/clock.ts";
import type { SmppLogin } from "../store/accounts/smpp-credentials.ts";
import { type Content, contentOf, type Submitted } from "./content.ts";
import { Refused } from "./status.ts";
import { timeOfPdu } from "./times.ts";

/** The common fields of submit_sm, data_sm and submit_multi. */
export interface Submit extends Submitted {
  source_addr_ton: number;
  source_addr_npi: number;
  source_addr: string;
  registered_delivery: number;
  schedule_delivery_time: string;
  validity_period: string;
}

/** A handset's address as a submit has it. */
export interface Destination {
  dest_addr_ton: number;
  dest_addr_npi: number;
  destination_addr: string;
}

export interface SubmitsOptions {
  acceptor: Acceptor;
  senderOwners: SenderOwners;
  rules(): RulesOptions;
  clock: Clock;
}

/** Type bits of a submit's esm_class: a handset's acknowledgement, which we do not pass on. */
const TYPE = 0x3c;
/** Values that ask for a receipt: of any end, of failure, of success (SMPP 3.4 §5.2.17, SMPP 5.0 §4.7.21). */
const FINAL_RECEIPT = registeredDelivery.RECEIPT | registeredDelivery.RECEIPT_ON_FAILURE;
const INTERMEDIATE = registeredDelivery.INTERMEDIATE_NOTIFICATION;
/** A text that is coded as usual. */
const UNCODED = { esmClass: 0, protocolId: 0, dataCoding: 0, octets: null, sar: null } as const satisfies CodedContent;

const FIRST_VENDOR_TAG = 0x1400;
const LAST_VENDOR_TAG = 0x3fff;

/** Submits as messages: read by the rules of `POST /message`, stored by the same acceptor. */
export class Submits {
  readonly #options: SubmitsOptions;

  constructor(options: SubmitsOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the message's identifier after its commit.
   * @throws errors that `refusalOf` reads
   */
  async accept(login: SmppLogin, submit: Submit & Destination): Promise<string> {
    const { id } = await this.#store(login, submit, [submit]);
    return id;
  }

  /**
   * One text to several handsets, each a message with its own receipt; one that is named twice is sent to once. Invalid
   * numbers are left out.
   * @returns the identifier in their receipts, and the numbers that were left out, each with a status
   */
  async acceptMany(
    login: SmppLogin,
    submit: Submit,
    destinations: readonly DestAddress[],
  ): Promise<{ id: string; refused: { address: DestAddress; status: number }[] }> {
    if (destinations.length === 0) {
      throw new Refused(commandStatus.ESME_RINVNUMDESTS, "number_of_dests", "is 0");
    }
    const refused: { address: DestAddress; status: number }[] = [];
    const handsets = new Map<string, Destination>();
    for (const address of destinations) {
      const handset = "destination_addr" in address ? address : null;
      const digits = handset === null ? null : normaliseMsisdn(handset.destination_addr);
      if (handset === null) refused.push({ address, status: commandStatus.ESME_RINVDLNAME });
      else if (digits === null) refused.push({ address, status: commandStatus.ESME_RINVDSTADR });
      else if (!handsets.has(digits)) handsets.set(digits, handset);
    }
    if (handsets.size === 0) {
      throw new Refused(commandStatus.ESME_RINVDSTADR, "dest_address", "has no handset that can be sent to");
    }
    return { id: (await this.#store(login, submit, [...handsets.values()])).id, refused };
  }

  async #store(login: SmppLogin, submit: Submit, destinations: readonly Destination[]): Promise<{ id: string }> {
    const { clock, rules, senderOwners, acceptor } = this.#options;
    if ((submit.esm_class & TYPE) !== 0) {
      throw new Refused(commandStatus.ESME_RINVESMCLASS, "esm_class", "is that of an acknowledgement");
    }
    const content = contentOf(submit, login.alphabet);
    if ("fault" in content) {
      const status = content.fault === "length" ? commandStatus.ESME_RINVMSGLEN : commandStatus.ESME_RSUBMITFAIL;
      throw new Refused(status, "short_message", content.why);
    }
    const now = clock.now();
    const from = { type: "custom" as const, value: submit.source_addr };
    const tlvs = vendorTlvs(submit.tlvs);
    const common = { from, body: textToCheck(content), tlvs, ...timesOf(submit, now) };
    // Without `defaults`, of which each message would be put together anew.
    const body: PostMessage = { messages: destinations.map(({ destination_addr: to }) => ({ ...common, to })) };
    const read = readMessages({ body, faults: [] }, login, rules(), now);
    const unknown = senderOwners.check(login, read.senders);
    if (unknown !== undefined) await unknown;
    const id = complete(read, login, submit, destinations, content);
    await acceptor.accept(read.acceptance);
    return { id };
  }
}

/** Content that passes through unchanged is no text, and takes one part. */
function textToCheck({ text, coded }: Content): string {
  return coded === null || coded.octets === null ? text : "-";
}

/** Adds the fields that `POST /message` lacks to the stored message; returns the first message's identifier. */
function complete(
  { acceptance }: ReadRequest,
  login: SmppLogin,
  submit: Submit,
  destinations: readonly Destination[],
  { text, coded }: Content,
): string {
  const { messages, pending, accountId } = acceptance;
  const [first] = [...messages.map((message) => message.id), ...pending.map(({ id }) => messageId(id, 1))];
  const id = first as string;
  const { source_addr_ton: ton, source_addr_npi: npi, source_addr: address, registered_delivery: registered } = submit;
  const wanted = (registered & FINAL_RECEIPT) !== 0;
  const intermediate = (registered & INTERMEDIATE) !== 0;
  const endpoint = wanted ? endpointNumber(accountId, smppUrl(login.systemId)) : null;
  const reference = submit.tlvs.user_message_reference ?? null;
  const callbackFor = (own: string, place: number): string =>
    wanted || intermediate
      ? originText({
          systemId: login.systemId,
          registered,
          source: { ton, npi, address },
          destination: writtenAs(destinations[place] as Destination),
          reference,
          id: own === id ? null : id,
          state: null,
        })
      : SMPP_UNTOLD;
  const kept = intermediate ? { ...(coded ?? UNCODED), intermediate } : coded;
  for (const [place, message] of messages.entries()) {
    message.callback = callbackFor(message.id, place);
    message.endpoint = endpoint;
    if (kept === null) continue;
    message.body = text;
    message.coded = kept;
  }
  for (const [place, held] of pending.entries()) {
    held.batch.callback = callbackFor(messageId(held.id, 1), place);
    held.batch.endpoint = endpoint;
    if (kept === null) continue;
    held.batch.body = text;
    held.coded = kept;
  }
  return id;
}

/** TON 1 and NPI 1 are those of an international number (SMPP 3.4 §5.2.5, §5.2.6). */
function writtenAs({
  dest_addr_ton: ton,
  dest_addr_npi: npi,
  destination_addr,
}: Destination): SmppOrigin["destination"] {
  const plus = destination_addr.startsWith("+");
  return ton === 1 && npi === 1 && !plus ? null : { ton, npi, plus };
}

/** The TLVs that SMPP 3.4 §5.3.1 leaves to vendors, for the carrier's submits. */
function vendorTlvs({ raw = [] }: Submit["tlvs"]): Record<string, { hex: string }> {
  const tlvs: Record<string, { hex: string }> = {};
  const own = raw.filter(({ tag }) => tag >= FIRST_VENDOR_TAG && tag <= LAST_VENDOR_TAG);
  for (const { tag, value } of own) tlvs[`0x${tag.toString(16).padStart(4, "0")}`] = { hex: value.toString("hex") };
  const count = Object.keys(tlvs).length;
  if (count < own.length) throw new Refused(commandStatus.ESME_RINVOPTPARSTREAM, "tlvs", "has one of a vendor's twice");
  if (count > MOST_TLVS) {
    const why = `has ${count} of vendors, more than ${MOST_TLVS}`;
    throw new Refused(commandStatus.ESME_RINVOPTPARSTREAM, "tlvs", why);
  }
  return tlvs;
}

function timesOf(submit: Submit, now: number): { send_at?: string; validity?: number } {
  const at = timeOfPdu(submit.schedule_delivery_time, now);
  if (at === undefined) {
    throw new Refused(commandStatus.ESME_RINVSCHED, "schedule_delivery_time", "is no time of SMPP 3.4");
  }
  const until = timeOfPdu(submit.validity_period, now);
  if (until === undefined) {
    throw new Refused(commandStatus.ESME_RINVEXPIRY, "validity_period", "is no time of SMPP 3.4");
  }
  const from = /R$/.test(submit.validity_period) ? now : Math.max(now, at ?? now);
  const validity = until === null ? null : (until - from) / 1_000;
  if (validity !== null && !(validity > 0 && validity <= MAX_VALIDITY)) {
    throw new Refused(commandStatus.ESME_RINVEXPIRY, "validity_period", `is not within ${MAX_VALIDITY} s from now`);
  }
  return {
    ...(at === null ? {} : { send_at: new Date(at).toISOString() }),
    ...(validity === null ? {} : { validity }),
  };
}
