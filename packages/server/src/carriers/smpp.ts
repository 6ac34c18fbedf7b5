import {
  type Connector,
  commandStatusName,
  type Fields,
  NoAnswer,
  NotSent,
  SmppClient,
  type SmppClientOptions,
  type SubmitSmResp,
} from "@messaging-plus/smpp";
import type { SmppCarrierConfig } from "../config/config.ts";
import { carrierMessageId, referenceId } from "../message/carrier-message-id.ts";
import { type TlvOctets, type TlvValues, tlvOctets } from "../message/tlvs.ts";
import type { Clock } from "../runtime/clock.ts";
import { asError } from "../runtime/errors.ts";
import { LastingFault } from "../runtime/lasting-fault.ts";
import type { Logger } from "../runtime/log.ts";
import { rememberingLast } from "../runtime/remembered.ts";
import { readCarrierTls } from "../runtime/tls-files.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import type { CarrierEvents, CarrierStatus, PartSaid, Submission, WatchedCarrier } from "./carrier.ts";
import { logLink } from "./link-log.ts";
import { Links } from "./links.ts";
import { Pace } from "./pace.ts";
import { readDelivery } from "./read-delivery.ts";
import { submitFields, Unsendable } from "./submit-fields.ts";
import { type StatusLists, type SubmitVerdict, submitStatusVerdict } from "./submit-verdict.ts";

export interface SmppCarrierOptions {
  config: Omit<SmppCarrierConfig, "type">;
  number: number;
  log: Logger;
  clock: Clock;
  events: CarrierEvents;
  /** Opens its connections; undefined for plain TCP to the configured host. */
  connect: Connector | undefined;
  /** Waits of its links that differ from the default. */
  waits?: Pick<SmppClientOptions, "clock" | "backoff" | "random">;
}

/** Most tries of one message after a system error (0x08) or a temporary application error (0x64). */
const MAX_TEMPORARY = 8;
/**
 * Most receipts that wait for their commit, about 1 KiB each; further ones are refused for now. A carrier with its own
 * window stays far below; one without was seen to send 10,000 at once.
 */
const MAX_UNANSWERED = 50_000;
/** Any other refusal (carriers' answers). */
const SYSTEM_ERROR = "32";
/** The message cannot be written as submit_sm. */
const MALFORMED = "52";

/** The results that a message keeps between two tries. */
interface Try {
  /** By part; undefined for a part that is still to be submitted. */
  ids: (string | null | undefined)[];
  reference: number;
  /** Answers that ask for another try, of which there is a limited number. */
  temporary: number;
}

function newTry(reference: number): Try {
  return { ids: [], reference, temporary: 0 };
}

/** An SMPP 3.4 carrier: its binds, its pace, and the reading of its answers. */
export class SmppCarrier implements WatchedCarrier {
  readonly id: string;
  readonly number: number;
  readonly ignoresRepeats = false;
  readonly #options: SmppCarrierOptions;
  readonly #senders: SmppClient[] = [];
  readonly #receivers: SmppClient[] = [];
  readonly #pace: Pace;
  readonly #links: Links;
  readonly #unwritable: LastingFault;
  readonly #lists: StatusLists;
  readonly #tls: NonNullable<SmppClientOptions["tls"]>;
  /** The optional parameters that the carrier wants in every submit. */
  readonly #tlvs: readonly TlvOctets[];
  /** Tries of messages that came back; they go with them. */
  readonly #tries = new WeakMap<WaitingMessage, Try>();
  readonly #counts: CarrierStatus["counts"] = { submitted: 0, refused: 0, later: 0, uncertain: 0, received: 0 };
  #reference = Math.floor(Math.random() * 0x10000);
  #userReference = Math.floor(Math.random() * 0x100);

