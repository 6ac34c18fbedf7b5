import {
  commandStatus,
  commandStatusName,
  type DataSm,
  type DeliverSm,
  esmClass,
  type Fields,
  SmppClient,
  type SmppClientOptions,
  type SubmitSmResp,
} from "@messaging-plus/smpp";
import { bodyOf } from "../../carriers/simulator/reply.ts";
import { isReceipt, readReceipt } from "../../receipt/read.ts";
import type { EsmeTally } from "./esme-tally.ts";
import { type Say, textOf } from "./say.ts";

export interface EsmeRunOptions {
  link: Pick<SmppClientOptions, "host" | "port" | "tls" | "system_id" | "password" | "bind" | "window">;
  binds: number;
  /** Why a bind was not answered, in words. */
  faultOf(error: Error): string;
  /** Submits a second, over all binds. */
  rate: number | undefined;
  /** Time without an answer or a receipt after which it waits no longer, in ms. */
  silenceMs: number;
  tally: EsmeTally;
  /** Tells each answer, receipt and inbound message. */
  tell: Say;
  /** Tells of a bind that is lost or refused, after all had stood. */
  onTrouble(what: string): void;
}

/** How often a wait looks whether it has been too long, in ms. */
const LOOK_MS = 250;

/** The binds of a customer's software, over which it submits. */
export class EsmeRun {
  readonly #options: EsmeRunOptions;
  readonly #clients: readonly SmppClient[];
  #stopped = false;
  #heardAt = performance.now();
  #wake = (): void => {};

  constructor(options: EsmeRunOptions) {
    this.#options = options;
    this.#clients = Array.from({ length: options.binds }, () => {
      return new SmppClient({
        ...options.link,
        interface_version: 0x34,
        onDeliver: (pdu, answer) => {
          answer(commandStatus.ESME_ROK);
          this.#delivered(pdu);
          return undefined;
        },
      });
    });
  }

  /** Binds one after the other. Rejects with the reason if one is refused or cannot be reached. */
  async bind(): Promise<void> {
    const { onTrouble, faultOf } = this.#options;
    for (const client of this.#clients) {
      await bound(client, faultOf);
      client.on("free", () => this.#wake());
      client.on("bound", () => this.#heard());
      client.on("lost", (reason) => onTrouble(`a bind is lost: ${reason.message}`));
      client.on("failed", (reason) => onTrouble(`cannot bind again: ${faultOf(reason)}`));
      client.on("refused", (status) => onTrouble(`cannot bind again: ${commandStatusName(status)}`));
    }
  }

  /** Submits all, and waits for their answers and receipts. Resolves with whether it came to the last, or was stopped. */
  async submit(submits: Iterable<Fields<"submit_sm">>): Promise<boolean> {
    const { tally, rate } = this.#options;
    const begun = performance.now();
    for (const fields of submits) {
      if (rate !== undefined) await this.#until(begun + (tally.submitted / rate) * 1_000);
      if (!(await this.#wait(() => this.#roomiest.free > 0))) return this.#stopped;
      const submittedAt = performance.now();
      tally.submits(submittedAt);
      this.#roomiest.submit(fields, (answer) => this.#answered(fields, answer, submittedAt));
    }
    await this.#wait(() => tally.underWay + tally.awaited === 0);
    return true;
  }

  /** Stays bound until it is stopped. */
  async listen(): Promise<void> {
    while (!this.#stopped) await this.#change();
  }

  /** Has it submit no more, and wait for nothing. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  /** Waits for the answers that are due on both sides, and unbinds. */
  async close(timeoutMs: number): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close({ timeoutMs })));
  }

  get #roomiest(): SmppClient {
    return this.#clients.reduce((best, one) => (one.free > best.free ? one : best));
  }

  /** Whether it came to be `done`, before it was stopped or nothing was heard for long. */
  async #wait(done: () => boolean): Promise<boolean> {
    this.#heardAt = performance.now();
    while (!done() && !this.#stopped) {
      if (performance.now() - this.#heardAt > this.#options.silenceMs) return false;
      await this.#change();
    }
    return !this.#stopped;
  }

  async #until(at: number): Promise<void> {
    for (let left = at - performance.now(); left > 0 && !this.#stopped; left = at - performance.now()) {
      await this.#change(Math.min(left, LOOK_MS));
    }
  }

  /** Resolves when something was heard, or after a while. */
  #change(ms = LOOK_MS): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #heard(): void {
    this.#heardAt = performance.now();
    this.#wake();
  }

  #answered(fields: Fields<"submit_sm">, answer: SubmitSmResp | Error, submittedAt: number): void {
    const { tally, tell } = this.#options;
    const now = performance.now();
    const { source_addr: from, destination_addr: to } = fields;
    const ms = Math.round(now - submittedAt);
    if (answer instanceof Error) {
      tally.unanswered++;
      tell({ event: "answer", from, to, error: answer.message }, `${from} → ${to}  ${answer.message}`);
    } else {
      const { command_status, message_id } = answer;
      const isAccepted = command_status === commandStatus.ESME_ROK;
      if (isAccepted) tally.answered(message_id, submittedAt, now);
      else tally.refusal(commandStatusName(command_status), submittedAt, now);
      const said = isAccepted ? message_id : commandStatusName(command_status);
      tell({ event: "answer", from, to, command_status, message_id, ms }, `${from} → ${to}  ${said}  ${ms} ms`);
    }
    this.#heard();
  }

  #delivered(pdu: DeliverSm | DataSm): void {
    const { tally, tell } = this.#options;
    const { source_addr: from, destination_addr: to, esm_class } = pdu;
    const { receipted_message_id, message_state, message_payload = NOTHING } = pdu.tlvs;
    const body = pdu.command === "deliver_sm" ? bodyOf(pdu) : message_payload;
    const tlvs = { receipted_message_id, message_state };
    const read = { body, esmClass: esm_class, tlvs, source: from, destination: to };
    if (isReceipt(read)) {
      const { tlvId, id, stat, state, err, text } = readReceipt(read);
      const message_id = tlvId ?? id ?? "";
      const isFinal = (esm_class & esmClass.TYPE_MASK) !== esmClass.INTERMEDIATE_NOTIFICATION;
      if (isFinal) tally.receipt(message_id, stat ?? state, performance.now());
      const event = isFinal ? "receipt" : "notification";
      tell({ event, from, to, message_id, state: stat ?? state, error: err, text }, `${event} of ${from}  ${text}`);
    } else {
      tally.inbound++;
      const text = textOf(pdu, body);
      tell({ event: "inbound", from, to, text }, `${from} → ${to}  ${JSON.stringify(text)}`);
    }
    this.#heard();
  }
}

const NOTHING = Buffer.alloc(0);

function bound(client: SmppClient, faultOf: EsmeRunOptions["faultOf"]): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once("bound", () => resolve());
    client.once("refused", (status) => reject(new Error(`the bind was refused: ${commandStatusName(status)}`)));
    client.once("failed", (error) => reject(new Error(faultOf(error))));
    client.start();
  });
}
