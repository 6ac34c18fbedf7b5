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
  readonly #receivers = new Map<Holder, Map<number, Receiver>>();
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
    this.#receivers.get(holder)?.delete(id);
  }

  /** The process is gone, and its binds with it. */
  gone(holder: Holder): void {
    this.#binds.delete(holder);
    this.#receivers.delete(holder);
  }

  /** A bind receives for a system_id of an account. */
  receives(holder: Holder, id: number, { systemId, accountId }: Receiver): void {
    const own = this.#receivers.get(holder) ?? new Map<number, Receiver>();
    own.set(id, { systemId, accountId });
    this.#receivers.set(holder, own);
  }

  /** The accounts and system_ids whose receipts some bind takes. */
  get receivers(): Receiver[] {
    const found = new Map<string, Receiver>();
    for (const own of this.#receivers.values()) {
      for (const one of own.values()) found.set(`${one.accountId} ${one.systemId}`, one);
    }
    return [...found.values()];
  }

  /** The process with the most receiving binds of a system_id; undefined without any. */
  holderOf({ systemId, accountId }: Receiver): Holder | undefined {
    let best: { holder: Holder; binds: number } | undefined;
    for (const [holder, receivers] of this.#receivers) {
      const binds = [...receivers.values()].filter(
        (one) => one.systemId === systemId && one.accountId === accountId,
      ).length;
      if (binds > (best?.binds ?? 0)) best = { holder, binds };
    }
    return best?.holder;
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

/** The account and system_id whose receipts a bind takes. */
export interface Receiver {
  systemId: string;
  accountId: number;
}