  constructor(options: SmppCarrierOptions) {
    const { config, number, clock, events } = options;
    this.id = config.id;
    this.number = number;
    this.#options = options;
    this.#unwritable = new LastingFault({
      log: options.log.child({ carrier: config.id }),
      what: "a message cannot be written as submit_sm",
      level: "error",
    });
    const { again, otherCarrier, tlvs } = config;
    this.#lists = { again: new Set(again.map(Number)), otherCarrier: new Set(otherCarrier.map(Number)) };
    this.#tlvs = tlvOctets(tlvs);
    this.#tls = typeof config.tls === "object" ? readCarrierTls(config.tls) : config.tls ? {} : false;
    this.#pace = new Pace({
      window: config.window * config.binds,
      throughput: config.throughput,
      clock,
      onFree: () => events.onFree(),
    });
    this.#links = new Links(clock, config, () => this.up);
    for (let bind = 1; bind <= config.binds; bind++) {
      if (config.bind === "transceiver") this.#senders.push(this.#client("transceiver", bind));
      else {
        this.#senders.push(this.#client("transmitter", bind));
        this.#receivers.push(this.#client("receiver", bind));
      }
    }
  }

  get up(): boolean {
    return this.#senders.some((client) => client.state === "bound");
  }

  /** Whether a bind for receipts is up. */
  get #hears(): boolean {
    return this.#receivers.length === 0 || this.#receivers.some(({ state }) => state === "bound");
  }

  get free(): number {
    let free = 0;
    for (const client of this.#senders) free += client.free;
    return Math.min(free, this.#pace.free);
  }

  get slowed(): boolean {
    return this.#pace.slowed;
  }

  get status(): CarrierStatus {
    const clients = [...this.#senders, ...this.#receivers];
    const { window, underWay, slowed } = this.#pace;
    return {
      id: this.id,
      type: "smpp",
      state: this.up ? (this.#hears ? (slowed ? "slowed" : "up") : "no-receiver") : "down",
      ...this.#links.status,
      binds: { up: clients.filter(({ state }) => state === "bound").length, of: clients.length },
      window,
      under_way: underWay,
      throughput: this.#options.config.throughput,
      counts: { ...this.#counts },
    };
  }

  async start(): Promise<void> {
    for (const client of [...this.#receivers, ...this.#senders]) client.start();
  }

  async close(timeoutMs: number): Promise<void> {
    this.#pace.stop();
    this.#unwritable.stop();
    await Promise.all([...this.#senders, ...this.#receivers].map((client) => client.close({ timeoutMs })));
  }

  submit(message: WaitingMessage, done: (submission: Submission) => void): void {
    const { config, clock } = this.#options;
    const known = this.#tries.get(message);
    const reference = known?.reference ?? (message.parts > 1 ? this.#reference++ : 0);
    let fields: Fields<"submit_sm">[];
    try {
      fields = submitFields(message, config, reference, clock.now());
      const tlvs = message.tlvs === undefined ? this.#tlvs : mergedTlvs(this.#tlvs, ownTlvs(message.tlvs));
      if (tlvs.length > 0) fields = fields.map((part) => withTlvs(part, tlvs));
    } catch (error) {
      this.#unwritable.happened({ err: asError(error), message: message.id });
      const code = error instanceof Unsendable ? error.code : MALFORMED;
      const said = [{ part: 0, ms: 0, answer: "refused", id: null, status: null }] as const;
      queueMicrotask(() => done(this.#counted({ kind: "refused", code, said })));
      return;
    }
    if (fields.length > 1) {
      this.#submitParts(message, fields, known ?? newTry(reference), (submission) => done(this.#counted(submission)));
      return;
    }
    this.#submitPart(fields[0] as Fields<"submit_sm">, message, 0, (answer, said) => {
      const all = said === null ? [] : [said];
      const submission: Submission =
        answer.kind === "id"
          ? { kind: "submitted", ids: [answer.id], said: all }
          : this.#conclude(message, answer, known ?? newTry(reference), all);
      done(this.#counted(submission));
    });
  }

  #counted(submission: Submission): Submission {
    this.#counts[submission.kind]++;
    return submission;
  }

  /** Submits the parts without an id; those that find no room wait for another time. */
  #submitParts(
    message: WaitingMessage,
    fields: readonly Fields<"submit_sm">[],
    state: Try,
    done: (submission: Submission) => void,
  ): void {
    const answers: PartAnswer[] = fields.map((_, index) => ({ kind: "id", id: state.ids[index] ?? null }));
    const missing = [...fields.keys()].filter((index) => state.ids[index] === undefined);
    let awaited = missing.length;
    const all: PartSaid[] = [];
    for (const index of missing) {
      this.#submitPart(fields[index] as Fields<"submit_sm">, message, index, (answer, said) => {
        if (said !== null) all.push(said);
        answers[index] = answer;
        if (answer.kind === "id") state.ids[index] = answer.id;
        if (--awaited > 0) return;
        const gravest = gravestOf(answers.filter((each) => each.kind !== "id"));
        if (gravest !== undefined) done(this.#conclude(message, gravest, state, all));
        else done({ kind: "submitted", ids: fields.map((_, part) => state.ids[part] ?? null), said: all });
      });
    }
  }

  /** Ends a try in which some part got no id. */
  #conclude(message: WaitingMessage, answer: NotTaken, state: Try, said: readonly PartSaid[]): Submission {
    const partly = state.ids.some((id) => id !== undefined);
    if (answer.kind === "refused") return partly ? { ...answer, partly, said } : { ...answer, said };
    if (answer.kind === "later" && answer.counted && ++state.temporary > MAX_TEMPORARY) {
      return { kind: "refused", code: SYSTEM_ERROR, partly, said };
    }
    this.#tries.set(message, state);
    if (answer.kind !== "later") return { ...answer, said };
    const { code, throttled = false, other = false } = answer;
    return { kind: "later", code, throttled, partly, other, said };
  }

  /** @param done called with null if the part was not submitted */
  #submitPart(
    fields: Fields<"submit_sm">,
    { destination }: WaitingMessage,
    part: number,
    done: (answer: PartAnswer, said: PartSaid | null) => void,
  ): void {
    const { clock, config } = this.#options;
    const client = this.#pace.free > 0 ? this.#freest() : undefined;
    if (client === undefined) {
      queueMicrotask(() => done(NOT_SUBMITTED, null));
      return;
    }
    this.#pace.started();
    let ownId: string | null = null;
    let submit = fields;
    if (config.messageIds === "reference") {
      const user_message_reference = this.#nextUserReference();
      ownId = referenceId(user_message_reference, destination);
      submit = { ...fields, tlvs: { ...fields.tlvs, user_message_reference } };
    }
    const startedAt = clock.now();
    client.submit(submit, (answer) => {
      const ms = clock.now() - startedAt;
      if (answer instanceof Error) {
        const end = this.#withoutAnswer(answer, client.state === "bound");
        if (end === NOT_SUBMITTED) done(end, null);
        else
          done(end, { part, ms, answer: end.kind === "uncertain" ? "uncertain" : "refused", id: null, status: null });
        return;
      }
      const end = this.#partAnswer(answer, ownId, client);
      if (end.kind === "id") done(end, { part, ms, answer: "taken", id: end.id, status: null });
      else done(end, { part, ms, answer: "refused", id: null, status: commandStatusName(answer.command_status) });
    });
  }

  /** From 1 to 255: some carriers keep only an octet of it, and 0 stands for none. */
  #nextUserReference(): number {
    this.#userReference = (this.#userReference % 0xff) + 1;
    return this.#userReference;
  }

  #partAnswer({ command_status, message_id }: SubmitSmResp, ownId: string | null, client: SmppClient): PartAnswer {
    const verdict = submitStatusVerdict(command_status, this.#options.config.errorCodes, this.#lists);
    if (verdict.kind !== "other")
      return this.#judged(verdict, command_status, ownId ?? carrierMessageId(message_id), client);
    const answer = this.#judged(verdict.otherwise, command_status, null, client);
    return answer.kind === "refused" || (answer.kind === "later" && answer !== NOT_SUBMITTED)
      ? { ...answer, other: true }
      : answer;
  }

  #judged(verdict: SubmitVerdict, status: number, id: string | null, client: SmppClient): PartAnswer {
    switch (verdict.kind) {
      case "accepted":
        this.#pace.answered();
        return { kind: "id", id };
      case "refused":
        this.#pace.answered();
        return verdict;
      case "retry": {
        const { reason, codeWhenOver: code } = verdict;
        const queueFull = reason === "queue_full";
        this.#pace.slowDown(queueFull ? "queue_full" : "throttled");
        const counted = reason === "temporary" || reason === "system_error";
        return { kind: "later", code, counted, throttled: queueFull || reason === "throttled" };
      }
      default:
        this.#pace.dropped();
        client.rebind(new Error(`submit_sm was answered ${commandStatusName(status)}`));
        return NOT_SUBMITTED;
    }
  }

  #withoutAnswer(error: Error, linkStands: boolean): NotTaken {
    if (error instanceof NoAnswer && linkStands) this.#pace.unanswered();
    else this.#pace.dropped();
    if (error instanceof NoAnswer) return { kind: "uncertain" };
    if (error instanceof NotSent) return NOT_SUBMITTED;
    this.#unwritable.happened({ err: error });
    return { kind: "refused", code: MALFORMED };
  }

  #freest(): SmppClient | undefined {
    let best: SmppClient | undefined;
    for (const client of this.#senders) if (client.free > (best?.free ?? 0)) best = client;
    return best;
  }

  #client(bind: "transceiver" | "transmitter" | "receiver", number: number): SmppClient {
    const { config, events, connect, waits } = this.#options;
    const log = this.#options.log.child({ carrier: config.id, bind: `${bind} ${number}` });
    const { host, port } = (bind === "receiver" ? config.receiver : null) ?? config;
    const client = new SmppClient({
      host,
      port,
      tls: this.#tls,
      system_id: config.systemId,
      password: config.password,
      system_type: config.systemType,
      addr_ton: config.addressTon,
      addr_npi: config.addressNpi,
      address_range: config.addressRange,
      bind,
      window: config.window,
      responseTimeoutMs: config.responseTimeout * 1_000,
      enquireLinkMs: config.enquireLink * 1_000,
      maxUnanswered: MAX_UNANSWERED,
      onDeliver: (pdu, answer) => {
        this.#counts.received++;
        events.onDeliver(this, readDelivery(pdu, config), answer);
        return undefined;
      },
      ...(connect === undefined ? {} : { connect }),
      ...waits,
    });
    logLink(client, log);
    this.#links.watch(client);
    client.on("lost", () => events.onFree());
    client.on("free", () => events.onFree());
    return client;
  }
}

/** The answer to a part that the carrier did not take. `counted`: it may be tried a limited number of times. */
type NotTaken =
  | { kind: "refused"; code: string; other?: boolean }
  | { kind: "later"; code: string | null; counted: boolean; throttled?: boolean; other?: boolean }
  | { kind: "uncertain" };
type PartAnswer = { kind: "id"; id: string | null } | NotTaken;

const NOT_SUBMITTED: NotTaken = { kind: "later", code: null, counted: false };

/** The answer that decides the message. */
function gravestOf(answers: readonly NotTaken[]): NotTaken | undefined {
  return (
    answers.find(({ kind }) => kind === "refused") ??
    answers.find(({ kind }) => kind === "uncertain") ??
    answers.find((answer) => answer !== NOT_SUBMITTED) ??
    answers[0]
  );
}

/** A message's own TLVs, as stored. The last result is kept: all messages of a batch have the same. */
const ownTlvs = rememberingLast((json: string) => tlvOctets(JSON.parse(json) as TlvValues));

/** The carrier's TLVs, except those that the message has itself. */
function mergedTlvs(carrier: readonly TlvOctets[], own: readonly TlvOctets[]): TlvOctets[] {
  return [...carrier.filter(({ tag }) => !own.some((one) => one.tag === tag)), ...own];
}

/** A submit_sm with further optional parameters. */
function withTlvs(fields: Fields<"submit_sm">, raw: readonly TlvOctets[]): Fields<"submit_sm"> {
  return { ...fields, tlvs: { ...fields.tlvs, raw } };
}
