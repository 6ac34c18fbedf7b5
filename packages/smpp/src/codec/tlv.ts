import { BodyFault, EncodeError } from "./error.ts";
import type { PduReader } from "./reader.ts";
import { commandStatus } from "./status.ts";
import type { PduWriter } from "./writer.ts";

/** `network_error_code`, §5.3.2.31: which network the code is of (1 ANSI-136, 2 IS-95, 3 GSM, 4 reserved), and the code. */
export interface NetworkErrorCode {
  network_type: number;
  error_code: number;
}

/** A TLV that is kept as it came: not in the standard, of a size that its type does not have, or repeated. */
export interface RawTlv {
  tag: number;
  value: Buffer;
}

interface KindTypes {
  u8: number;
  u16: number;
  u32: number;
  /** C-octet string. Written with its NUL; read with or without, because some peers omit it. */
  text: string;
  octets: Buffer;
  /** The presence is the value. */
  empty: true;
  network_error_code: NetworkErrorCode;
  /** These may occur several times, §5.3.2.36–38. */
  u8s: readonly number[];
  octetsList: readonly Buffer[];
}
type Kind = keyof KindTypes;

/** Every optional parameter of SMPP 3.4 §5.3.2: its tag and type. */
const definitions = {
  dest_addr_subunit: [0x0005, "u8"],
  dest_network_type: [0x0006, "u8"],
  dest_bearer_type: [0x0007, "u8"],
  dest_telematics_id: [0x0008, "u16"],
  source_addr_subunit: [0x000d, "u8"],
  source_network_type: [0x000e, "u8"],
  source_bearer_type: [0x000f, "u8"],
  source_telematics_id: [0x0010, "u8"],
  qos_time_to_live: [0x0017, "u32"],
  payload_type: [0x0019, "u8"],
  additional_status_info_text: [0x001d, "text"],
  receipted_message_id: [0x001e, "text"],
  ms_msg_wait_facilities: [0x0030, "u8"],
  privacy_indicator: [0x0201, "u8"],
  source_subaddress: [0x0202, "octets"],
  dest_subaddress: [0x0203, "octets"],
  user_message_reference: [0x0204, "u16"],
  user_response_code: [0x0205, "u8"],
  source_port: [0x020a, "u16"],
  destination_port: [0x020b, "u16"],
  sar_msg_ref_num: [0x020c, "u16"],
  language_indicator: [0x020d, "u8"],
  sar_total_segments: [0x020e, "u8"],
  sar_segment_seqnum: [0x020f, "u8"],
  sc_interface_version: [0x0210, "u8"],
  callback_num_pres_ind: [0x0302, "u8s"],
  callback_num_atag: [0x0303, "octetsList"],
  number_of_messages: [0x0304, "u8"],
  callback_num: [0x0381, "octetsList"],
  dpf_result: [0x0420, "u8"],
  set_dpf: [0x0421, "u8"],
  ms_availability_status: [0x0422, "u8"],
  network_error_code: [0x0423, "network_error_code"],
  message_payload: [0x0424, "octets"],
  delivery_failure_reason: [0x0425, "u8"],
  more_messages_to_send: [0x0426, "u8"],
  message_state: [0x0427, "u8"],
  ussd_service_op: [0x0501, "u8"],
  display_time: [0x1201, "u8"],
  sms_signal: [0x1203, "u16"],
  ms_validity: [0x1204, "u8"],
  alert_on_message_delivery: [0x130c, "empty"],
  its_reply_type: [0x1380, "u8"],
  its_session_info: [0x1383, "octets"],
} as const satisfies Record<string, readonly [number, Kind]>;

export type TlvName = keyof typeof definitions;

/** The optional parameters of a PDU by name; `raw` has those without a name here, or that do not fit their type. */
export type Tlvs = { readonly [N in TlvName]?: KindTypes[(typeof definitions)[N][1]] } & {
  readonly raw?: readonly RawTlv[];
  /** Octets that were left out because they are no whole TLV; only in PDUs that are not refused for it. */
  readonly dropped?: number;
  /** The part that was left out may be the end of the text (short_message or message_payload). */
  readonly textDoubtful?: true;
};

/** The tag of every optional parameter of SMPP 3.4, by name. */
export const tlvTag = Object.fromEntries(Object.entries(definitions).map(([name, [tag]]) => [name, tag])) as {
  readonly [N in TlvName]: number;
};

const byTag = new Map<number, { name: TlvName; kind: Kind }>(
  Object.entries(definitions).map(([name, [tag, kind]]) => [tag, { name: name as TlvName, kind }]),
);

/** The name of a tag, or undefined if the standard has none (operators' own are 0x1400–0x3FFF). */
export function tlvName(tag: number): TlvName | undefined {
  return byTag.get(tag)?.name;
}

const none: Tlvs = Object.freeze({});

