import { randomInt } from "node:crypto";
import {
  type Bind,
  commandStatus,
  type Fields,
  type OtherAnswer,
  type OtherRequest,
  registeredDelivery,
  type ServerSession,
  SmppServer,
  type SubmitAnswer,
  type SubmitSm,
} from "@messaging-plus/smpp";
import { type SimulatedOutcome, simulatedOutcome } from "./outcomes.ts";
import { isWhole, replyFields } from "./reply.ts";
import { verdictOf } from "./verdict.ts";

/** A receipt that the simulator has yet to send. */
interface Owed {
  /** The system_id of the submit; any bind of that name gets the receipt. */
  owner: string;
  id: string;
  /** The addresses of the message; the receipt goes the other way. */
  source: string;
  destination: string;
  code: string;
  intermediate: boolean;
  /** The registered_delivery of the submit. */
  registered: number;
  /** The user_message_reference of the submit, which its receipt has too (SMPP 3.4 §4.6.1). */
  reference: number | undefined;
}

/** A message that was submitted before this simulator started and still waits for its receipt. */
export interface Outstanding {
  id: string;
  source: string;
  destination: string;
  /** Epoch milliseconds. */
  submittedAt: number;
}

/** esm_class of a receipt and of an intermediate notification (SMPP 3.4 §5.2.12). */
const RECEIPT = 0x04;
const INTERMEDIATE = 0x20;
/** Refused for good (§5.1.3): nobody has the number that a reply goes to. */
const ESME_RX_R_APPN = 0x66;
const RETRY_MS = 1_000;

/** The system_id of the simulator, and of the program that binds to it. */
export const SIMULATOR_NAME = "simulator";

export interface SimulatedSmscOptions {
  receiptDelayMs: number;
  /** Returns the command_status for a bind. Default: 0, which accepts it. */
  admit?(bind: Bind): number;
  /** Returns the command_status for a submit whose fields are in order. Default: 0, after which its number decides. */
  admitSubmit?(submit: SubmitSm, owner: string): number;
  /** The system_id whose binds get all receipts. Default: that of the submit. */
  receiptsTo?: string | undefined;
  onBound?(bind: Bind): void;
  onSubmit?(submit: SubmitSm, answer: SubmitAnswer, owner: string): void;
}

/** An SMSC that speaks real SMPP over a socket and hands no message to anybody. */
export class SimulatedSmsc {
  readonly #server: SmppServer;
  readonly #options: SimulatedSmscOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #throttled = new Map<string, number>();
  /** Deliveries that wait, by the system_id that takes them. */
  readonly #waiting = new Map<string, Fields<"deliver_sm">[]>();
  /** The end of this simulator's ids: others of the store make theirs in the same millisecond. */
  readonly #own = randomInt(36 ** 5, 36 ** 6)
    .toString(36)
    .toUpperCase();
  #next = 0;
  #replies = 0;

