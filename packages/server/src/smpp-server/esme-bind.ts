import type { Bind, ServerSession } from "@messaging-plus/smpp";
import type { BindKind, BindStatus } from "../account/bind-status.ts";
import type { SmppLogin } from "../store/accounts/smpp-credentials.ts";

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
    return this.kind !== "transmitter";
  }

  get status(): BindStatus {
    const { systemId, account, organization, organizationId, window } = this.login;
    return {
      id: `${process.pid}.${this.id}`,
      organizationId,
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
