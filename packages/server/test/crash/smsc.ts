import { type Fields, type ServerSession, SmppServer, type SubmitAnswer, type SubmitSm } from "@messaging-plus/smpp";
import type { Random } from "../support/random.ts";
import { readSubmit, receiptFields } from "../support/smsc-pdus.ts";

/** A connection of the program. Times are epoch milliseconds. */
export interface Link {
  openedAt: number;
  /** Null while it is open. */
  closedAt: number | null;
}

/** One submit_sm as it came in, and what was made of it. Times are epoch milliseconds. */
export interface Submit {
  id: string;
  destination: string;
  /** Number of the part, from 1; 1 for a message of one part. */
  part: number;
  link: Link;
  /** A text of several parts in one submit. */
  whole?: true;
  at: number;
  /** When its answer was written. */
  answeredAt: number | null;
  /** Refused for good, taken and delivered, or taken and failed. */
  outcome: "refused" | "delivered" | "failed" | "throttled";
}

interface Owed {
  submit: Submit;
  source: string;
  stat: "DELIVRD" | "UNDELIV" | "ENROUTE";
}

/** ESME_RINVDSTADR and ESME_RTHROTTLED (SMPP 3.4 §5.1.3). */
const REFUSED = 0x0b;
const THROTTLED = 0x58;
const AGAIN_MS = 200;

/**
 * A carrier on an ordinary day: it answers late, refuses some, sends receipts late, twice, in any order and before the
 * submit's answer, over any bind, and keeps what was not acknowledged until somebody binds.
 */
export class CrashSmsc {
  /** All submits by destination, in their order. */
  readonly submits: Map<string, Submit[]>;
  received = 0;
  /** Why each session ended, in its order. */
  readonly ends: string[] = [];
  acknowledged = 0;
  readonly #random: Random;
  readonly #letter: string;
  #server: SmppServer;
  readonly #timers = new Set<NodeJS.Timeout>();
  #owed: Owed[] = [];
  #later = 0;
  #next = 0;

  /** @param beside another carrier, whose submits are noted with this one's */
  constructor(random: Random, beside?: CrashSmsc) {
    this.#random = random;
    this.submits = beside?.submits ?? new Map();
    this.#letter = beside === undefined ? "c" : "d";
    this.#server = this.#create();
  }

  #create(): SmppServer {
    const server = new SmppServer({
      system_id: "crash",
      window: 200,
      responseTimeoutMs: 20_000,
      onBind: (_bind, session) => {
        const link: Link = { openedAt: Date.now(), closedAt: null };
        session.onSubmit = (pdu) => this.#submitted(pdu, session, link);
        session.on("free", () => this.#deliver());
        session.on("closed", (reason) => {
          link.closedAt = Date.now();
          this.ends.push(reason.message);
        });
        return 0;
      },
    });
    server.on("bound", () => this.#deliver());
    return server;
  }

  async listen(port = 0): Promise<number> {
    return (await this.#server.listen(port)).port;
  }

  /** Is not there until it listens again; what it owes it keeps. */
  async leave(): Promise<void> {
    await this.#server.close({ timeoutMs: 500 });
    this.#server = this.#create();
  }

  /** Receipts that nobody has acknowledged yet. */
  get outstanding(): number {
    return this.#owed.length + this.#later;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#server.close({ timeoutMs: 500 });
  }

  async #submitted(pdu: SubmitSm, session: ServerSession, link: Link): Promise<SubmitAnswer> {
    const random = this.#random;
    const outcome = random.pick({ delivered: 890, failed: 90, refused: 18, throttled: 2 });
    const submit = {
      id: `${this.#letter}${(++this.#next).toString(16)}`,
      ...read(pdu),
      at: Date.now(),
      answeredAt: null,
      link,
      outcome,
    };
    this.received++;
    const known = this.submits.get(submit.destination);
    if (known === undefined) this.submits.set(submit.destination, [submit]);
    else known.push(submit);
    const taken = outcome === "delivered" || outcome === "failed";
    if (taken) await this.#plan(submit, pdu.source_addr, session);
    await this.#sleep(random.chance(0.5) ? 0 : random.between(1, 30));
    return this.#answer(submit);
  }

  #answer(submit: Submit): SubmitAnswer {
    submit.answeredAt = Date.now();
    if (submit.outcome === "refused") return { command_status: REFUSED };
    if (submit.outcome === "throttled") return { command_status: THROTTLED };
    return { command_status: 0, message_id: submit.id };
  }

  /** Decides when the message's receipts go out; waits for the acknowledgement of one that goes before the answer. */
  async #plan(submit: Submit, source: string, session: ServerSession): Promise<void> {
    const random = this.#random;
    const owed: Owed = { submit, source, stat: submit.outcome === "delivered" ? "DELIVRD" : "UNDELIV" };
    if (random.chance(0.02)) this.#owe({ ...owed, stat: "ENROUTE" }, random.between(0, 100));
    if (random.chance(0.1)) await this.#send(owed, session);
    else this.#owe(owed, random.chance(0.3) ? 0 : random.between(1, 1_500));
    if (random.chance(0.05)) this.#owe(owed, random.between(0, 2_000));
  }

  #owe(owed: Owed, afterMs: number): void {
    this.#later++;
    void this.#sleep(afterMs).then(() => {
      this.#later--;
      // Anywhere in the line: receipts overtake each other.
      this.#owed.splice(this.#random.between(0, this.#owed.length), 0, owed);
      this.#deliver();
    });
  }

  #deliver(): void {
    while (this.#owed.length > 0) {
      const sessions = this.#server.sessions.filter(({ free }) => free > 0);
      if (sessions.length === 0) return;
      const session = sessions[this.#random.between(0, sessions.length - 1)] as ServerSession;
      void this.#send(this.#owed.pop() as Owed, session);
    }
  }

  async #send(owed: Owed, session: ServerSession): Promise<void> {
    try {
      const { command_status } = await session.deliver(fieldsOf(owed));
      if (command_status !== 0) return this.#owe(owed, AGAIN_MS);
      this.acknowledged++;
      this.#deliver();
    } catch {
      this.#owe(owed, AGAIN_MS);
    }
  }

  #sleep(ms: number): Promise<void> {
    if (ms === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, ms);
      this.#timers.add(timer);
    });
  }
}

function read(pdu: SubmitSm): { destination: string; part: number } {
  return { destination: pdu.destination_addr, part: readSubmit(pdu).part?.sequence ?? 1 };
}

function fieldsOf({ submit, source, stat }: Owed): Fields<"deliver_sm"> {
  const err = stat === "UNDELIV" ? "001" : "000";
  return { ...receiptFields(submit.destination, { id: submit.id, stat, err }), destination_addr: source };
}
