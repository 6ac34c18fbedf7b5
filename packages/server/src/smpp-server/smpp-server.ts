import {
  type Bind,
  commandStatus,
  commandStatusName,
  type Fields,
  type OtherAnswer,
  type OtherRequest,
  type ServerSession,
  SmppServer,
  type SubmitAnswer,
} from "@messaging-plus/smpp";
import type { Pool } from "pg";
import type { BindStatus } from "../account/bind-status.ts";
import type { Config } from "../config/config.ts";
import { isWithin } from "../network/networks.ts";
import { asError } from "../runtime/errors.ts";
import { LastingFault } from "../runtime/lasting-fault.ts";
import type { Logger } from "../runtime/log.ts";
import type { SmppTls } from "../runtime/tls-files.ts";
import { findSmppLogins, type SmppLogin } from "../store/accounts/smpp-credentials.ts";
import { EsmeBind } from "./esme-bind.ts";
import type { Logins } from "./logins.ts";
import type { SmppServerMetrics } from "./metrics.ts";
import { answerOther, type OtherRequestOptions } from "./other-requests.ts";
import { type Delivered, Receivers } from "./receivers.ts";
import { Refused, refusalOf } from "./status.ts";

/** A deliver_sm whose short_message is a text, an octet a character. */
export type Deliverable = Omit<Fields<"deliver_sm">, "short_message"> & { short_message: string };

/** Whether a credential may have one more bind, in all processes of this program. */
export interface Admission {
  id: number;
  credential: string;
  most: number;
}

export interface FrontDoorOptions extends OtherRequestOptions {
  config: Config["smpp"];
  tls: SmppTls | null;
  log: Logger;
  pool: Pool;
  logins: Logins;
  metrics: SmppServerMetrics;
  admit(admission: Admission): Promise<boolean>;
  /** It is bound. */
  onBound(bind: EsmeBind): void;
  /** Ends the request that was admitted. */
  onEnded(id: number): void;
  /** Seconds until a submit of this credential may be taken; 0 if it may be now. */
  takeToken(login: SmppLogin): Promise<number>;
}

const SYSTEM_ID = "MessagingPlus";
/** SMPP 3.3 to 5.0. Peers of 5.0 speak 3.4 to us: sc_interface_version tells them to (SMPP 5.0 §1.4.2.5). */
const VERSIONS = { first: 0x33, last: 0x50 };
/** Most connections of one process, bound or not; each bound one has a few KiB. */
const MOST_CONNECTIONS = 2_000;
/** Of these, those that nobody has bound: enough for every customer to come back at once. */
const MOST_UNBOUND = 500;
/** Binds of one organization in one process: its credentials could have all that there are. */
const MOST_OF_ONE = MOST_CONNECTIONS / 4;
/** Time for a connection to be bound, beyond the longest delay of a wrong password. */
const BIND_MS = 15_000;
/** Most octets that may wait for a customer who does not read. */
const MOST_BUFFERED = 1024 * 1024;
/** Most octets of one bind's requests without an answer: of the largest window, 2 KiB a submit. */
const MOST_UNANSWERED = 2 * 1024 * 1024;
/** No PDU of a customer is longer: message_payload has up to 64 KiB, of which ten parts are 1,530 octets. */
const LONGEST_PDU = 16_384;
/** Most receipts and inbound messages under way on one bind. */
const DELIVERIES = 50;

/** The SMPP server that customers bind to. */
export class SmppFrontDoor {
  readonly #options: FrontDoorOptions;
  readonly #server: SmppServer;
  readonly #binds = new Map<ServerSession, EsmeBind>();
  readonly #faults = new Map<string, LastingFault>();
  /** By account and system_id, of those with receiving binds. */
  readonly #receivers = new Map<string, Receivers>();
  #next = 0;

