import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { commandStatus } from "@messaging-plus/smpp";
import { sourceOf } from "../network/networks.ts";
import type { Clock } from "../runtime/clock.ts";
import { hashPassword, isPassword } from "../runtime/password.ts";
import { findSmppLogin, type SmppLogin } from "../store/accounts/smpp-credentials.ts";
import type { Database } from "../store/database.ts";

/** The credential of a bind; or the status that refuses it, and why, for the operator's log. */
export type LoginAnswer = { login: SmppLogin } | { status: number; why: string };

/** Delay of the first failure from an address, in ms; each further one is twice as late, up to the last. */
const FIRST_DELAY_MS = 250;
const LAST_DELAY_MS = 8_000;
/** How long after its last failure an address's failures count, in ms. */
const FAILURES_MS = 600_000;
const MOST_ADDRESSES = 10_000;
/** Most passwords from one address that are checked or refused at one time; further binds are refused unchecked. */
const MOST_AT_ONCE = 8;
/** Most passwords that are known to be right. */
const MOST_KNOWN = 10_000;

interface Address {
  failures: number;
  /** Epoch milliseconds. */
  failedAt: number;
  underWay: number;
}

/**
 * Judges names and passwords. A password is hashed once, which is slow by intent, and then known by a digest under a key of
 * this process; a wrong one is answered later and later, by the address from which it comes.
 */
export class Logins {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #key = randomBytes(32);
  readonly #known = new Map<string, { digest: Buffer; hash: Buffer }>();
  readonly #addresses = new Map<string, Address>();
  /** Compared with the password for an unknown name, so that this takes as long. */
  #nobodys: Promise<Buffer> | undefined;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Resolves, if the name or password is refused, after the delay. Rejects while the store is away. */
  async judge(systemId: string, password: string, from: string): Promise<LoginAnswer> {
    const login = await findSmppLogin(this.#db, systemId);
    const digest = createHmac("sha256", this.#key).update(password).digest();
    if (login !== null && this.#isKnown(login, digest)) return answerTo(login);
    const address = this.#address(sourceOf(from));
    if (address.underWay >= MOST_AT_ONCE) {
      return { status: commandStatus.ESME_RBINDFAIL, why: "too many passwords from this address at once" };
    }
    address.underWay++;
    try {
      const hash = login === null ? null : await this.#matching(login, password);
      if (login !== null && hash !== null) {
        if (this.#known.size >= MOST_KNOWN) this.#known.clear();
        this.#known.set(login.identifier, { digest, hash });
        address.failures = 0;
        return answerTo(login);
      }
      if (login === null) {
        this.#nobodys ??= hashPassword("");
        await isPassword(password, await this.#nobodys);
      }
      address.failures++;
      address.failedAt = this.#clock.now();
      await wait(Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** (address.failures - 1)));
      return login === null
        ? { status: commandStatus.ESME_RINVSYSID, why: "nobody has this system_id" }
        : { status: commandStatus.ESME_RINVPASWD, why: "the password is wrong" };
    } finally {
      address.underWay--;
    }
  }

  #isKnown({ identifier, hash, formerHash }: SmppLogin, digest: Buffer): boolean {
    const known = this.#known.get(identifier);
    if (known === undefined || !timingSafeEqual(known.digest, digest)) return false;
    return known.hash.equals(hash) || (formerHash !== null && known.hash.equals(formerHash));
  }

  /** The hash of the two that matches the password; null if neither does. */
  async #matching({ hash, formerHash }: SmppLogin, password: string): Promise<Buffer | null> {
    if (await isPassword(password, hash)) return hash;
    return formerHash !== null && (await isPassword(password, formerHash)) ? formerHash : null;
  }

  #address(from: string): Address {
    const now = this.#clock.now();
    let address = this.#addresses.get(from);
    if (address === undefined) {
      if (this.#addresses.size >= MOST_ADDRESSES) this.#forgetOld(now);
      address = { failures: 0, failedAt: 0, underWay: 0 };
      this.#addresses.set(from, address);
    } else if (address.failedAt + FAILURES_MS < now) address.failures = 0;
    return address;
  }

  #forgetOld(now: number): void {
    for (const [from, { failedAt, underWay }] of this.#addresses) {
      if (underWay === 0 && failedAt + FAILURES_MS < now) this.#addresses.delete(from);
    }
    // All of them failed lately: the earliest makes room.
    const [first] = this.#addresses.keys();
    if (this.#addresses.size >= MOST_ADDRESSES && first !== undefined) this.#addresses.delete(first);
  }
}

function answerTo(login: SmppLogin): LoginAnswer {
  return login.deleted ? { status: commandStatus.ESME_RINVSYSID, why: "the account is deactivated" } : { login };
}
