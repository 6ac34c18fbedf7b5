import { commandId, isResponseId } from "./commands.ts";
import { EncodeError } from "./error.ts";
import type {
  BindBody,
  BindRespBody,
  Command,
  DestAddress,
  Fields,
  MessageRespBody,
  NoBody,
  PduInput,
  ShortMessageBody,
} from "./pdu.ts";
import { writeTlvs } from "./tlv.ts";
import { PduWriter } from "./writer.ts";

type BodyWriter<B> = (writer: PduWriter, body: Partial<B>) => void;

const nothing: BodyWriter<NoBody> = () => {};

const bind: BodyWriter<BindBody> = (writer, body) => {
  writer.cString(body.system_id);
  writer.cString(body.password);
  writer.cString(body.system_type);
  writer.u8(body.interface_version ?? 0x34);
  writer.u8(body.addr_ton);
  writer.u8(body.addr_npi);
  writer.cString(body.address_range);
};

const bindResp: BodyWriter<BindRespBody> = (writer, body) => {
  writer.cString(body.system_id);
  writeTlvs(writer, body.tlvs);
};

const messageResp: BodyWriter<MessageRespBody> = (writer, body) => {
  writer.cString(body.message_id);
  writeTlvs(writer, body.tlvs);
};

const shortMessage: BodyWriter<ShortMessageBody> = (writer, body) => {
  writer.cString(body.service_type);
  writeSource(writer, body);
  writeDestination(writer, body);
  writeMessage(writer, body);
};

const writers: { readonly [C in Command]: (writer: PduWriter, body: Fields<C>) => void } = {
  generic_nack: nothing,
  bind_receiver: bind,
  bind_receiver_resp: bindResp,
  bind_transmitter: bind,
  bind_transmitter_resp: bindResp,
  bind_transceiver: bind,
  bind_transceiver_resp: bindResp,
  outbind(writer, body) {
    writer.cString(body.system_id);
    writer.cString(body.password);
  },
  unbind: nothing,
  unbind_resp: nothing,
  enquire_link: nothing,
  enquire_link_resp: nothing,
  submit_sm: shortMessage,
  submit_sm_resp: messageResp,
  deliver_sm: shortMessage,
  deliver_sm_resp: messageResp,
  data_sm(writer, body) {
    writer.cString(body.service_type);
    writeSource(writer, body);
    writeDestination(writer, body);
    writer.u8(body.esm_class);
    writer.u8(body.registered_delivery);
    writer.u8(body.data_coding);
    writeTlvs(writer, body.tlvs);
  },
  data_sm_resp: messageResp,
  submit_multi(writer, body) {
    writer.cString(body.service_type);
    writeSource(writer, body);
    const destinations = body.dest_addresses ?? [];
    if (destinations.length > 254) throw new EncodeError(`${destinations.length} destinations, at most 254 fit`);
    writer.u8(destinations.length);
    for (const destination of destinations) writeDestAddress(writer, destination);
    writeMessage(writer, body);
  },
  submit_multi_resp(writer, body) {
    writer.cString(body.message_id);
    const unsuccessful = body.unsuccess_smes ?? [];
    writer.u8(unsuccessful.length);
    for (const sme of unsuccessful) {
      writeDestination(writer, sme);
      writer.u32(sme.error_status_code);
    }
    writeTlvs(writer, body.tlvs);
  },
  query_sm(writer, body) {
    writer.cString(body.message_id);
    writeSource(writer, body);
    writeTlvs(writer, body.tlvs);
  },
  query_sm_resp(writer, body) {
    writer.cString(body.message_id);
    writer.cString(body.final_date);
    writer.u8(body.message_state);
    writer.u8(body.error_code);
    writeTlvs(writer, body.tlvs);
  },
  cancel_sm(writer, body) {
    writer.cString(body.service_type);
    writer.cString(body.message_id);
    writeSource(writer, body);
    writeDestination(writer, body);
    writeTlvs(writer, body.tlvs);
  },
  cancel_sm_resp: nothing,
  replace_sm(writer, body) {
    writer.cString(body.message_id);
    writeSource(writer, body);
    writer.cString(body.schedule_delivery_time);
    writer.cString(body.validity_period);
    writer.u8(body.registered_delivery);
    writer.u8(body.sm_default_msg_id);
    writer.shortMessage(body.short_message);
    writeTlvs(writer, body.tlvs);
  },
  replace_sm_resp: nothing,
  alert_notification(writer, body) {
    writeSource(writer, body);
    writer.u8(body.esme_addr_ton);
    writer.u8(body.esme_addr_npi);
    writer.cString(body.esme_addr);
    writeTlvs(writer, body.tlvs);
  },
};

type Source = Partial<Pick<ShortMessageBody, "source_addr_ton" | "source_addr_npi" | "source_addr">>;
type Destination = Partial<Pick<ShortMessageBody, "dest_addr_ton" | "dest_addr_npi" | "destination_addr">>;

function writeSource(writer: PduWriter, body: Source): void {
  writer.u8(body.source_addr_ton);
  writer.u8(body.source_addr_npi);
  writer.cString(body.source_addr);
}

function writeDestination(writer: PduWriter, body: Destination): void {
  writer.u8(body.dest_addr_ton);
  writer.u8(body.dest_addr_npi);
  writer.cString(body.destination_addr);
}

function writeDestAddress(writer: PduWriter, destination: DestAddress): void {
  if ("dl_name" in destination) {
    writer.u8(2);
    writer.cString(destination.dl_name);
  } else {
    writer.u8(1);
    writeDestination(writer, destination);
  }
}

/** The fields of submit_sm, deliver_sm and submit_multi after their addresses. */
function writeMessage(writer: PduWriter, body: Omit<Fields<"submit_sm">, keyof Destination>): void {
  writer.u8(body.esm_class);
  writer.u8(body.protocol_id);
  writer.u8(body.priority_flag);
  writer.cString(body.schedule_delivery_time);
  writer.cString(body.validity_period);
  writer.u8(body.registered_delivery);
  writer.u8(body.replace_if_present_flag);
  writer.u8(body.data_coding);
  writer.u8(body.sm_default_msg_id);
  writer.shortMessage(body.short_message);
  writeTlvs(writer, body.tlvs);
}

/**
 * Writes a PDU at the end of `writer`. A refusal (an answer whose status is not 0) without fields has no body, as §4.4.2
 * asks.
 * @throws EncodeError if a field does not fit; then nothing was written
 */
export function writePdu<C extends Command>(
  writer: PduWriter,
  command: C,
  command_status: number,
  sequence_number: number,
  body: Fields<C>,
): void {
  const start = writer.length;
  const id = commandId[command];
  try {
    writer.u32(0);
    writer.u32(id);
    writer.u32(command_status);
    writer.u32(sequence_number);
    if (command_status === 0 || !isResponseId(id) || saysSomething(body)) writers[command](writer, body);
  } catch (error) {
    writer.truncate(start);
    throw error;
  }
  writer.patch32(start, writer.length - start);
}

function saysSomething(body: object): boolean {
  return "message_id" in body || "system_id" in body || "tlvs" in body;
}

const shared = new PduWriter(8_192);

/** The octets of one PDU. Throws `EncodeError`. */
export function encodePdu(pdu: PduInput): Buffer {
  writePdu(shared, pdu.command, pdu.command_status ?? 0, pdu.sequence_number ?? 0, pdu);
  return shared.take();
}
