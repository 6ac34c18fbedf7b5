import { groupBy } from "./group-by.ts";
import type { Sent } from "./load.ts";
import type { Victim } from "./program.ts";
import type { Hook } from "./receiver.ts";
import type { Change, MessageRow, PartRow, Rows } from "./rows.ts";
import type { Link, Submit } from "./smsc.ts";

export interface Kill {
  /** `resumed`: not killed, but stopped beyond its lease and let go on now. */
  victim: Victim | "resumed";
  /** Epoch milliseconds: before the signal, and when its effect was seen. */
  at: number;
  until: number;
}

export interface Books {
  sent: readonly Sent[];
  submits: ReadonlyMap<string, readonly Submit[]>;
  hooks: ReadonlyMap<string, Hook>;
  kills: readonly Kill[];
  rows: Rows;
  /** Tries that a webhook has in all. */
  mostTries: number;
  onUncertain: "resend" | "fail";
}

export interface Entry {
  message: string;
  what: string;
  history: unknown;
}

export interface Balance {
  messages: number;
  accepted: number;
  unknown: { requests: number; stored: number };
  delivered: number;
  failed: number;
  webhooks: { delivered: number; exhausted: number; repeated: number };
  /** Messages that were in flight at a kill and submitted again, in all and at most at one kill. */
  resubmitted: { messages: number; mostAtOneKill: number; oldestAnswerMs: number };
  /** Messages that were failed because it is not known whether they were sent. */
  uncertain: number;
  /** Messages that a resumed process handed off after another had sent them. */
  inOldTurn: number;
  orphanedReceipts: number;
  /** What is not as it should be, the first MOST_NOTED in full; empty where the ledger balances. */
  off: Entry[];
  offInAll: number;
}

const DELIVERED = 2;
const FAILED = 3;
const INVALID_DESTINATION = 0x43;
const OUTCOME_UNKNOWN = 0x7a;
const MOST_NOTED = 50;
/** Clocks of two processes of one machine, read to the millisecond. */
const CLOCK_MS = 5;

/** Draws the ledger of a run: what was promised against what was done, message by message. */
export function balance(books: Books): Balance {
  return new Ledger(books).draw();
}

/** Webhooks that were answered with 200 more than once. */
export function repeatedOf(hooks: Books["hooks"]): Hook[] {
  return [...hooks.values()].filter(({ tries }) => tries.filter(({ answered }) => answered === 200).length > 1);
}

class Ledger {
  readonly #books: Books;
  readonly #byDestination: Map<string, MessageRow>;
  readonly #changes: Map<string, Change[]>;
  readonly #parts: Map<string, PartRow[]>;
  readonly #webhooks: Map<string, { state: number; tries: number }>;
  readonly #off: Entry[] = [];
  #offInAll = 0;
  readonly #resubmittedAt = new Map<Kill, number>();
  #resubmitted = 0;
  #oldestAnswerMs = 0;
  #inOldTurn = 0;

  constructor(books: Books) {
    const { rows } = books;
    this.#books = books;
    this.#byDestination = new Map(rows.messages.map((row) => [row.destination, row]));
    this.#changes = groupBy(rows.changes, ({ id }) => id);
    this.#parts = groupBy(rows.parts, ({ message_id }) => message_id);
    this.#webhooks = new Map(rows.webhooks.map((row) => [row.id, row]));
  }

