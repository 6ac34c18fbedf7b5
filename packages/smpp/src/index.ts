export { type Backoff, defaultBackoff } from "./client/backoff.ts";
export {
  type BindType,
  SmppClient,
  type SmppClientEvents,
  type SmppClientOptions,
  type SmppClientState,
} from "./client/client.ts";
export {
  commandId,
  commandName,
  isRequest,
  isResponse,
  type RequestCommand,
  type RequestPdu,
  type ResponseCommand,
  type ResponsePdu,
  responseTo,
} from "./codec/commands.ts";
export { decodePdu } from "./codec/decode.ts";
export { encodePdu } from "./codec/encode.ts";
export { EncodeError, PduError } from "./codec/error.ts";
export { type Parsed, PduParser } from "./codec/parser.ts";
export type {
  AlertNotificationBody,
  Bind,
  BindBody,
  BindReceiver,
  BindRespBody,
  BindTransceiver,
  BindTransmitter,
  Bodies,
  CancelSmBody,
  Command,
  DataSm,
  DataSmBody,
  DataSmResp,
  DeliverSm,
  DeliverSmResp,
  DestAddress,
  Fields,
  MessageRespBody,
  OutbindBody,
  Pdu,
  PduInput,
  PduOf,
  QuerySmBody,
  QuerySmRespBody,
  ReplaceSmBody,
  ShortMessageBody,
  SubmitMultiBody,
  SubmitMultiRespBody,
  SubmitSm,
  SubmitSmResp,
  UnsuccessSme,
} from "./codec/pdu.ts";
export { commandStatus, commandStatusName } from "./codec/status.ts";
export { type NetworkErrorCode, type RawTlv, type TlvName, type Tlvs, tlvName, tlvTag } from "./codec/tlv.ts";
export { SmppServer, type SmppServerEvents, type SmppServerOptions } from "./server/server.ts";
export type {
  OtherAnswer,
  OtherRequest,
  ServerSession,
  ServerSessionEvents,
  SubmitAnswer,
} from "./server/server-session.ts";
export { NoAnswer, NotSent } from "./session/errors.ts";
export { type SessionOptions, sessionDefaults } from "./session/options.ts";
export { formatAbsoluteTime, formatRelativeTime, parseTime, type SmppTime } from "./time.ts";
export { type Clock, systemClock } from "./transport/clock.ts";
export { type Connector, dialTcp } from "./transport/dial.ts";
export {
  type Concatenation,
  concatenationUdh8,
  concatenationUdh16,
  type InformationElement,
  readConcatenation,
  readUserData,
  type UserData,
} from "./udh.ts";
export { dataCoding, esmClass, messageState, npi, registeredDelivery, ton } from "./values.ts";
