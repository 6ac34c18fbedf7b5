import type { HandOff, Offer } from "../accept/acceptor.ts";
import type { CarrierStatus } from "../carriers/carrier.ts";
import type { Config } from "../config/config.ts";
import type { WhyWaiting } from "../message/waiting.ts";
import type { SmppDelivered, SmppDelivery } from "../notify/smpp/deliveries.ts";
import type { ServerTls, SmppTls } from "../runtime/tls-files.ts";
import type { StoreConfig } from "../store/client.ts";
import type { BundleText } from "../store/messages/bundles.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import type { Admission } from "./smpp-binds.ts";
import type { Reloaded } from "./stage.ts";

/** Who sends, and how much it has in memory, with what is on the way to it from the main process. Node 0: nobody. */
export interface EngineState {
  node: number;
  buffered: number;
}

/** The same as an accepting process is told it. */
export interface EngineRoom extends EngineState {
  /** Messages of those that came from this accepting process. */
  received: number;
}

/** Messages of the main process to those that accept. */
export type ToApi =
  | { kind: "engines"; engines: readonly EngineRoom[] }
  | { kind: "answers"; answers: readonly Answered[] }
  | { kind: "ask"; request: number; task: Task }
  | { kind: "deliver"; deliveries: readonly AskedDelivery[] }
  /** To a process that has prepared, and waits for it. */
  | { kind: "listen" }
  | { kind: "stop" };

/**
 * A task that the main process has each accepting one do: tell its metrics; tell its customers' binds over SMPP, as
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

/** Purposes of tokens, which the main process counts for all. */
export type Limited = "requests" | "replays";

/** A question of an accepting process to the main one, with its answer. */
export type Question =
  /** The metrics of all processes, in Prometheus' text form. */
  | { kind: "metrics" }
  /** Customers' binds over SMPP, to all processes and programs, as JSON. */
  | { kind: "binds" }
  /** How the carriers do, as JSON. */
  | { kind: "carriers" }
  /** The work of the engines that does not go on. */
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
  /** Has the engines read anew which carriers are paused. */
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

/** Committed messages on their way to a node's memory; `node` and `at` are those of the offer under which they were stored. */
export type HandedOff =
  | { kind: "messages"; node: number; at: number; messages: readonly WaitingMessage[] }
  | { kind: "bundle"; node: number; at: number; bundle: BundleText };

export function countOf(handedOff: HandedOff): number {
  return handedOff.kind === "bundle" ? handedOff.bundle.count : handedOff.messages.length;
}

/** Messages of an accepting process to the main one. */
export type FromApi =
  | { kind: "loaded" }
  /** Where it takes HTTP, and SMPP where it does. */
  | { kind: "listening"; port: number; smppPort: number | null }
  /** A bind that was admitted is over. */
  | { kind: "unbound"; id: number }
  /** A bind that was admitted stands, and receives. */
  | { kind: "receives"; id: number; systemId: string; accountId: number }
  | HandedOff
  | { kind: "wake" }
  | { kind: "questions"; asked: readonly Asked[] }
  | { kind: "done"; request: number; value: string }
  | { kind: "delivered"; answers: readonly AnsweredDelivery[] }
  /** It cannot start; `code` is the system's where it has one (EADDRINUSE). */
  | { kind: "failed"; message: string; code: string | undefined };

/** The first message of the main process to one with a further engine. */
export interface EngineStart {
  kind: "start";
  /** Its number, from 2. */
  number: number;
  name: string;
  /** The whole program's. */
  reloaded: Reloaded;
  database: StoreConfig;
  readable: boolean;
  publicUrl: string;
}

/** Messages of the main process to one with a further engine. */
export type ToEngine =
  | EngineStart
  | HandedOff
  /** An accepting process has died, with messages on the way. */
  | { kind: "lookForLost" }
  | { kind: "ask"; request: number; question: EngineQuestion }
  /** Ends it in order; `deadline` in epoch milliseconds. */
  | { kind: "stop"; deadline: number };

