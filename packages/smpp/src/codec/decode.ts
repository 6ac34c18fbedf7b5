import { commandName, isResponseId, type ResponseCommand } from "./commands.ts";
import { BodyFault, PduError } from "./error.ts";
import type { Command, DestAddress, Pdu, PduOf, UnsuccessSme } from "./pdu.ts";
import { PduReader } from "./reader.ts";
import { salvagedText, salvageTlvs, strictText } from "./salvage.ts";
import { commandStatus } from "./status.ts";
import { readTlvs, type Tlvs } from "./tlv.ts";

type BodyReader<P> = (command_status: number, sequence_number: number, reader: PduReader) => P;

function headerOnly<C extends Command>(command: C) {
  return (command_status: number, sequence_number: number) => ({ command, command_status, sequence_number });
}

function bind<C extends "bind_receiver" | "bind_transmitter" | "bind_transceiver">(command: C) {
  return (command_status: number, sequence_number: number, reader: PduReader) => ({
    command,
    command_status,
    sequence_number,
    system_id: reader.cString(),
    password: reader.cString(),
    system_type: reader.cString(),
    interface_version: reader.u8(),
    addr_ton: reader.u8(),
    addr_npi: reader.u8(),
    address_range: reader.cString(),
  });
}

function bindResp<C extends "bind_receiver_resp" | "bind_transmitter_resp" | "bind_transceiver_resp">(command: C) {
  return (command_status: number, sequence_number: number, reader: PduReader) => ({
    command,
    command_status,
    sequence_number,
    system_id: reader.cString(),
    tlvs: readResponseTlvs(reader),
  });
}

function shortMessage<C extends "submit_sm" | "deliver_sm">(
  command: C,
  readText: (reader: PduReader) => { short_message: Buffer; tlvs: Tlvs },
) {
  return (command_status: number, sequence_number: number, reader: PduReader) => ({
    command,
    command_status,
    sequence_number,
    service_type: reader.cString(),
    source_addr_ton: reader.u8(),
    source_addr_npi: reader.u8(),
    source_addr: reader.cString(),
    dest_addr_ton: reader.u8(),
    dest_addr_npi: reader.u8(),
    destination_addr: reader.cString(),
    esm_class: reader.u8(),
    protocol_id: reader.u8(),
    priority_flag: reader.u8(),
    schedule_delivery_time: reader.cString(),
    validity_period: reader.cString(),
    registered_delivery: reader.u8(),
    replace_if_present_flag: reader.u8(),
    data_coding: reader.u8(),
    sm_default_msg_id: reader.u8(),
    ...readText(reader),
  });
}

function messageResp<C extends "submit_sm_resp" | "deliver_sm_resp" | "data_sm_resp">(command: C) {
  return (command_status: number, sequence_number: number, reader: PduReader) => ({
    command,
    command_status,
    sequence_number,
    // The status is the carrier's answer; the identifier is read as far as it can be.
    message_id: reader.lastString(),
    tlvs: readResponseTlvs(reader),
  });
}

