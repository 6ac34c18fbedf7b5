import type { HandOver } from "./accept/accept.ts";
import type { WaitingMessage } from "./store/claim-messages.ts";

/** What the engine's process tells those that accept. */
export type ToApi =
  | { kind: "engine"; worker: number; inHand: number }
  | { kind: "metrics"; request: number; text: string }
  | { kind: "stop" };

/** What an accepting process tells the engine's. */
export type FromApi =
  | { kind: "loaded" }
  | { kind: "listening"; port: number }
  | { kind: "messages"; messages: readonly WaitingMessage[] }
  | { kind: "wake" }
  | { kind: "metrics"; request: number }
  /** It cannot start; `code` is the system's where it has one (EADDRINUSE). */
  | { kind: "failed"; message: string; code: string | undefined };

/** Messages that the engine's memory is to hold. */
const MOST_IN_HAND = 20_000;
/** Of these, what one flush may fill: a large batch leaves room for everybody's single messages. */
const MOST_OF_ONE = MOST_IN_HAND / 2;

/** Hands over to the engine in another process of this program, over the pipe between them. */
export class PipeHandOver implements HandOver {
  readonly #send: (message: FromApi) => void;
  readonly #wakeOthers: () => void;
  #worker = 0;
  #inHand = 0;

  /** @param wakeOthers tells other programs on the same store */
  constructor(send: (message: FromApi) => void, wakeOthers: () => void) {
    this.#send = send;
    this.#wakeOthers = wakeOthers;
  }

  /** The engine's own word on what it has in hand. */
  update(worker: number, inHand: number): void {
    this.#worker = worker;
    this.#inHand = inHand;
  }

  offer(count: number): { worker: number; count: number } {
    const room = Math.min(MOST_IN_HAND - this.#inHand, MOST_OF_ONE);
    if (this.#worker === 0 || room <= 0) return { worker: 0, count: 0 };
    const taken = Math.min(count, room);
    this.#inHand += taken;
    return { worker: this.#worker, count: taken };
  }

  send(messages: readonly WaitingMessage[]): void {
    this.#send({ kind: "messages", messages });
  }

  wake(): void {
    this.#send({ kind: "wake" });
    this.#wakeOthers();
  }
}
