import type { Bind, ServerSession } from "@messaging-plus/smpp";
import type { SmppLogin } from "../store/accounts/smpp-credentials.ts";

export type BindKind = "transmitter" | "receiver" | "transceiver";

/** A bind as `GET /smpp` shows it. */
export interface BindStatus {
  system_id: string;
  account_uuid: string;
  organization_uuid: string;
  address: string;
  kind: BindKind;
  /** ISO 8601. */
  since: string;
  /** Submits that may be without an answer. */
  window: number;
  /** Submits that are. */
  under_way: number;
  counts: { accepted: number; refused: number; delivered: number };
}

/** A customer's bind. */
export class EsmeBind {
  /** Unique in this process. */
  readonly id: number;
  readonly session: ServerSession;
  readonly kind: BindKind;
  readonly since = new Date();
  readonly counts = { accepted: 0, refused: 0, delivered: 0 };
  login: SmppLogin;
  underWay = 0;

  constructor(id: number, session: ServerSession, { command }: Bind, login: SmppLogin) {
    this.id = id;
    this.session = session;
    this.kind =
      command === "bind_transmitter" ? "transmitter" : command === "bind_receiver" ? "receiver" : "transceiver";
    this.login = login;
  }

  get receives(): boolean {
    return this.kind !== "transmitter" && this.session.isBound;
  }

  get status(): BindStatus {
    const { systemId, account, organization, window } = this.login;
    return {
      system_id: systemId,
      account_uuid: account,
      organization_uuid: organization,
      address: this.session.remoteAddress ?? "",
      kind: this.kind,
      since: this.since.toISOString(),
      window,
      under_way: this.underWay,
      counts: { ...this.counts },
    };
  }
}