const readers: { readonly [C in Command]: BodyReader<PduOf<C>> } = {
  generic_nack: headerOnly("generic_nack"),
  bind_receiver: bind("bind_receiver"),
  bind_receiver_resp: bindResp("bind_receiver_resp"),
  bind_transmitter: bind("bind_transmitter"),
  bind_transmitter_resp: bindResp("bind_transmitter_resp"),
  bind_transceiver: bind("bind_transceiver"),
  bind_transceiver_resp: bindResp("bind_transceiver_resp"),
  outbind: (command_status, sequence_number, reader) => ({
    command: "outbind",
    command_status,
    sequence_number,
    system_id: reader.cString(),
    password: reader.cString(),
  }),
  unbind: headerOnly("unbind"),
  unbind_resp: headerOnly("unbind_resp"),
  enquire_link: headerOnly("enquire_link"),
  enquire_link_resp: headerOnly("enquire_link_resp"),
  submit_sm: shortMessage("submit_sm", strictText),
  submit_sm_resp: messageResp("submit_sm_resp"),
  deliver_sm: shortMessage("deliver_sm", salvagedText),
  deliver_sm_resp: messageResp("deliver_sm_resp"),
  data_sm: (command_status, sequence_number, reader) => ({
    command: "data_sm",
    command_status,
    sequence_number,
    service_type: reader.cString(),
    source_addr_ton: reader.u8(),
    source_addr_npi: reader.u8(),
    source_addr: reader.cString(),
    dest_addr_ton: reader.u8(),
    dest_addr_npi: reader.u8(),
    destination_addr: reader.cString(),
    esm_class: reader.u8(),
    registered_delivery: reader.u8(),
    data_coding: reader.u8(),
    tlvs: salvageTlvs(reader),
  }),
  data_sm_resp: messageResp("data_sm_resp"),
  submit_multi: (command_status, sequence_number, reader) => ({
    command: "submit_multi",
    command_status,
    sequence_number,
    service_type: reader.cString(),
    source_addr_ton: reader.u8(),
    source_addr_npi: reader.u8(),
    source_addr: reader.cString(),
    dest_addresses: readDestAddresses(reader),
    esm_class: reader.u8(),
    protocol_id: reader.u8(),
    priority_flag: reader.u8(),
    schedule_delivery_time: reader.cString(),
    validity_period: reader.cString(),
    registered_delivery: reader.u8(),
    replace_if_present_flag: reader.u8(),
    data_coding: reader.u8(),
    sm_default_msg_id: reader.u8(),
    short_message: reader.shortMessage(),
    tlvs: readTlvs(reader),
  }),
  submit_multi_resp: (command_status, sequence_number, reader) => ({
    command: "submit_multi_resp",
    command_status,
    sequence_number,
    message_id: reader.cString(),
    unsuccess_smes: readUnsuccessSmes(reader),
    tlvs: readResponseTlvs(reader),
  }),
  query_sm: (command_status, sequence_number, reader) => ({
    command: "query_sm",
    command_status,
    sequence_number,
    message_id: reader.cString(),
    source_addr_ton: reader.u8(),
    source_addr_npi: reader.u8(),
    source_addr: reader.cString(),
    tlvs: readTlvs(reader),
  }),
  query_sm_resp: (command_status, sequence_number, reader) => ({
    command: "query_sm_resp",
    command_status,
    sequence_number,
    message_id: reader.cString(),
    final_date: reader.cString(),
    message_state: reader.u8(),
    error_code: reader.u8(),
    tlvs: readResponseTlvs(reader),
  }),
  cancel_sm: (command_status, sequence_number, reader) => ({
    command: "cancel_sm",
    command_status,
    sequence_number,
    service_type: reader.cString(),
    message_id: reader.cString(),
    source_addr_ton: reader.u8(),
    source_addr_npi: reader.u8(),
    source_addr: reader.cString(),
    dest_addr_ton: reader.u8(),
    dest_addr_npi: reader.u8(),
    destination_addr: reader.cString(),
    tlvs: readTlvs(reader),
  }),
  cancel_sm_resp: headerOnly("cancel_sm_resp"),
  replace_sm: (command_status, sequence_number, reader) => ({
    command: "replace_sm",
    command_status,
    sequence_number,
    message_id: reader.cString(),
    source_addr_ton: reader.u8(),
    source_addr_npi: reader.u8(),
    source_addr: reader.cString(),
    schedule_delivery_time: reader.cString(),
    validity_period: reader.cString(),
    registered_delivery: reader.u8(),
    sm_default_msg_id: reader.u8(),
    short_message: reader.shortMessage(),
    tlvs: readTlvs(reader),
  }),
  replace_sm_resp: headerOnly("replace_sm_resp"),
  alert_notification: (command_status, sequence_number, reader) => ({
    command: "alert_notification",
    command_status,
    sequence_number,
    source_addr_ton: reader.u8(),
    source_addr_npi: reader.u8(),
    source_addr: reader.cString(),
    esme_addr_ton: reader.u8(),
    esme_addr_npi: reader.u8(),
    esme_addr: reader.cString(),
    tlvs: readTlvs(reader),
  }),
};