  constructor(options: SimulatedSmscOptions) {
    this.#options = options;
    this.#server = new SmppServer({
      system_id: SIMULATOR_NAME,
      window: 1_000,
      onBind: (bind, session) => {
        const owner = bind.system_id;
        session.onSubmit = async (pdu) => {
          const answer = await this.#submitted(pdu, session, owner);
          options.onSubmit?.(pdu, answer, owner);
          return answer;
        };
        session.onRequest = async (pdu) => ({ command_status: refusalOf(pdu) });
        session.on("free", () => this.#deliver(owner));
        return options.admit?.(bind) ?? 0;
      },
    });
    this.#server.on("bound", ({ bind }) => {
      if (bind === undefined) return;
      options.onBound?.(bind);
      this.#deliver(bind.system_id);
    });
  }

  /** Returns the port. */
  async listen(port: number, host = "127.0.0.1"): Promise<number> {
    return (await this.#server.listen(port, host)).port;
  }

  /** Takes over receipts that were outstanding when the program ended: the store is the simulator's memory. */
  resume(messages: readonly Outstanding[], now: number): void {
    for (const { id, source, destination, submittedAt } of messages) {
      const outcome = simulatedOutcome(destination);
      const owed = {
        owner: SIMULATOR_NAME,
        id,
        source,
        destination,
        code: "00",
        intermediate: false,
        registered: registeredDelivery.RECEIPT,
        reference: undefined,
      };
      this.#schedule(outcome, owed, now - submittedAt);
    }
  }

  async close(timeoutMs: number): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting.clear();
    await this.#server.close({ timeoutMs });
  }

  async #submitted(pdu: SubmitSm, session: ServerSession, owner: string): Promise<SubmitAnswer> {
    const { source_addr: source, destination_addr: destination, registered_delivery: registered } = pdu;
    const verdict = verdictOf(pdu, Date.now()) || (this.#options.admitSubmit?.(pdu, owner) ?? 0);
    if (verdict !== 0) return { command_status: verdict };
    const outcome = simulatedOutcome(destination);
    if (outcome.kind === "refused") return { command_status: outcome.command_status };
    if (outcome.kind === "throttled" && this.#throttle(destination, outcome.times)) return { command_status: 0x58 };
    const id = this.#newId();
    const { user_message_reference: reference } = pdu.tlvs;
    const owed = { owner, id, source, destination, code: "00", intermediate: false, registered, reference };
    if (outcome.kind !== "receipt_first") this.#schedule(outcome, owed, 0);
    else if (isWanted(owed)) await session.deliver(receiptFields(owed)).catch(() => this.#owe(owed));
    if (outcome.kind === "receipt" && outcome.reply !== undefined && isWhole(pdu))
      this.#reply(pdu, owner, outcome.reply);
    return { command_status: 0, message_id: id };
  }

  #throttle(destination: string, times: number): boolean {
    const before = this.#throttled.get(destination) ?? 0;
    if (before >= times) {
      this.#throttled.delete(destination);
      return false;
    }
    this.#throttled.set(destination, before + 1);
    return true;
  }

  /** Never repeats, over starts and the simulators of several engines too: receipts are matched by it. */
  #newId(): string {
    this.#next = Math.max(this.#next + 1, Date.now() * 1_000);
    return this.#next.toString(36).toUpperCase() + this.#own;
  }

  #schedule(outcome: SimulatedOutcome, owed: Owed, elapsedMs: number): void {
    if (outcome.kind === "no_receipt") return;
    const {
      code = "00",
      afterSeconds,
      copies = 1,
      intermediateFirst = false,
    } = outcome.kind === "receipt" ? outcome : {};
    const delay = afterSeconds === undefined ? this.#options.receiptDelayMs : afterSeconds * 1_000;
    const intermediate = intermediateFirst || (owed.registered & registeredDelivery.INTERMEDIATE_NOTIFICATION) !== 0;
    if (intermediate && owed.registered !== 0)
      this.#later(delay / 2 - elapsedMs, () => this.#owe({ ...owed, intermediate: true }));
    if (!isWanted({ ...owed, code })) return;
    for (let copy = 0; copy < copies; copy++) {
      this.#later(delay * (1 + copy) - elapsedMs, () => this.#owe({ ...owed, code }));
    }
  }

  /** Comes after the receipt; the parts of a long one come last first, as they may from a network. */
  #reply({ source_addr, destination_addr }: SubmitSm, owner: string, text: string): void {
    const parts = replyFields(destination_addr, source_addr, text, this.#replies++);
    this.#later(this.#options.receiptDelayMs, () => this.#send(owner, ...parts.reverse()));
  }

  #later(ms: number, action: () => void): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        action();
      },
      Math.max(0, ms),
    );
    this.#timers.add(timer);
  }

  #owe(owed: Owed): void {
    this.#send(this.#options.receiptsTo ?? owed.owner, receiptFields(owed));
  }

  #send(owner: string, ...pdus: Fields<"deliver_sm">[]): void {
    const waiting = this.#waiting.get(owner) ?? [];
    this.#waiting.set(owner, waiting);
    waiting.push(...pdus);
    this.#deliver(owner);
  }

  /** Sends waiting deliveries over any receiving bind of that name; those without an acknowledgement wait on. */
  #deliver(owner: string): void {
    const waiting = this.#waiting.get(owner) ?? [];
    while (waiting.length > 0) {
      const session = this.#server.sessions.find(({ free, bind }) => free > 0 && bind?.system_id === owner);
      if (session === undefined) return;
      const pdu = waiting.shift() as Fields<"deliver_sm">;
      const again = (): void => this.#later(RETRY_MS, () => this.#send(owner, pdu));
      session.deliver(pdu).then(({ command_status }) => {
        if (command_status !== 0 && command_status !== ESME_RX_R_APPN) again();
      }, again);
    }
  }
}

/** Whether the submit asked for a final receipt of this code: of any end, or of failure only (SMPP 3.4 §5.2.17). */
function isWanted({ code, registered }: Owed): boolean {
  if ((registered & registeredDelivery.RECEIPT) !== 0) return true;
  return (registered & registeredDelivery.RECEIPT_ON_FAILURE) !== 0 && stateOf(code) === UNDELIVERED;
}

/** The failure of each request about a message that is gone, and 0x03 for commands that it does not speak (§5.1.3). */
function refusalOf({ command }: OtherRequest): OtherAnswer["command_status"] {
  if (command === "query_sm") return commandStatus.ESME_RQUERYFAIL;
  if (command === "cancel_sm") return commandStatus.ESME_RCANCELFAIL;
  return command === "replace_sm" ? commandStatus.ESME_RREPLACEFAIL : commandStatus.ESME_RINVCMDID;
}

/** A receipt in the form of SMPP 3.4 appendix B, with the TLVs of §5.3.2.12 and §5.3.2.35. */
function receiptFields({ id, source, destination, code, intermediate, reference }: Owed) {
  const at = new Date().toISOString().replace(/\D/g, "").slice(2, 12);
  const { stat, message_state } = intermediate ? ENROUTE : stateOf(code);
  const delivered = stat === "DELIVRD" || stat === "REPLACED";
  const err = intermediate || delivered ? "000" : `x${code}`;
  const text = `id:${id} sub:001 dlvrd:${delivered ? "001" : "000"} submit date:${at} done date:${at} stat:${stat} err:${err} text:`;
  return {
    source_addr_ton: 1,
    source_addr_npi: 1,
    source_addr: destination,
    destination_addr: source,
    esm_class: intermediate ? INTERMEDIATE : RECEIPT,
    short_message: Buffer.from(text, "latin1"),
    tlvs: {
      receipted_message_id: id,
      ...(message_state === undefined ? {} : { message_state }),
      ...(reference === undefined ? {} : { user_message_reference: reference }),
    },
  };
}

const ENROUTE = { stat: "ENROUTE", message_state: 1 };
const UNDELIVERED = { stat: "UNDELIV", message_state: 5 };

/** `stat` and message_state (SMPP 3.4 §5.2.28, which has none for a replaced message) of a code. */
function stateOf(code: string): { stat: string; message_state?: number } {
  if (code === "00") return { stat: "DELIVRD", message_state: 2 };
  if (code === "1") return { stat: "ACCEPTD", message_state: 6 };
  if (code === "2") return { stat: "REPLACED" };
  return UNDELIVERED;
}