  draw(): Balance {
    const { sent, rows, hooks, submits } = this.#books;
    this.#requests();
    for (const row of rows.messages) this.#message(row);
    this.#batches();
    this.#strangers();
    const unknown = sent.filter(({ outcome }) => outcome === "unknown");
    const isStored = ({ destinations }: Sent) => this.#byDestination.has(destinations[0] as string);
    const states = (state: number) => rows.messages.filter((row) => row.state === state).length;
    const recorded = new Set([...rows.messages, ...rows.parts].map((row) => row.carrier_message_id));
    const taken = [...submits.values()].flat().filter(({ outcome }) => outcome === "delivered" || outcome === "failed");
    return {
      messages: rows.messages.length,
      accepted: sent.filter(({ outcome }) => outcome === "accepted").flatMap(({ destinations }) => destinations).length,
      unknown: { requests: unknown.length, stored: unknown.filter(isStored).length },
      delivered: states(DELIVERED),
      failed: states(FAILED),
      webhooks: {
        delivered: rows.webhooks.filter(({ state }) => state === 1).length,
        exhausted: rows.webhooks.filter(({ state }) => state === 2).length,
        repeated: repeatedOf(hooks).length,
      },
      resubmitted: {
        messages: this.#resubmitted,
        mostAtOneKill: Math.max(0, ...this.#resubmittedAt.values()),
        oldestAnswerMs: this.#oldestAnswerMs,
      },
      uncertain: rows.messages.filter(({ code }) => code === OUTCOME_UNKNOWN).length,
      inOldTurn: this.#inOldTurn,
      orphanedReceipts: taken.filter(({ id }) => !recorded.has(id)).length,
      off: this.#off,
      offInAll: this.#offInAll,
    };
  }

  /**
   * Accepted: all there. Refused: nothing there. Unknown: all or nothing. Answered with anything but 200 and 503, or over
   * SMPP with anything but 0 and "later": off.
   */
  #requests(): void {
    for (const sent of this.#books.sent) {
      const stored = sent.destinations.filter((destination) => this.#byDestination.has(destination));
      const where = `${sent.path} of ${sent.destinations.length} to ${sent.destinations[0]}`;
      const whole = stored.length === sent.destinations.length;
      if (sent.outcome === "accepted" && !whole) {
        const missing = sent.destinations.find((destination) => !this.#byDestination.has(destination)) as string;
        this.#note(missing, `${where} was accepted, and only ${stored.length} are stored`);
      }
      if (sent.outcome === "refused" && stored.length > 0) this.#note(stored[0]!, `${where} was refused and is stored`);
      if (sent.outcome === "unknown" && stored.length > 0 && !whole)
        this.#note(stored[0]!, `${where} is stored by halves`);
      if (sent.outcome === "refused" && sent.status !== null) {
        this.#note(sent.destinations[0]!, `${where} was answered ${sent.status}`);
      }
      sent.messageUuids.forEach((uuid, index) => {
        const destination = sent.destinations[index] as string;
        const id = this.#byDestination.get(destination)?.id;
        if (id !== undefined && id !== uuid) this.#note(destination, `is stored as ${id} and was answered as ${uuid}`);
      });
    }
  }

  #message(row: MessageRow): void {
    const { destination } = row;
    const submits = this.#books.submits.get(destination) ?? [];
    if (row.state !== DELIVERED && row.state !== FAILED) {
      this.#note(destination, "is not final");
      return;
    }
    const expected = this.#expected(row, submits);
    if (expected !== row.state)
      this.#note(destination, `is final as ${row.state}; the carrier's word makes it ${expected}`);
    this.#finality(row);
    const parts = groupBy(submits, ({ part }) => part);
    const pairs = [...parts.values()].map((ofPart) => this.#repeats(row, ofPart));
    if (pairs.includes(true)) this.#resubmitted++;
    this.#webhook(row);
  }

  /** The final state that the carrier's answer and receipts make. */
  #expected(row: MessageRow, submits: readonly Submit[]): number | string {
    const { onUncertain, kills } = this.#books;
    if (row.code === OUTCOME_UNKNOWN && onUncertain === "fail") return kills.some(isOfEngine) ? FAILED : "none";
    const outcomeOf = (id: string | null) => submits.find((submit) => submit.id === id)?.outcome;
    if (row.code === INVALID_DESTINATION) return submits.some(({ outcome }) => outcome === "refused") ? FAILED : "none";
    if (row.parts === 1 || submits.find(({ id }) => id === row.carrier_message_id)?.whole)
      return stateOf(outcomeOf(row.carrier_message_id));
    const states = (this.#parts.get(row.id) ?? []).map((part) => stateOf(outcomeOf(part.carrier_message_id)));
    if (states.includes(FAILED)) return FAILED;
    return states.length === row.parts && states.every((state) => state === DELIVERED) ? DELIVERED : "none";
  }

  /** No final state is turned over. */
  #finality({ id, destination }: MessageRow): void {
    for (const { was, state, code_was, code } of this.#changes.get(id) ?? []) {
      if (was >= DELIVERED && (state !== was || code !== code_was)) {
        this.#note(destination, `was final as ${was} (${code_was}) and became ${state} (${code})`);
      }
    }
  }

  /** Whether one part was submitted more than once; each time for a kill, and never once its outcome was committed. */
  #repeats({ id, destination }: MessageRow, submits: readonly Submit[]): boolean {
    const counted = submits.filter(({ outcome }) => outcome !== "throttled");
    const committed = (this.#changes.get(id) ?? []).find(({ was, state }) => was === 0 && state > 0)?.at.getTime();
    for (const submit of counted) {
      // A process that was stopped amid a turn of its event loop ends that turn before it can notice.
      const inOldTurn = this.#books.kills.some(
        ({ victim, at, until }) => victim === "resumed" && submit.at >= at && submit.at <= until,
      );
      if (committed === undefined || submit.at <= committed + CLOCK_MS) continue;
      if (inOldTurn) this.#inOldTurn++;
      else this.#note(destination, `was submitted as ${submit.id} after its outcome was committed`);
    }
    for (let index = 1; index < counted.length; index++) {
      const [first, second] = [counted[index - 1]!, counted[index]!];
      const kill = this.#books.kills.find(
        (one) =>
          isOfEngine(one) &&
          one.at <= second.at &&
          (one.until >= first.at - CLOCK_MS || endsWith(first.link, one, second.at)),
      );
      if (this.#books.onUncertain === "fail") this.#note(destination, `was submitted again as ${second.id}`);
      else if (kill === undefined)
        this.#note(destination, `was submitted again as ${second.id}, and nothing was killed`);
      else {
        this.#resubmittedAt.set(kill, (this.#resubmittedAt.get(kill) ?? 0) + 1);
        this.#oldestAnswerMs = Math.max(this.#oldestAnswerMs, kill.at - (first.answeredAt ?? kill.at));
      }
    }
    return counted.length > 1;
  }

