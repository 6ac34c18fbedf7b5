import type { Pool } from "pg";
import { codeNumber } from "../message/code-number.ts";
import type { FinalState } from "../message/lifecycle.ts";
import { finalReceiptLine, joined } from "../message/story.ts";
import { ending } from "../store/bundle.ts";
import { type Database, transaction } from "../store/database.ts";
import type { FinalRow, WebhookLease } from "../store/messages/finals.ts";
import { type FirstOutcomeRow, recordFirstOutcomes } from "../store/messages/record-first-outcomes.ts";
import { type OutcomeRow, type PartRow, recordOutcomes } from "../store/messages/record-outcomes.ts";
import type { SubmitOutcome } from "../store/messages/submit-outcome.ts";
import type { Bundled } from "../store/messages/waiting-message.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import { type ReceiptSaid, receiptEvent } from "./said.ts";

/** The content of a receipt that met its outcome. */
interface Word {
  state: FinalState | null;
  code: string;
  said: ReceiptSaid;
}

export interface Recorded {
  /** Messages that another node has taken over: nothing about them is recorded. */
  lost: ReadonlySet<string>;
  finals: FinalRow[];
}

/** Outcomes of bundled messages make their rows, the others move theirs: at most one statement of each kind and day. */
export async function recordAll(
  pool: Pool,
  partitions: Partitions,
  outcomes: readonly SubmitOutcome[],
  wordOf: ReadonlyMap<SubmitOutcome, Word>,
  node: number,
  lease: WebhookLease,
): Promise<Recorded> {
  const first: FirstOutcomeRow[] = [];
  const later: OutcomeRow[] = [];
  const firstParts: PartRow[] = [];
  const laterParts: PartRow[] = [];
  for (const outcome of outcomes) {
    const { bundled } = outcome;
    const word = wordOf.get(outcome);
    const hasRow = bundled?.bundle === undefined;
    if (hasRow) later.push(toRow(outcome, word));
    else first.push(toFirstRow(outcome, word, bundled));
    if (outcome.carrierMessageIds.length > 1) (hasRow ? laterParts : firstParts).push(...partsOf(outcome));
  }
  const members = first.map(({ bundled }) => bundled);
  return ending(members, (ended) => {
    const recordFirst = (db: Database) =>
      recordFirstOutcomes(db, partitions, first, firstParts, ended, node, lease, db === pool);
    const recordLater = (db: Database) => recordOutcomes(db, partitions, later, laterParts, node, lease);
    if (later.length === 0) return recordFirst(pool);
    if (first.length === 0) return recordLater(pool);
    return transaction(pool, async (client) => both(await recordFirst(client), await recordLater(client)));
  });
}

function both(one: Recorded, other: Recorded): Recorded {
  return { lost: new Set([...one.lost, ...other.lost]), finals: [...one.finals, ...other.finals] };
}

function toRow(outcome: SubmitOutcome, word: Word | undefined): OutcomeRow {
  const { id, carrier } = outcome;
  const state = word?.state ?? outcome.state;
  const carrierMessageId = soleId(outcome);
  const events = eventsOf(outcome, word, carrierMessageId);
  return { id, state, carrier, carrierMessageId, code: codeOf(outcome, word), events };
}

/** In one literal, because every message makes one. */
function toFirstRow(outcome: SubmitOutcome, word: Word | undefined, bundled: Bundled): FirstOutcomeRow {
  const { id, carrier } = outcome;
  const state = word?.state ?? outcome.state;
  const carrierMessageId = soleId(outcome);
  const events = eventsOf(outcome, word, carrierMessageId);
  return { id, state, carrier, carrierMessageId, code: codeOf(outcome, word), events, bundled };
}

function eventsOf({ events }: SubmitOutcome, word: Word | undefined, carrierMessageId: string | null) {
  return word === undefined ? events : joined(events, finalReceiptLine(receiptEvent(word.said), carrierMessageId));
}

/** Of a message of one part; those of a long message are with its parts. */
function soleId({ carrierMessageIds }: SubmitOutcome): string | null {
  return carrierMessageIds.length === 1 ? (carrierMessageIds[0] ?? null) : null;
}

function codeOf(outcome: SubmitOutcome, word: Word | undefined): number | null {
  const code = word?.code ?? outcome.code;
  return code === null ? null : codeNumber(code);
}

function partsOf({ id: messageId, carrier, carrierMessageIds }: SubmitOutcome): PartRow[] {
  if (carrier === null) return [];
  return carrierMessageIds.map((carrierMessageId, part) => ({ messageId, part, carrier, carrierMessageId }));
}