  constructor(options: FrontDoorOptions) {
    this.#options = options;
    const { config, tls, log } = options;
    this.#server = new SmppServer({
      system_id: SYSTEM_ID,
      window: DELIVERIES,
      enquireLinkMs: config.enquireLink * 1_000,
      idleMs: config.idle * 1_000,
      bindTimeoutMs: BIND_MS,
      maxBufferedBytes: MOST_BUFFERED,
      maxUnansweredBytes: MOST_UNANSWERED,
      maxPduLength: LONGEST_PDU,
      maxConnections: MOST_CONNECTIONS,
      maxUnbound: MOST_UNBOUND,
      tls: tls === null ? false : tlsOptions(tls),
      onBind: (bind, session) => this.#bind(bind, session),
    });
    this.#server.on("bound", (session) => this.#bound(session));
    this.#server.on("failed", (err) => this.#told("a connection over SMPP could not be taken", "", { err }));
    log.debug("customers bind over SMPP");
  }

  async listen(port: number, host: string): Promise<number> {
    return (await this.#server.listen(port, host)).port;
  }

  /** Answers submits under way, unbinds every bind, and closes the port. */
  async close(timeoutMs: number): Promise<void> {
    await this.#server.close({ timeoutMs });
    for (const fault of this.#faults.values()) fault.stop();
  }

  /** New connections see this certificate from now on. */
  renewTls(tls: SmppTls): void {
    this.#server.renewTls(tlsOptions(tls));
  }

  get binds(): BindStatus[] {
    return this.#established.map(({ status }) => status);
  }

  /**
   * Delivers to a customer over its binds, one PDU after the other. `done` gets the status of the answer, the first that is
   * not 0 of several.
   */
  deliver(
    systemId: string,
    accountId: number,
    pdus: readonly Deliverable[],
    done: (delivered: Delivered) => void,
  ): void {
    const receivers = this.#receivers.get(nameOf(systemId, accountId));
    const [pdu, ...more] = pdus;
    if (receivers === undefined || pdu === undefined) {
      done(receivers === undefined ? "unbound" : 0);
      return;
    }
    const fields = { ...pdu, short_message: Buffer.from(pdu.short_message, "latin1") };
    receivers.deliver(fields, (delivered) => {
      this.#options.metrics.delivery(typeof delivered === "number" ? commandStatusName(delivered) : delivered);
      if (delivered !== 0 || more.length === 0) done(delivered);
      else this.deliver(systemId, accountId, more, done);
    });
  }

  /** After a change of credentials or accounts: reads the rights of the binds anew, and ends those that have none. */
  async recheck(): Promise<void> {
    const { pool, log } = this.#options;
    const binds = [...this.#binds.values()];
    if (binds.length === 0) return;
    const logins = await findSmppLogins(pool, [...new Set(binds.map(({ login }) => login.identifier))]);
    const byIdentifier = new Map(logins.map((login) => [login.identifier, login]));
    for (const bind of binds) {
      const login = byIdentifier.get(bind.login.identifier);
      if (login !== undefined && !login.deleted && login.systemId === bind.login.systemId) bind.login = login;
      else {
        log.info({ system_id: bind.login.systemId }, "a bind is ended: its credential or account is gone");
        void bind.session.unbind();
      }
    }
  }

  get #established(): EsmeBind[] {
    return [...this.#binds.values()].filter(({ session }) => session.isBound);
  }

  /** The status that answers a bind; with 0, the session is ready for use. */
  async #bind(pdu: Bind, session: ServerSession): Promise<number> {
    const { metrics } = this.#options;
    const status = await this.#judge(pdu, session).catch((error: unknown) => {
      this.#told("a bind could not be judged", "", { err: asError(error) });
      return commandStatus.ESME_RSYSERR;
    });
    metrics.bind(commandStatusName(status));
    return status;
  }

  async #judge(pdu: Bind, session: ServerSession): Promise<number> {
    const { logins, admit, onEnded } = this.#options;
    const { system_id, password, interface_version: version } = pdu;
    const address = session.remoteAddress ?? "";
    const refuse = (status: number, why: string): number => {
      this.#told(`a bind was refused: ${why}`, address, { system_id, address, status: commandStatusName(status) });
      return status;
    };
    if (version < VERSIONS.first || version > VERSIONS.last) {
      return refuse(commandStatus.ESME_RBINDFAIL, "its interface_version is none that is spoken here");
    }
    const answer = await logins.judge(system_id, password, address);
    if ("status" in answer) return refuse(answer.status, answer.why);
    const { login } = answer;
    if (login.allow.length > 0 && !isWithin(login.allow, address)) {
      return refuse(commandStatus.ESME_RBINDFAIL, "the credential is not allowed from this address");
    }
    const own = [...this.#binds.values()].filter((bind) => bind.login.organization === login.organization);
    if (own.length >= MOST_OF_ONE) {
      return refuse(commandStatus.ESME_RBINDFAIL, `the organization has ${MOST_OF_ONE} binds already`);
    }
    const id = ++this.#next;
    if (!(await admit({ id, credential: login.identifier, most: login.binds }))) {
      return refuse(commandStatus.ESME_RBINDFAIL, `the credential has its ${login.binds} binds already`);
    }
    const bind = new EsmeBind(id, session, pdu, login);
    this.#binds.set(session, bind);
    const ended = (): void => {
      this.#binds.delete(session);
      this.#receivesNoMore(bind);
      onEnded(id);
    };
    if (session.isClosed) {
      ended();
      return commandStatus.ESME_RBINDFAIL;
    }
    session.on("closed", (reason) => {
      ended();
      this.#options.log.info({ system_id, address, reason: reason.message }, "a customer's bind has ended");
    });
    session.onSubmit = (submit) =>
      this.#answered<SubmitAnswer>(bind, submit.command, async () => {
        const message_id = await this.#options.submits.accept(bind.login, submit);
        return { command_status: commandStatus.ESME_ROK, message_id };
      });
    session.onRequest = (request) => this.#request(bind, request);
    return commandStatus.ESME_ROK;
  }

  #bound(session: ServerSession): void {
    const bind = this.#binds.get(session);
    if (bind === undefined) return;
    const { status, kind, login } = bind;
    this.#options.log.info({ system_id: login.systemId, address: status.address, kind }, "a customer has bound");
    if (bind.receives) this.#receives(bind);
    this.#options.onBound(bind);
  }

  #receives(bind: EsmeBind): void {
    const name = nameOf(bind.login.systemId, bind.login.accountId);
    const receivers = this.#receivers.get(name) ?? new Receivers();
    this.#receivers.set(name, receivers);
    bind.session.on("free", () => receivers.pump());
    receivers.add(bind);
  }

  #receivesNoMore(bind: EsmeBind): void {
    const name = nameOf(bind.login.systemId, bind.login.accountId);
    const receivers = this.#receivers.get(name);
    receivers?.remove(bind);
    if (receivers?.size === 0) this.#receivers.delete(name);
  }

  #request(bind: EsmeBind, request: OtherRequest): Promise<OtherAnswer> {
    return this.#answered<OtherAnswer>(bind, request.command, () => answerOther(this.#options, bind.login, request));
  }

  /** Holds the bind to its window and throughput; the log has each refusal. */
  async #answered<Answer extends { command_status: number }>(
    bind: EsmeBind,
    command: string,
    work: () => Promise<Answer>,
  ): Promise<Answer> {
    const { metrics, takeToken } = this.#options;
    const { login, counts } = bind;
    if (bind.underWay >= login.window) return this.#refused<Answer>(bind, command, WINDOW);
    bind.underWay++;
    try {
      const isSubmit = SUBMITS.has(command);
      if (isSubmit && (await takeToken(login)) > 0) return this.#refused<Answer>(bind, command, THROUGHPUT);
      const answer = await work();
      if (isSubmit) {
        counts.accepted++;
        metrics.submit(commandStatusName(answer.command_status));
      }
      return answer;
    } catch (error) {
      return this.#refused<Answer>(bind, command, refusalOf(error));
    } finally {
      bind.underWay--;
    }
  }

  #refused<Answer extends { command_status: number }>(bind: EsmeBind, command: string, refusal: Refused): Answer {
    const { status, field, message } = refusal;
    const { systemId } = bind.login;
    bind.counts.refused++;
    if (SUBMITS.has(command)) this.#options.metrics.submit(commandStatusName(status));
    const details = { system_id: systemId, command, status: commandStatusName(status), field, why: message };
    const what = `a customer's ${command} was refused (${commandStatusName(status)})`;
    this.#told(what, `${systemId} ${field}`, details);
    return { command_status: status } as Answer;
  }

  /** One line for each customer, field and kind of fault when it begins, and one a minute. */
  #told(what: string, whose: string, details: object): void {
    const name = `${whose} ${what}`;
    let fault = this.#faults.get(name);
    if (fault === undefined) {
      if (this.#faults.size >= MOST_FAULTS) this.#forgetFaults();
      fault = new LastingFault({ log: this.#options.log, what });
      this.#faults.set(name, fault);
    }
    fault.happened(details);
  }

  #forgetFaults(): void {
    for (const [name, fault] of this.#faults) {
      if (fault.lasts) fault.stop();
      this.#faults.delete(name);
    }
  }
}

function nameOf(systemId: string, accountId: number): string {
  return `${accountId} ${systemId}`;
}

const MOST_FAULTS = 1_000;
const SUBMITS = new Set(["submit_sm", "data_sm", "submit_multi"]);
const WINDOW = new Refused(
  commandStatus.ESME_RTHROTTLED,
  null,
  "more submits are without an answer than the window has",
);
const THROUGHPUT = new Refused(commandStatus.ESME_RTHROTTLED, null, "more submits a second than are allowed");

function tlsOptions({ cert, key, ca }: SmppTls) {
  const common = { cert, key, minVersion: "TLSv1.2" } as const;
  return ca === null ? common : { ...common, ca, requestCert: true, rejectUnauthorized: true };
}