/** A question of the main process to an engine, in whatever process that is. */
export type EngineQuestion =
  | Extract<Question, { kind: "metrics" | "carriers" | "stuck" | "waiting" | "cancel" | "refreshCarriers" }>
  /** Goes on with another configuration, which is the whole program's. */
  | { kind: "reload"; reloaded: Reloaded };

export type EngineQuestionOf<Kind extends keyof EngineAnswers> = Extract<EngineQuestion, { kind: Kind }>;

/** The answers by the kinds of the questions. */
export interface EngineAnswers {
  metrics: string;
  carriers: CarrierStatus[];
  stuck: string[];
  waiting: WhyWaiting | null;
  cancel: boolean;
  refreshCarriers: null;
  reload: null;
}

/** Messages of a process with a further engine to the main one. */
export type FromEngine =
  | { kind: "loaded" }
  | { kind: "started" }
  | ({ kind: "state" } & EngineRoom)
  | { kind: "answer"; request: number; value: unknown }
  | { kind: "fault"; request: number; message: string }
  | { kind: "failed"; message: string; code: string | undefined };

/**
 * What was offered longer ago is not taken any more: it is a lost hand-off, whose rows are claimed once they were
 * missed for longer than this. A process that was stopped between commit and hand-off must not send them a second time.
 */
export const HAND_OFF_MS = 4_000;
/** Messages that an engine's memory is to hold. */
const MOST_BUFFERED = 8_000;
/** Of these, what one flush may fill: a large batch leaves room for everybody's single messages. */
const MOST_OF_ONE = MOST_BUFFERED / 2;

/**
 * Messages by which one engine may have more in memory than another and still get the next: what comes at 10,000 a second in the
 * time between two reports of the engines. Work that one engine can do alone is done in fewer and larger flushes.
 */
const SLACK = 500;

/**
 * Hands over to the engines of this program, over the pipe to the main process: to one for as long as it keeps up, else to that
 * with the most room.
 */
export class PipeHandOff implements HandOff {
  readonly #send: (message: FromApi) => void;
  readonly #wakeOthers: () => void;
  #engines: readonly EngineRoom[] = [];
  /** The node that the last messages were offered to. */
  #node = 0;
  /** Messages that were handed off in all, by node. */
  readonly #sent = new Map<number, number>();

  /** @param wakeOthers tells other engines and programs on the same store */
  constructor(send: (message: FromApi) => void, wakeOthers: () => void) {
    this.#send = send;
    this.#wakeOthers = wakeOthers;
  }

  /** The engines' own word. */
  update(engines: readonly EngineRoom[]): void {
    this.#engines = engines;
    for (const node of this.#sent.keys()) if (!engines.some((engine) => engine.node === node)) this.#sent.delete(node);
  }

  offer(count: number): Offer {
    const rooms = this.#engines
      .filter(({ node }) => node !== 0)
      .map(({ node, buffered, received }) => {
        const onTheWay = (this.#sent.get(node) ?? 0) - received;
        return { node, room: MOST_BUFFERED - buffered - onTheWay };
      });
    const most = rooms.reduce((best, each) => (each.room > best.room ? each : best), { node: 0, room: 0 });
    const last = rooms.find(({ node }) => node === this.#node);
    const { node, room } = last !== undefined && last.room > 0 && last.room + SLACK >= most.room ? last : most;
    this.#node = node;
    return { node, count: Math.min(count, room, MOST_OF_ONE), at: Date.now() };
  }

  send({ node, at }: Offer, messages: readonly WaitingMessage[]): void {
    this.#pass({ kind: "messages", node, at, messages });
  }

  sendBundle({ node, at }: Offer, bundle: BundleText): void {
    this.#pass({ kind: "bundle", node, at, bundle });
  }

  wake(): void {
    this.#send({ kind: "wake" });
    this.#wakeOthers();
  }

  #pass(handedOff: HandedOff): void {
    this.#sent.set(handedOff.node, (this.#sent.get(handedOff.node) ?? 0) + countOf(handedOff));
    this.#send(handedOff);
  }
}
