import { type Fields, NotSent } from "@messaging-plus/smpp";
import type { EsmeBind } from "./esme-bind.ts";

/** The command_status of a customer's answer, or the reason why there is none. */
export type Delivered = number | "unbound" | "timeout";

interface Waiting {
  fields: Fields<"deliver_sm">;
  /** Epoch milliseconds. */
  until: number;
  done: (delivered: Delivered) => void;
}

/** How long a delivery waits for room on a bind, in ms. */
const ROOM_MS = 10_000;

/**
 * The receiving binds of a system_id of an account, and the deliveries that wait for room on one of them, in their order.
 * Without promises: a delivery took 6 µs more with them, most of it the collector's.
 */
export class Receivers {
  /** A bind that has refused a delivery, or left it without an answer, stands behind the others with as much room. */
  readonly #binds = new Set<EsmeBind>();
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  get size(): number {
    return this.#binds.size;
  }

  add(bind: EsmeBind): void {
    this.#binds.add(bind);
    this.pump();
  }

  remove(bind: EsmeBind): void {
    this.#binds.delete(bind);
    this.pump();
  }

  /** Over the bind with the most room; over the next if that one has gone and not an octet has left. */
  deliver(fields: Fields<"deliver_sm">, done: (delivered: Delivered) => void): void {
    this.#waiting.push({ fields, until: Date.now() + ROOM_MS, done });
    this.pump();
  }

  /** Sends what has room. */
  pump(): void {
    let sent = 0;
    for (; sent < this.#waiting.length; sent++) {
      const bind = this.#roomiest();
      if (bind === null) break;
      this.#send(bind, this.#waiting[sent] as Waiting);
    }
    if (sent > 0) this.#waiting = this.#waiting.slice(sent);
    if (this.#binds.size === 0) this.#giveUp(this.#waiting.length, "unbound");
    if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#expire(), ROOM_MS);
    else {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  #roomiest(): EsmeBind | null {
    let best: EsmeBind | null = null;
    let most = 0;
    for (const bind of this.#binds) {
      const { free } = bind.session;
      if (free > most) [best, most] = [bind, free];
    }
    return best;
  }

  #send(bind: EsmeBind, waiting: Waiting): void {
    bind.session.deliver(waiting.fields, (answer) => {
      const isTaken = !(answer instanceof Error) && answer.command_status === 0;
      if (!isTaken && this.#binds.delete(bind)) this.#binds.add(bind);
      if (!(answer instanceof Error)) {
        if (isTaken) bind.counts.delivered++;
        waiting.done(answer.command_status);
      } else if (answer instanceof NotSent && Date.now() < waiting.until) {
        this.#waiting.push(waiting);
        this.#waiting.sort((one, other) => one.until - other.until);
        this.pump();
      } else waiting.done("timeout");
    });
  }

  #expire(): void {
    this.#timer = undefined;
    const now = Date.now();
    this.#giveUp(this.#waiting.filter(({ until }) => until <= now).length, "timeout");
    this.pump();
  }

  /** @param count of those that have waited longest */
  #giveUp(count: number, why: Delivered): void {
    for (const { done } of this.#waiting.splice(0, count)) done(why);
  }
}
