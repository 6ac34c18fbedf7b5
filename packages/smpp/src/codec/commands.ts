import type { Command, Pdu, PduOf } from "./pdu.ts";

/** `command_id` of every command, SMPP 3.4 §5.1.2.1. An answer has the highest bit set. */
export const commandId: { readonly [C in Command]: number } = {
  generic_nack: 0x80000000,
  bind_receiver: 0x00000001,
  bind_receiver_resp: 0x80000001,
  bind_transmitter: 0x00000002,
  bind_transmitter_resp: 0x80000002,
  query_sm: 0x00000003,
  query_sm_resp: 0x80000003,
  submit_sm: 0x00000004,
  submit_sm_resp: 0x80000004,
  deliver_sm: 0x00000005,
  deliver_sm_resp: 0x80000005,
  unbind: 0x00000006,
  unbind_resp: 0x80000006,
  replace_sm: 0x00000007,
  replace_sm_resp: 0x80000007,
  cancel_sm: 0x00000008,
  cancel_sm_resp: 0x80000008,
  bind_transceiver: 0x00000009,
  bind_transceiver_resp: 0x80000009,
  outbind: 0x0000000b,
  enquire_link: 0x00000015,
  enquire_link_resp: 0x80000015,
  submit_multi: 0x00000021,
  submit_multi_resp: 0x80000021,
  alert_notification: 0x00000102,
  data_sm: 0x00000103,
  data_sm_resp: 0x80000103,
};

const names = new Map<number, Command>(Object.entries(commandId).map(([name, id]) => [id, name as Command]));

/** The command of a `command_id`, or undefined if SMPP 3.4 has none. */
export function commandName(id: number): Command | undefined {
  return names.get(id);
}

/** The answer of each request; outbind and alert_notification have none (§2.2.1, §4.12). */
export const responseTo = {
  bind_receiver: "bind_receiver_resp",
  bind_transmitter: "bind_transmitter_resp",
  bind_transceiver: "bind_transceiver_resp",
  unbind: "unbind_resp",
  enquire_link: "enquire_link_resp",
  submit_sm: "submit_sm_resp",
  deliver_sm: "deliver_sm_resp",
  data_sm: "data_sm_resp",
  submit_multi: "submit_multi_resp",
  query_sm: "query_sm_resp",
  cancel_sm: "cancel_sm_resp",
  replace_sm: "replace_sm_resp",
} as const satisfies { [C in Command]?: Command };

/** A command that is answered. */
export type RequestCommand = keyof typeof responseTo;
export type ResponseCommand<C extends RequestCommand = RequestCommand> = (typeof responseTo)[C];
export type RequestPdu = PduOf<RequestCommand>;
export type ResponsePdu = PduOf<ResponseCommand>;

/** Whether a `command_id` is that of an answer (generic_nack is one). */
export function isResponseId(id: number): boolean {
  return id >= 0x80000000;
}

export function isResponse(pdu: Pdu): boolean {
  return isResponseId(commandId[pdu.command]);
}

export function isRequest(pdu: Pdu): pdu is RequestPdu {
  return pdu.command in responseTo;
}
