/** What the tests use of the npm package smpp 0.5.1, which has no types. */
declare module "smpp" {
  import type { EventEmitter } from "node:events";
  import type { AddressInfo } from "node:net";

  export interface PDU {
    command: string;
    command_status: number;
    sequence_number: number;
    response(fields?: Fields): PDU;
    [field: string]: unknown;
  }

  type Fields = Record<string, unknown>;
  type Callback = (pdu: PDU) => void;

  export interface Session extends EventEmitter {
    send(pdu: PDU): boolean;
    bind_transceiver(fields: Fields, callback: Callback): boolean;
    bind_transmitter(fields: Fields, callback: Callback): boolean;
    submit_sm(fields: Fields, callback: Callback): boolean;
    deliver_sm(fields: Fields, callback: Callback): boolean;
    data_sm(fields: Fields, callback: Callback): boolean;
    query_sm(fields: Fields, callback: Callback): boolean;
    enquire_link(callback: Callback): boolean;
    unbind(callback: Callback): boolean;
    close(): void;
    destroy(): void;
  }

  export interface Server {
    listen(port: number, host: string, listening: () => void): void;
    address(): AddressInfo;
    close(closed: () => void): void;
  }

  const smpp: {
    createServer(onSession: (session: Session) => void): Server;
    connect(options: { host: string; port: number }, connected: () => void): Session;
  };
  export default smpp;
}
