import fc from "fast-check";
import type { Command, Pdu } from "../src/codec/pdu.ts";
import type { Tlvs } from "../src/codec/tlv.ts";
import { tlvName } from "../src/codec/tlv.ts";

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });

/** What a C-octet string can hold: any octet but NUL. */
function text(maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.integer({ min: 1, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength });
}

function octets(maxLength: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));
}

const tlvs: fc.Arbitrary<Tlvs> = fc.record(
  {
    dest_addr_subunit: u8,
    dest_network_type: u8,
    dest_bearer_type: u8,
    dest_telematics_id: u16,
    source_addr_subunit: u8,
    source_network_type: u8,
    source_bearer_type: u8,
    source_telematics_id: u8,
    qos_time_to_live: u32,
    payload_type: u8,
    additional_status_info_text: text(255),
    receipted_message_id: text(64),
    ms_msg_wait_facilities: u8,
    privacy_indicator: u8,
    source_subaddress: octets(23),
    dest_subaddress: octets(23),
    user_message_reference: u16,
    user_response_code: u8,
    source_port: u16,
    destination_port: u16,
    sar_msg_ref_num: u16,
    language_indicator: u8,
    sar_total_segments: u8,
    sar_segment_seqnum: u8,
    sc_interface_version: u8,
    callback_num_pres_ind: fc.array(u8, { minLength: 1, maxLength: 3 }),
    callback_num_atag: fc.array(octets(65), { minLength: 1, maxLength: 3 }),
    number_of_messages: u8,
    callback_num: fc.array(octets(19), { minLength: 1, maxLength: 3 }),
    dpf_result: u8,
    set_dpf: u8,
    ms_availability_status: u8,
    network_error_code: fc.record({ network_type: u8, error_code: u16 }),
    message_payload: octets(1_000),
    delivery_failure_reason: u8,
    more_messages_to_send: u8,
    message_state: u8,
    ussd_service_op: u8,
    display_time: u8,
    sms_signal: u16,
    ms_validity: u8,
    alert_on_message_delivery: fc.constant(true as const),
    its_reply_type: u8,
    its_session_info: octets(2),
    raw: fc.array(fc.record({ tag: u16.filter((tag) => tlvName(tag) === undefined), value: octets(20) }), {
      minLength: 1,
      maxLength: 3,
    }),
  },
  { requiredKeys: [] },
);

const source = { source_addr_ton: u8, source_addr_npi: u8, source_addr: text(20) };
const destination = { dest_addr_ton: u8, dest_addr_npi: u8, destination_addr: text(20) };
const message = {
  esm_class: u8,
  protocol_id: u8,
  priority_flag: u8,
  schedule_delivery_time: text(16),
  validity_period: text(16),
  registered_delivery: u8,
  replace_if_present_flag: u8,
  data_coding: u8,
  sm_default_msg_id: u8,
  short_message: octets(254),
  tlvs,
};
const bind = {
  system_id: text(15),
  password: text(8),
  system_type: text(12),
  interface_version: u8,
  addr_ton: u8,
  addr_npi: u8,
  address_range: text(40),
};
const bindResp = { system_id: text(15), tlvs };
const messageResp = { message_id: text(64), tlvs };
const shortMessage = { service_type: text(5), ...source, ...destination, ...message };

const bodies: { [C in Command]: Record<string, fc.Arbitrary<unknown>> } = {
  generic_nack: {},
  bind_receiver: bind,
  bind_receiver_resp: bindResp,
  bind_transmitter: bind,
  bind_transmitter_resp: bindResp,
  bind_transceiver: bind,
  bind_transceiver_resp: bindResp,
  outbind: { system_id: text(15), password: text(8) },
  unbind: {},
  unbind_resp: {},
  enquire_link: {},
  enquire_link_resp: {},
  submit_sm: shortMessage,
  submit_sm_resp: messageResp,
  deliver_sm: shortMessage,
  deliver_sm_resp: messageResp,
  data_sm: {
    service_type: text(5),
    ...source,
    ...destination,
    esm_class: u8,
    registered_delivery: u8,
    data_coding: u8,
    tlvs,
  },
  data_sm_resp: messageResp,
  submit_multi: {
    service_type: text(5),
    ...source,
    dest_addresses: fc.array(fc.oneof(fc.record(destination), fc.record({ dl_name: text(20) })), { maxLength: 5 }),
    ...message,
  },
  submit_multi_resp: {
    message_id: text(64),
    unsuccess_smes: fc.array(fc.record({ ...destination, error_status_code: u32 }), { maxLength: 5 }),
    tlvs,
  },
  query_sm: { message_id: text(64), ...source, tlvs },
  query_sm_resp: { message_id: text(64), final_date: text(16), message_state: u8, error_code: u8, tlvs },
  cancel_sm: { service_type: text(5), message_id: text(64), ...source, ...destination, tlvs },
  cancel_sm_resp: {},
  replace_sm: {
    message_id: text(64),
    ...source,
    schedule_delivery_time: text(16),
    validity_period: text(16),
    registered_delivery: u8,
    sm_default_msg_id: u8,
    short_message: octets(254),
    tlvs,
  },
  replace_sm_resp: {},
  alert_notification: { ...source, esme_addr_ton: u8, esme_addr_npi: u8, esme_addr: text(64), tlvs },
};

export const commands = Object.keys(bodies) as Command[];

/** Any PDU of one command. */
export function pduOf(command: Command): fc.Arbitrary<Pdu> {
  return fc.record({
    command: fc.constant(command),
    command_status: fc.oneof(fc.constant(0), u32),
    sequence_number: u32,
    ...bodies[command],
  }) as unknown as fc.Arbitrary<Pdu>;
}

/** Any PDU of any command. */
export const anyPdu: fc.Arbitrary<Pdu> = fc.constantFrom(...commands).chain(pduOf);
