import type { Tlvs } from "./tlv.ts";

/** The body of the three bind requests, SMPP 3.4 §4.1. */
export interface BindBody {
  system_id: string;
  password: string;
  system_type: string;
  /** 0x34 for SMPP 3.4; 0x00–0x33 for earlier versions, which have no TLVs. */
  interface_version: number;
  addr_ton: number;
  addr_npi: number;
  address_range: string;
}

export interface BindRespBody {
  system_id: string;
  tlvs: Tlvs;
}

/** §4.1.7 */
export interface OutbindBody {
  system_id: string;
  password: string;
}

/** The body of submit_sm and deliver_sm, §4.4.1 and §4.6.1. */
export interface ShortMessageBody {
  service_type: string;
  source_addr_ton: number;
  source_addr_npi: number;
  source_addr: string;
  dest_addr_ton: number;
  dest_addr_npi: number;
  destination_addr: string;
  esm_class: number;
  protocol_id: number;
  priority_flag: number;
  schedule_delivery_time: string;
  validity_period: string;
  registered_delivery: number;
  replace_if_present_flag: number;
  data_coding: number;
  sm_default_msg_id: number;
  short_message: Buffer;
  tlvs: Tlvs;
}

/** The body of the answers to submit_sm, deliver_sm and data_sm. Most peers omit it if the status is an error. */
export interface MessageRespBody {
  message_id: string;
  tlvs: Tlvs;
}

/** §4.7.1 */
export interface DataSmBody {
  service_type: string;
  source_addr_ton: number;
  source_addr_npi: number;
  source_addr: string;
  dest_addr_ton: number;
  dest_addr_npi: number;
  destination_addr: string;
  esm_class: number;
  registered_delivery: number;
  data_coding: number;
  tlvs: Tlvs;
}

/** One destination of submit_multi, §4.5.1.1: a handset (dest_flag 1) or a distribution list (dest_flag 2). */
export type DestAddress =
  | { dest_addr_ton: number; dest_addr_npi: number; destination_addr: string }
  | { dl_name: string };

/** §4.5.1 */
export interface SubmitMultiBody
  extends Omit<ShortMessageBody, "dest_addr_ton" | "dest_addr_npi" | "destination_addr"> {
  dest_addresses: readonly DestAddress[];
}

/** §4.5.2.1 */
export interface UnsuccessSme {
  dest_addr_ton: number;
  dest_addr_npi: number;
  destination_addr: string;
  error_status_code: number;
}

export interface SubmitMultiRespBody {
  message_id: string;
  unsuccess_smes: readonly UnsuccessSme[];
  tlvs: Tlvs;
}

/** §4.8.1 */
export interface QuerySmBody {
  message_id: string;
  source_addr_ton: number;
  source_addr_npi: number;
  source_addr: string;
  tlvs: Tlvs;
}

export interface QuerySmRespBody {
  message_id: string;
  final_date: string;
  message_state: number;
  error_code: number;
  tlvs: Tlvs;
}

/** §4.9.1 */
export interface CancelSmBody {
  service_type: string;
  message_id: string;
  source_addr_ton: number;
  source_addr_npi: number;
  source_addr: string;
  dest_addr_ton: number;
  dest_addr_npi: number;
  destination_addr: string;
  tlvs: Tlvs;
}

/** §4.10.1 */
export interface ReplaceSmBody {
  message_id: string;
  source_addr_ton: number;
  source_addr_npi: number;
  source_addr: string;
  schedule_delivery_time: string;
  validity_period: string;
  registered_delivery: number;
  sm_default_msg_id: number;
  short_message: Buffer;
  tlvs: Tlvs;
}

/** §4.12.1 */
export interface AlertNotificationBody {
  source_addr_ton: number;
  source_addr_npi: number;
  source_addr: string;
  esme_addr_ton: number;
  esme_addr_npi: number;
  esme_addr: string;
  tlvs: Tlvs;
}

/** A PDU that is a header alone. */
export type NoBody = Record<never, never>;

/** Every command of SMPP 3.4 and its body. */
export interface Bodies {
  generic_nack: NoBody;
  bind_receiver: BindBody;
  bind_receiver_resp: BindRespBody;
  bind_transmitter: BindBody;
  bind_transmitter_resp: BindRespBody;
  bind_transceiver: BindBody;
  bind_transceiver_resp: BindRespBody;
  outbind: OutbindBody;
  unbind: NoBody;
  unbind_resp: NoBody;
  enquire_link: NoBody;
  enquire_link_resp: NoBody;
  submit_sm: ShortMessageBody;
  submit_sm_resp: MessageRespBody;
  deliver_sm: ShortMessageBody;
  deliver_sm_resp: MessageRespBody;
  data_sm: DataSmBody;
  data_sm_resp: MessageRespBody;
  submit_multi: SubmitMultiBody;
  submit_multi_resp: SubmitMultiRespBody;
  query_sm: QuerySmBody;
  query_sm_resp: QuerySmRespBody;
  cancel_sm: CancelSmBody;
  cancel_sm_resp: NoBody;
  replace_sm: ReplaceSmBody;
  replace_sm_resp: NoBody;
  alert_notification: AlertNotificationBody;
}

export type Command = keyof Bodies;

/** The PDU of one command as it is read: every field is there. */
export type PduOf<C extends Command> = {
  [K in C]: { command: K; command_status: number; sequence_number: number } & Bodies[K];
}[C];

/** Any PDU, told apart by `command`. */
export type Pdu = PduOf<Command>;

/** The body of one command as it is written: a field left out is 0, empty or absent. */
export type Fields<C extends Command> = Partial<Bodies[C]>;

/** Any PDU as it is written; `command_status` and `sequence_number` left out are 0. */
export type PduInput = {
  [C in Command]: { command: C; command_status?: number; sequence_number?: number } & Fields<C>;
}[Command];

export type BindTransmitter = PduOf<"bind_transmitter">;
export type BindReceiver = PduOf<"bind_receiver">;
export type BindTransceiver = PduOf<"bind_transceiver">;
export type Bind = BindTransmitter | BindReceiver | BindTransceiver;
export type SubmitSm = PduOf<"submit_sm">;
export type SubmitSmResp = PduOf<"submit_sm_resp">;
export type DeliverSm = PduOf<"deliver_sm">;
export type DeliverSmResp = PduOf<"deliver_sm_resp">;
export type DataSm = PduOf<"data_sm">;
export type DataSmResp = PduOf<"data_sm_resp">;
