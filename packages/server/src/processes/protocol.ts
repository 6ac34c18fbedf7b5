import type { HandOff, Offer } from "../accept/acceptor.ts";
import type { Config } from "../config/config.ts";
import type { SmppDelivered, SmppDelivery } from "../notify/smpp/deliveries.ts";
import type { ServerTls, SmppTls } from "../runtime/tls-files.ts";
import type { BundleText } from "../store/messages/bundles.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import type { Admission } from "./smpp-binds.ts";

/** Who sends, and how much it has in memory. Node 0: nobody in this program. */
export interface EngineState {
  node: number;
  buffered: number;
}

/** Messages of the engine's process to those that accept. */
export type ToApi =
  | ({ kind: "engine"; received: number } & EngineState)
  | { kind: "answers"; answers: readonly Answered[] }
  | { kind: "ask"; request: number; task: Task }
  | { kind: "deliver"; deliveries: readonly AskedDelivery[] }
  | { kind: "stop" };

/**
 * A task that the engine's process has each accepting one do: tell its metrics; tell its customers' binds over SMPP, as
 * JSON; forget what it knows of keys; answer at all; go on with another configuration.
 */
export type Task = "metrics" | "binds" | "forgetKeys" | "answer" | Retune;

export interface Retune {
  config: Config;
  /** Null for plain HTTP. */
  tls: ServerTls | null;
  /** Null for plain SMPP. */
  smppTls: SmppTls | null;
}

/** Purposes of tokens, which the engine's process counts for all. */
export type Limited = "requests" | "replays";

/** A question of an accepting process to the engine's, with its answer. */
export type Question =
  /** The metrics of all processes, in Prometheus' text form. */
  | { kind: "metrics" }
  /** Customers' binds over SMPP, to all processes and programs, as JSON. */
  | { kind: "binds" }
  /** How the carriers do, as JSON. */
  | { kind: "carriers" }
  /** The work of the engine that does not go on. */
  | { kind: "stuck" }
  /** Has every other process forget what it knows of keys; answered once they have. */
  | { kind: "forgetKeys" }
  /** A token for a request or a replay: the seconds until there is one, 0 where there was. */
  | { kind: "token"; of: Limited; holder: string }
  /** Counts more replays than the one that a token was taken for. */
  | { kind: "spend"; holder: string; count: number }
  /** Why a message waits that is in memory, as JSON. */
  | { kind: "waiting"; message: string }
  /** Cancels a message that waits for a carrier: 1 once it is, else 0. */
  | { kind: "cancel"; message: string }
  /** Has a carrier's event taken: 1 once what it says is committed, else 0. */
  | { kind: "event"; carrier: string; event: unknown }
  /** Whether a credential may have one more bind over SMPP: 1 or 0. */
  | ({ kind: "admit" } & Admission)
  /** A token for a submit over SMPP, as for a request. */
  | { kind: "throughput"; credential: string; throughput: number }
  /** Has the engine read anew which carriers are paused. */
  | { kind: "refreshCarriers" }
  /** Has the program read its configuration anew: a `ToldReload` as JSON. */
  | { kind: "reload" };

/** A question under its number, and the answer to it. */
export interface Asked {
  request: number;
  question: Question;
}
export interface Answered {
  request: number;
  value: string | number;
}

/** A delivery that an accepting process is asked for. */
export interface AskedDelivery {
  request: number;
  delivery: SmppDelivery;
}

/** The result of one. */
export interface AnsweredDelivery {
  request: number;
  delivered: SmppDelivered;
}

/** Messages of an accepting process to the engine's. */
export type FromApi =
  | { kind: "loaded" }
  /** Where it takes HTTP, and SMPP where it does. */
  | { kind: "listening"; port: number; smppPort: number | null }
  /** A bind that was admitted is over. */
  | { kind: "unbound"; id: number }
  /** A bind that was admitted stands, and receives. */
  | { kind: "receives"; id: number; systemId: string; accountId: number }
  /** `node` and `at` are those of the offer under which they were stored. */
  | { kind: "messages"; node: number; at: number; messages: readonly WaitingMessage[] }
  | { kind: "bundle"; node: number; at: number; bundle: BundleText }
  | { kind: "wake" }
  | { kind: "questions"; asked: readonly Asked[] }
  | { kind: "done"; request: number; value: string }
  | { kind: "delivered"; answers: readonly AnsweredDelivery[] }
  /** It cannot start; `code` is the system's where it has one (EADDRINUSE). */
  | { kind: "failed"; message: string; code: string | undefined };

/**
 * What was offered longer ago is not taken any more: it is a lost hand-off, whose rows are claimed once they were
 * missed for longer than this. A process that was stopped between commit and hand-off must not send them a second time.
 */
export const HAND_OFF_MS = 4_000;
/** Messages that the engine's memory is to hold. */
const MOST_BUFFERED = 8_000;
/** Of these, what one flush may fill: a large batch leaves room for everybody's single messages. */
const MOST_OF_ONE = MOST_BUFFERED / 2;

/** Hands over to the engine in another process of this program, over the pipe between them. */
export class PipeHandOff implements HandOff {
  readonly #send: (message: FromApi) => void;
  readonly #wakeOthers: () => void;
  #engine: EngineState = { node: 0, buffered: 0 };
  /** Messages that were handed off in all, and those of them that the engine has seen. */
  #sent = 0;
  #received = 0;

  /** @param wakeOthers tells other programs on the same store */
  constructor(send: (message: FromApi) => void, wakeOthers: () => void) {
    this.#send = send;
    this.#wakeOthers = wakeOthers;
  }

  /** The engine's own word; `received` counts the messages that came from here. */
  update(engine: EngineState, received: number): void {
    this.#engine = engine;
    this.#received = received;
  }

  offer(count: number): Offer {
    const { node, buffered } = this.#engine;
    const onTheWay = this.#sent - this.#received;
    const room = Math.min(MOST_BUFFERED - buffered - onTheWay, MOST_OF_ONE);
    const at = Date.now();
    return node === 0 || room <= 0 ? { node: 0, count: 0, at } : { node, count: Math.min(count, room), at };
  }

  send({ node, at }: Offer, messages: readonly WaitingMessage[]): void {
    this.#sent += messages.length;
    this.#send({ kind: "messages", node, at, messages });
  }

  sendBundle({ node, at }: Offer, bundle: BundleText): void {
    this.#sent += bundle.count;
    this.#send({ kind: "bundle", node, at, bundle });
  }

  wake(): void {
    this.#send({ kind: "wake" });
    this.#wakeOthers();
  }
}
