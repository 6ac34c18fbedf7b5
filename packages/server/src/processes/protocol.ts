import type { HandOver, Offer } from "../accept/acceptor.ts";
import type { LotText } from "../store/messages/lots.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";

/** Who sends, and how much it has in hand. Worker 0: nobody in this program. */
export interface EngineState {
  worker: number;
  inHand: number;
}

/** What the engine's process tells those that accept. */
export type ToApi =
  | ({ kind: "engine"; received: number } & EngineState)
  | { kind: "answer"; request: number; value: string | number }
  | { kind: "ask"; request: number; task: Task }
  | { kind: "stop" };

/**
 * What the engine's process asks of each that accepts: its metrics; that it forgets what it knows of keys; that it
 * answers at all.
 */
export type Task = "metrics" | "forgetKeys" | "answer";

/** What tokens are for, which the engine's process counts for all. */
export type Limited = "requests" | "replays";

/**
 * What an accepting process asks the engine's: the metrics of all processes; how the carriers do, as JSON; what work
 * of the engine does not go on; that every other process forgets what it knows of keys, answered once they have; a
 * token for a request or a replay, answered with the seconds until there is one; that more replays are counted than
 * there may be tokens; that an event of a carrier's is taken, answered with 1 once what it says is committed, else with 0.
 */
export type Question =
  | { kind: "metrics" }
  | { kind: "carriers" }
  | { kind: "stuck" }
  | { kind: "forgetKeys" }
  | { kind: "token"; of: Limited; holder: string }
  | { kind: "spend"; holder: string; count: number }
  | { kind: "event"; carrier: string; event: unknown };

/** What an accepting process tells the engine's. */
export type FromApi =
  | { kind: "loaded" }
  | { kind: "listening"; port: number }
  /** `worker` and `at` are those of the offer under which they were stored. */
  | { kind: "messages"; worker: number; at: number; messages: readonly WaitingMessage[] }
  | { kind: "lot"; worker: number; at: number; lot: LotText }
  | { kind: "wake" }
  | { kind: "ask"; request: number; question: Question }
  | { kind: "done"; request: number; value: string }
  /** It cannot start; `code` is the system's where it has one (EADDRINUSE). */
  | { kind: "failed"; message: string; code: string | undefined };

/**
 * What was offered longer ago is not taken any more: it is a lost hand-over, whose rows are claimed once they were
 * missed for longer than this. A process that was stopped between commit and hand-over must not send them a second time.
 */
export const HAND_OVER_MS = 4_000;
/** Messages that the engine's memory is to hold. */
const MOST_IN_HAND = 8_000;
/** Of these, what one flush may fill: a large batch leaves room for everybody's single messages. */
const MOST_OF_ONE = MOST_IN_HAND / 2;

/** Hands over to the engine in another process of this program, over the pipe between them. */
export class PipeHandOver implements HandOver {
  readonly #send: (message: FromApi) => void;
  readonly #wakeOthers: () => void;
  #engine: EngineState = { worker: 0, inHand: 0 };
  /** Messages that were handed over in all, and those of them that the engine has seen. */
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
    const { worker, inHand } = this.#engine;
    const onTheWay = this.#sent - this.#received;
    const room = Math.min(MOST_IN_HAND - inHand - onTheWay, MOST_OF_ONE);
    const at = Date.now();
    return worker === 0 || room <= 0 ? { worker: 0, count: 0, at } : { worker, count: Math.min(count, room), at };
  }

  send({ worker, at }: Offer, messages: readonly WaitingMessage[]): void {
    this.#sent += messages.length;
    this.#send({ kind: "messages", worker, at, messages });
  }

  sendLot({ worker, at }: Offer, lot: LotText): void {
    this.#sent += lot.count;
    this.#send({ kind: "lot", worker, at, lot });
  }

  wake(): void {
    this.#send({ kind: "wake" });
    this.#wakeOthers();
  }
}
