/** Milliseconds within which 50, 95 and 99 of a hundred ended, and the longest of all; null if there are none. */
export interface Times {
  p50: number;
  p95: number;
  p99: number;
  worst: number;
}

/** Counts an ESME's submits, answers and receipts, and times them. Times are of a monotonic clock, in milliseconds. */
export class EsmeTally {
  submitted = 0;
  accepted = 0;
  /** Submits whose answer never came. */
  unanswered = 0;
  inbound = 0;
  /** Submits that were refused, by the name of the command_status. */
  readonly refused = new Map<string, number>();
  /** Final receipts, by their state. */
  readonly receipts = new Map<string, number>();
  readonly #answers: number[] = [];
  readonly #receipts: number[] = [];
  /** Messages without their receipt: when each was submitted, by message_id. */
  readonly #awaited = new Map<string, number>();
  /** Receipts of messages that are not known, or not yet: when they came. */
  readonly #unmatched = new Map<string, number>();
  readonly #awaits: boolean;
  #firstAt = Number.NaN;
  #lastAt = Number.NaN;

  /** @param awaits whether accepted messages are to have receipts */
  constructor(awaits: boolean) {
    this.#awaits = awaits;
  }

  /** Submits without an answer. */
  get underWay(): number {
    return this.submitted - this.accepted - this.unanswered - sum(this.refused.values());
  }

  /** Accepted messages whose receipt has not come. */
  get awaited(): number {
    return this.#awaited.size;
  }

  submits(now: number): void {
    this.submitted++;
    if (this.submitted === 1) this.#firstAt = now;
  }

  answered(id: string, submittedAt: number, now: number): void {
    this.accepted++;
    this.#took(submittedAt, now);
    if (!this.#awaits) return;
    const early = this.#unmatched.get(id);
    this.#unmatched.delete(id);
    if (early === undefined) this.#awaited.set(id, submittedAt);
    else this.#receipts.push(early - submittedAt);
  }

  refusal(status: string, submittedAt: number, now: number): void {
    add(this.refused, status);
    this.#took(submittedAt, now);
  }

  receipt(id: string, state: string, now: number): void {
    add(this.receipts, state);
    const submittedAt = this.#awaited.get(id);
    if (submittedAt === undefined) this.#unmatched.set(id, now);
    else this.#receipts.push(now - submittedAt);
    this.#awaited.delete(id);
  }

  get summary() {
    const seconds = (this.#lastAt - this.#firstAt) / 1_000;
    return {
      submitted: this.submitted,
      accepted: this.accepted,
      refused: Object.fromEntries(this.refused),
      unanswered: this.unanswered,
      receipts: Object.fromEntries(this.receipts),
      without_receipt: this.awaited,
      /** Repeated ones, and those of messages that were submitted before. */
      other_receipts: this.#unmatched.size,
      inbound: this.inbound,
      seconds: seconds > 0 ? rounded(seconds) : 0,
      per_second: seconds > 0 ? rounded((this.#answers.length - 1) / seconds) : 0,
      answer_ms: timesOf(this.#answers),
      receipt_ms: timesOf(this.#receipts),
    };
  }

  #took(submittedAt: number, now: number): void {
    this.#lastAt = now;
    this.#answers.push(now - submittedAt);
  }
}

/** The lines that show a summary to people. */
export function summaryLines(summary: EsmeTally["summary"]): string[] {
  const { submitted, accepted, unanswered, inbound, seconds, per_second, answer_ms, receipt_ms } = summary;
  const received = sum(Object.values(summary.receipts));
  const ends = [
    `${accepted} accepted`,
    ...listed(summary.refused).map((refused) => `${refused} refused`),
    ...(unanswered > 0 ? [`${unanswered} without an answer`] : []),
  ];
  const more = [
    ...listed(summary.receipts),
    ...(summary.other_receipts > 0 ? [`${summary.other_receipts} of no submit of this run`] : []),
    ...(summary.without_receipt > 0 ? [`${summary.without_receipt} have not come`] : []),
  ];
  return [
    ...(submitted > 0 ? [`submitted  ${submitted} in ${seconds} s, ${per_second} a second: ${ends.join(", ")}`] : []),
    ...(answer_ms === null ? [] : [`answers    ${timesText(answer_ms)}`]),
    `receipts   ${[received, ...more].join(", ")}`,
    ...(receipt_ms === null ? [] : [`           ${timesText(receipt_ms)} after the submit`]),
    ...(inbound > 0 ? [`inbound    ${inbound}`] : []),
  ];
}

function listed(counts: Record<string, number>): string[] {
  return Object.entries(counts).map(([name, count]) => `${name} ${count}`);
}

function timesText({ p50, p95, p99, worst }: Times): string {
  return `p50 ${p50}, p95 ${p95}, p99 ${p99}, worst ${worst} ms`;
}

function timesOf(values: readonly number[]): Times | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), worst: at(1) };
}

/** To a tenth. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

export function sum(counts: Iterable<number>): number {
  let all = 0;
  for (const count of counts) all += count;
  return all;
}