function readDestAddresses(reader: PduReader): DestAddress[] {
  const addresses: DestAddress[] = [];
  for (let left = reader.u8(); left > 0; left--) {
    const dest_flag = reader.u8();
    if (dest_flag === 1) {
      addresses.push({ dest_addr_ton: reader.u8(), dest_addr_npi: reader.u8(), destination_addr: reader.cString() });
    } else if (dest_flag === 2) {
      addresses.push({ dl_name: reader.cString() });
    } else {
      throw new BodyFault(`dest_flag is ${dest_flag}`, commandStatus.ESME_RINVDESTFLAG);
    }
  }
  return addresses;
}

function readUnsuccessSmes(reader: PduReader): UnsuccessSme[] {
  const smes: UnsuccessSme[] = [];
  for (let left = reader.u8(); left > 0; left--) {
    smes.push({
      dest_addr_ton: reader.u8(),
      dest_addr_npi: reader.u8(),
      destination_addr: reader.cString(),
      error_status_code: reader.u32(),
    });
  }
  return smes;
}

/** TLVs of an answer. Junk after its mandatory fields is dropped: the status must not be lost for it. */
function readResponseTlvs(reader: PduReader): Tlvs {
  try {
    return readTlvs(reader);
  } catch {
    return {};
  }
}

const nuls = Buffer.alloc(4);

/** Number of NULs that make the body of an answer whose fields are all empty or 0. */
function emptyLength(command: Command): number {
  if (command === "query_sm_resp") return 4;
  return command === "submit_multi_resp" ? 2 : 1;
}

/**
 * Reads the PDU whose frame, header included, is `buffer` from `start` to `end` (at least 16 octets). Buffers in the result
 * share memory with `buffer`.
 *
 * Leniency, for answers only: a refusal need have no readable body (§4.4.2 leaves it out), and answers whose only field is
 * an identifier may lack it (seen in deliver_sm_resp and bind_transceiver_resp).
 * @throws PduError that is not fatal
 */
export function decodePdu(buffer: Buffer, start = 0, end = buffer.length): Pdu {
  const command_id = buffer.readUInt32BE(start + 4);
  const status = buffer.readUInt32BE(start + 8);
  const sequence_number = buffer.readUInt32BE(start + 12);
  const command = commandName(command_id);
  if (command === undefined) {
    throw new PduError(`unknown command_id 0x${command_id.toString(16).padStart(8, "0")}`, {
      commandStatus: commandStatus.ESME_RINVCMDID,
      command_id,
      sequence_number,
      fatal: false,
    });
  }
  try {
    return readers[command](status, sequence_number, new PduReader(buffer, start + 16, end));
  } catch (error) {
    if (!(error instanceof BodyFault)) throw error;
    if (isResponseId(command_id) && (status !== 0 || (end === start + 16 && hasOptionalBody(command)))) {
      return emptyResponse(command as ResponseCommand, status, sequence_number);
    }
    throw new PduError(`${command}: ${error.message}`, {
      commandStatus: error.commandStatus,
      command_id,
      sequence_number,
      fatal: false,
    });
  }
}

/** An answer whose fields are all empty or 0. */
export function emptyResponse<C extends ResponseCommand>(
  command: C,
  command_status: number,
  sequence_number: number,
): PduOf<C> {
  const read: BodyReader<PduOf<C>> = readers[command];
  return read(command_status, sequence_number, new PduReader(nuls, 0, emptyLength(command)));
}

function hasOptionalBody(command: Command): boolean {
  return command.startsWith("bind_") || command === "deliver_sm_resp" || command === "data_sm_resp";
}
