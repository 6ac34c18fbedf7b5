import { systemClock } from "../runtime/clock.ts";
import { TokenBuckets } from "../runtime/token-buckets.ts";

/** A question of an accepting process before it lets a customer bind. */
export interface Admission {
  /** The bind's number in its process. */
  id: number;
  credential: string;
  /** Most binds of the credential. */
  most: number;
}

/** The number of binds of each credential, and its rate of submits, over all processes of this program. */
export class SmppBinds<Holder> {
  readonly #binds = new Map<Holder, Map<number, string>>();
  /** Receiving binds by account and system_id: every receipt asks for the process that has some. */
  readonly #receivers = new Map<string, Receiving<Holder>>();
  /** The same by process and the bind's number. */
  readonly #receiving = new Map<Holder, Map<number, string>>();
  readonly #throughputs = new Map<string, { perSecond: number; bucket: TokenBuckets }>();

  /** Whether the credential may have one more bind, which then counts. */
  admit(holder: Holder, { id, credential, most }: Admission): boolean {
    let count = 0;
    for (const binds of this.#binds.values()) for (const one of binds.values()) if (one === credential) count++;
    if (count >= most) return false;
    const own = this.#binds.get(holder) ?? new Map<number, string>();
    own.set(id, credential);
    this.#binds.set(holder, own);
    return true;
  }

  ended(holder: Holder, id: number): void {
    const own = this.#binds.get(holder);
    own?.delete(id);
    if (own?.size === 0) this.#binds.delete(holder);
    const names = this.#receiving.get(holder);
    const name = names?.get(id);
    if (name === undefined) return;
    names?.delete(id);
    if (names?.size === 0) this.#receiving.delete(holder);
    const { counts } = this.#receivers.get(name) as Receiving<Holder>;
    const left = (counts.get(holder) ?? 0) - 1;
    if (left > 0) counts.set(holder, left);
    else counts.delete(holder);
    if (counts.size === 0) this.#receivers.delete(name);
  }

  /** The process is gone, and its binds with it. */
  gone(holder: Holder): void {
    for (const id of [...(this.#receiving.get(holder)?.keys() ?? [])]) this.ended(holder, id);
    this.#binds.delete(holder);
  }

  /** A bind receives for a system_id of an account. */
  receives(holder: Holder, id: number, { systemId, accountId }: Receiver): void {
    const name = nameOf({ systemId, accountId });
    const names = this.#receiving.get(holder) ?? new Map<number, string>();
    this.#receiving.set(holder, names);
    names.set(id, name);
    const receiving = this.#receivers.get(name) ?? { receiver: { systemId, accountId }, counts: new Map() };
    this.#receivers.set(name, receiving);
    receiving.counts.set(holder, (receiving.counts.get(holder) ?? 0) + 1);
  }

  /** The accounts and system_ids whose receipts some bind takes. */
  get receivers(): Receiver[] {
    return Array.from(this.#receivers.values(), ({ receiver }) => receiver);
  }

  /**
   * The process with the most receiving binds of a system_id, other than the one at which a delivery has failed last;
   * undefined without any.
   * @param without processes that are not to be asked
   */
  holderOf(receiver: Receiver, without: ReadonlySet<Holder> = NONE): Holder | undefined {
    const receiving = this.#receivers.get(nameOf(receiver));
    if (receiving === undefined) return undefined;
    const { counts, failedAt } = receiving;
    let best: Holder | undefined;
    let most = 0;
    for (const [holder, count] of counts) {
      if (count > most && !without.has(holder) && (holder !== failedAt || counts.size === 1))
        [best, most] = [holder, count];
    }
    return best;
  }

  /** A delivery was refused or had no answer at this process: the next goes to another that has binds. */
  failed(holder: Holder, receiver: Receiver): void {
    const receiving = this.#receivers.get(nameOf(receiver));
    if (receiving !== undefined) receiving.failedAt = holder;
  }

  /** Takes a token for a submit; returns the seconds until there is one, 0 if there was. */
  take(credential: string, perSecond: number): number {
    let known = this.#throughputs.get(credential);
    if (known === undefined || known.perSecond !== perSecond) {
      if (this.#throughputs.size >= MOST_THROUGHPUTS) this.#throughputs.clear();
      known = { perSecond, bucket: new TokenBuckets(perSecond, Math.max(1, Math.ceil(perSecond)), systemClock) };
      this.#throughputs.set(credential, known);
    }
    return known.bucket.take(credential);
  }
}

const MOST_THROUGHPUTS = 10_000;
const NONE: ReadonlySet<never> = new Set();

/** The account and system_id whose receipts a bind takes. */
export interface Receiver {
  systemId: string;
  accountId: number;
}

interface Receiving<Holder> {
  receiver: Receiver;
  /** Receiving binds by process. */
  counts: Map<Holder, number>;
  failedAt?: Holder;
}

function nameOf({ systemId, accountId }: Receiver): string {
  return `${accountId} ${systemId}`;
}