/**
 * Reads the rest of the body as TLVs, §3.2.4. A PDU is refused for a TLV only if its length runs past the frame: one that is
 * unknown, of a wrong size for its type or repeated goes to `raw`. Up to three NULs at the end, too short to be a TLV, are
 * padding.
 */
export function readTlvs(reader: PduReader): Tlvs {
  if (reader.offset === reader.end) return none;
  const found: Found = {};
  while (reader.left >= 4) readTlv(reader, found);
  while (reader.left > 0) {
    if (reader.u8() !== 0) {
      throw new BodyFault("octets after the last TLV", commandStatus.ESME_RINVOPTPARSTREAM);
    }
  }
  return found as Tlvs;
}

/** TLVs while they are read. */
export type Found = Record<string, unknown> & { raw?: RawTlv[]; dropped?: number; textDoubtful?: true };

export function readTlv(reader: PduReader, found: Found): void {
  const tag = reader.u16();
  const length = reader.u16();
  if (length > reader.left) {
    throw new BodyFault(
      `TLV 0x${tag.toString(16).padStart(4, "0")} says ${length} octets, ${reader.left} are left`,
      commandStatus.ESME_RINVOPTPARSTREAM,
    );
  }
  const value = reader.octets(length);
  const known = byTag.get(tag);
  if (known === undefined || !keep(found, known.name, known.kind, value)) {
    found.raw ??= [];
    found.raw.push({ tag, value });
  }
}

/** Stores a value under its name; false if it does not fit there. */
function keep(found: Record<string, unknown>, name: TlvName, kind: Kind, value: Buffer): boolean {
  const before = found[name];
  if (kind === "u8s" || kind === "octetsList") {
    if (kind === "u8s" && value.length !== 1) return false;
    const one = kind === "u8s" ? value[0] : value;
    if (before === undefined) found[name] = [one];
    else (before as unknown[]).push(one);
    return true;
  }
  if (before !== undefined) return false;
  const read = readValue(kind, value);
  if (read === undefined) return false;
  found[name] = read;
  return true;
}

function readValue(
  kind: Exclude<Kind, "u8s" | "octetsList">,
  value: Buffer,
): KindTypes[Exclude<Kind, "u8s" | "octetsList">] | undefined {
  switch (kind) {
    case "u8":
      return value.length === 1 ? value.readUInt8(0) : undefined;
    case "u16":
      return value.length === 2 ? value.readUInt16BE(0) : undefined;
    case "u32":
      return value.length === 4 ? value.readUInt32BE(0) : undefined;
    case "text": {
      const nul = value.indexOf(0);
      return value.toString("latin1", 0, nul < 0 ? value.length : nul);
    }
    case "octets":
      return value;
    case "empty":
      return value.length === 0 ? true : undefined;
    case "network_error_code":
      return value.length === 3 ? { network_type: value.readUInt8(0), error_code: value.readUInt16BE(1) } : undefined;
  }
}

export function writeTlvs(writer: PduWriter, tlvs: Tlvs | undefined): void {
  if (tlvs === undefined) return;
  for (const name in tlvs) {
    if (name === "raw" || name === "dropped" || name === "textDoubtful") continue;
    const definition = definitions[name as TlvName];
    if (definition === undefined) throw new EncodeError(`no TLV is called ${name}`);
    const value = tlvs[name as TlvName];
    if (value !== undefined) writeValue(writer, definition[0], definition[1], value);
  }
  // Last, so that the first of a repeated TLV is read first again.
  for (const { tag, value } of tlvs.raw ?? []) writeOctets(writer, tag, value);
}

function writeValue(writer: PduWriter, tag: number, kind: Kind, value: KindTypes[Kind]): void {
  switch (kind) {
    case "u8":
      writer.u16(tag);
      writer.u16(1);
      writer.u8(value as number);
      return;
    case "u16":
      writer.u16(tag);
      writer.u16(2);
      writer.u16(value as number);
      return;
    case "u32":
      writer.u16(tag);
      writer.u16(4);
      writer.u32(value as number);
      return;
    case "text":
      writer.u16(tag);
      writer.u16((value as string).length + 1);
      writer.cString(value as string);
      return;
    case "octets":
      writeOctets(writer, tag, value as Buffer);
      return;
    case "empty":
      writer.u16(tag);
      writer.u16(0);
      return;
    case "network_error_code":
      writer.u16(tag);
      writer.u16(3);
      writer.u8((value as NetworkErrorCode).network_type);
      writer.u16((value as NetworkErrorCode).error_code);
      return;
    case "u8s":
      for (const one of value as readonly number[]) writeValue(writer, tag, "u8", one);
      return;
    case "octetsList":
      for (const one of value as readonly Buffer[]) writeOctets(writer, tag, one);
      return;
  }
}

function writeOctets(writer: PduWriter, tag: number, value: Buffer): void {
  writer.u16(tag);
  writer.u16(value.length);
  writer.octets(value);
}