  #webhook(row: MessageRow): void {
    const { id, destination, state } = row;
    const owed = this.#webhooks.get(id);
    const hook = this.#books.hooks.get(id);
    if (!row.callback) {
      if (owed !== undefined || hook !== undefined) this.#note(destination, "has a webhook that nobody asked for");
      return;
    }
    if (owed === undefined) {
      this.#note(destination, "is final and has no webhook");
      return;
    }
    const taken = hook?.tries.some(({ answered }) => answered === 200) ?? false;
    if (owed.state === 0) this.#note(destination, "has a webhook that is neither delivered nor exhausted");
    if (owed.state === 1 && !taken) this.#note(destination, "has a webhook that counts as delivered and never arrived");
    if (owed.state === 2 && owed.tries < this.#books.mostTries) {
      this.#note(destination, `has a webhook that was given up after ${owed.tries} tries`);
    }
    if (hook === undefined) return;
    if (hook.differing.length > 0 || hook.id !== id) this.#note(destination, "has a webhook whose repeats differ");
    const body = JSON.parse(hook.body) as { destination: string; delivered: boolean; receiptInfo: { code: string } };
    const says = body.destination === `+${destination}` && body.delivered === (state === DELIVERED);
    if (!says || Number.parseInt(body.receiptInfo.code, 16) !== row.code) {
      this.#note(destination, "has a webhook that says something else than its row");
    }
  }

  /** Sums and rows agree. */
  #batches(): void {
    const members = groupBy(this.#books.rows.messages, ({ batch_id }) => batch_id);
    for (const { id, total, delivered, failed } of this.#books.rows.counts) {
      const rows = members.get(id) ?? [];
      const of = (state: number) => rows.filter((row) => row.state === state).length;
      if (rows.length === total && of(DELIVERED) === delivered && of(FAILED) === failed) continue;
      const counted = `${delivered} delivered and ${failed} failed of ${total}`;
      const found = `${of(DELIVERED)} and ${of(FAILED)} of ${rows.length}`;
      this.#note(rows[0]?.destination ?? id, `batch ${id} counts ${counted}, its rows are ${found}`);
    }
  }

  /** Nothing is there that nobody sent. */
  #strangers(): void {
    const { sent, rows, submits, hooks } = this.#books;
    const known = new Set(sent.flatMap(({ destinations }) => destinations));
    const ids = new Set(rows.messages.map(({ id }) => id));
    for (const { destination } of rows.messages)
      if (!known.has(destination)) this.#note(destination, "was sent by nobody");
    for (const destination of submits.keys()) {
      if (!this.#byDestination.has(destination)) this.#note(destination, "was submitted and is not stored");
    }
    for (const [uuid, { body }] of hooks)
      if (!ids.has(uuid)) this.#note(uuid, `webhook of an unknown message: ${body}`);
    if (rows.late > 0) this.#note("", `${rows.late} receipts were kept as contradicting a final state`);
    if (this.#byDestination.size !== rows.messages.length) this.#note("", "a destination has two messages");
  }

  #note(destination: string, what: string): void {
    if (++this.#offInAll > MOST_NOTED) return;
    const row = this.#byDestination.get(destination);
    const sent = this.#books.sent.find(({ destinations }) => destinations.includes(destination));
    const history = {
      sent: sent && { ...sent, body: sent.body.slice(0, 200), destinations: sent.destinations.length },
      row,
      submits: this.#books.submits.get(destination),
      changes: row && this.#changes.get(row.id),
      parts: row && this.#parts.get(row.id),
      webhook: row && this.#webhooks.get(row.id),
      hook: row && this.#books.hooks.get(row.id),
      kills: this.#books.kills.filter(({ at }) => sent !== undefined && at > sent.at - 1_000).slice(0, 10),
    };
    this.#off.push({ message: destination, what, history });
  }
}

/** Whether a connection that was open at the kill ended before a time: all that came over it was written before the kill. */
function endsWith({ openedAt, closedAt }: Link, { at }: Kill, before: number): boolean {
  return openedAt <= at && closedAt !== null && closedAt <= before;
}

function isOfEngine({ victim }: Kill): boolean {
  return victim === "engine" || victim === "further" || victim === "both" || victim === "resumed";
}

function stateOf(outcome: Submit["outcome"] | undefined): number | string {
  if (outcome === "delivered") return DELIVERED;
  return outcome === "failed" ? FAILED : "none";
}
