import type { Carrier, Submission } from "../carriers/carrier.ts";
import { type Channel, USUAL_CHANNEL } from "../message/channel.ts";
import type { Routes, Way } from "../route/routes.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import { FairQueue } from "./fair-queue.ts";
import type { Queued } from "./queued.ts";

/** The messages of one list of carriers. */
export interface Lane {
  readonly carriers: readonly Carrier[];
  readonly failover: Way["failover"];
  readonly queue: FairQueue<Queued>;
  /** The lane with all carriers of the way; this one has those that are left. Null: this one has all. */
  readonly whole: Lane | null;
}

/** A carrier's refusal, for good or for now. */
type Declined = Extract<Submission, { kind: "refused" | "later" }>;

const NONE: ReadonlySet<number> = new Set();

export interface LanesOptions {
  routes: Readonly<Record<Channel, Routes>>;
  carriers: ReadonlyMap<string, Carrier>;
}

/** The queues of messages that wait for a carrier, one for each list of carriers. */
export class Lanes {
  readonly #routes: LanesOptions["routes"];
  readonly #byKey = new Map<string, Lane>();
  readonly #ofWay = new Map<Way, Lane>();
  #all: Lane[] = [];
  #next = 0;

  constructor({ routes, carriers }: LanesOptions) {
    this.#routes = routes;
    for (const way of Object.values(routes).flatMap(({ all }) => all)) {
      const known = way.carriers.flatMap((id) => carriers.get(id) ?? []);
      this.#ofWay.set(way, this.#lane(known, way.failover, null));
    }
  }

  has(lane: Lane): boolean {
    return this.#all.includes(lane);
  }

  get all(): readonly Lane[] {
    return this.#all;
  }

  /** The lane of a new message; undefined if no route leads to its destination. */
  of(message: WaitingMessage): Lane | undefined {
    const { plan, destination, accountId, sender } = message;
    const route = this.#routes[plan?.channel ?? USUAL_CHANNEL].to(destination, accountId, sender);
    return route === undefined ? undefined : this.#ofWay.get(route.next());
  }

  /** A waiting message, its lane, and the number of messages before it; undefined if it does not wait. */
  find(id: string): { lane: Lane; queued: Queued; ahead: number } | undefined {
    for (const lane of this.#all) {
      const found = lane.queue.find(({ message }) => message.id === id);
      if (found !== undefined) return { lane, queued: found.item, ahead: found.ahead };
    }
    return undefined;
  }

  /** The lane of a message that waits again: all carriers of its way, except those that it has been to. */
  again({ been }: Queued, lane: Lane): Lane {
    return (been === undefined ? lane.whole : this.#without(lane, been)) ?? lane;
  }

  /**
   * Whether a message that one carrier refused goes on to another; records that. Once all carriers were asked, those that
   * refused it for now are asked again, and never those that refused it for good.
   */
  goesOn(carrier: Carrier, queued: Queued, lane: Lane, { kind, code, partly, other, ...declined }: Declined): boolean {
    // The routes have changed meanwhile.
    if (!this.has(lane)) return false;
    const throttled = "throttled" in declined && declined.throttled === true;
    const reason = kind === "refused" ? "refused" : throttled ? "throttled" : undefined;
    // Another carrier would send all parts, also those that this one has taken.
    const may = partly !== true && (other === true || (reason !== undefined && lane.failover.has(reason)));
    if (may && kind === "refused") queued.refusedBy = new Set(queued.refusedBy).add(carrier.number);
    const been = may ? new Set(queued.been).add(carrier.number) : queued.refusedBy;
    const next = may && this.#without(lane, been) !== undefined ? been : queued.refusedBy;
    if (next === undefined) delete queued.been;
    else queued.been = next;
    if (!may || this.#without(lane, next) === undefined) return false;
    if (kind === "refused" && queued.uncertain === 0) queued.codeWhenOver = code;
    return true;
  }

  /** The lane of a way's other carriers; undefined if none is left. */
  #without({ whole, ...lane }: Lane, been: ReadonlySet<number> = NONE): Lane | undefined {
    const { carriers, failover } = whole ?? lane;
    const left = carriers.filter(({ number }) => !been.has(number));
    if (left.length === 0) return undefined;
    return this.#lane(left, failover, left.length === carriers.length ? null : this.#lane(carriers, failover, null));
  }

  /** The next lane in turn, so that none of the lanes that share a carrier has it to itself. */
  turn(): Lane {
    const lane = this.#all[this.#next] as Lane;
    this.#next = (this.#next + 1) % this.#all.length;
    return lane;
  }

  #lane(carriers: readonly Carrier[], failover: Way["failover"], whole: Lane | null): Lane {
    const key = [keyOf(carriers, failover), ...(whole === null ? [] : [keyOf(whole.carriers, failover)])].join(" of ");
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const made = { carriers, failover, queue: new FairQueue<Queued>(), whole };
    this.#byKey.set(key, made);
    this.#all.push(made);
    return made;
  }
}

/**
 * The carrier for a lane's next message, in the order of preference; undefined if it waits. The way says what makes a
 * message go on to the next carrier: this one is down or paused, asked to slow down, or has no room.
 * @param reserved submits that will take a carrier's room
 */
export function carrierFor(
  { carriers, failover }: Lane,
  isPaused: (carrier: Carrier) => boolean,
  reserved: (carrier: Carrier) => number,
): Carrier | undefined {
  for (const carrier of carriers) {
    if (!carrier.up || isPaused(carrier)) {
      if (!failover.has("down")) return undefined;
    } else if (carrier.free > reserved(carrier)) return carrier;
    else if (!failover.has("slow") && !(carrier.slowed && failover.has("throttled"))) return undefined;
  }
  return undefined;
}

function keyOf(carriers: readonly Carrier[], failover: Way["failover"]): string {
  return `${carriers.map(({ id }) => id).join(" ")} ${[...failover].sort().join(" ")}`;
}
