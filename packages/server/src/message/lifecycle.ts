/**
 * The life of a message. Every statement that moves one takes its condition from `MOVES`, so that this table is the rule
 * and not its description; a test refuses a state as a literal in the statements, and compares the diagram in
 * docs/architecture.md.
 *
 * A final state stays: no move leaves `delivered` or `failed`.
 */
export const ACCEPTED = 0;
export const SUBMITTED = 1;
export const DELIVERED = 2;
export const FAILED = 3;

export type MessageState = typeof ACCEPTED | typeof SUBMITTED | typeof DELIVERED | typeof FAILED;
export type FinalState = typeof DELIVERED | typeof FAILED;

interface Move {
  from: MessageState;
  to: readonly MessageState[];
  /**
   * The proof of the right to move. `lease`: the row is still this node's. `state`: any node that finds the message in the
   * state `from` may move it, since the move is the same for all.
   */
  proof: "lease" | "state";
}

/** Every move of a message, by its cause. */
export const MOVES = {
  /** A carrier answered the submit, or none is left to ask: store/messages/record-outcomes.ts, record-first-outcomes.ts. */
  submit: { from: ACCEPTED, to: [SUBMITTED, DELIVERED, FAILED], proof: "lease" },
  /** The node marks a submit before it makes it, so that a crash shows: record-intents.ts, and the deadline in fall-back.ts. */
  intend: { from: ACCEPTED, to: [ACCEPTED], proof: "lease" },
  /** No carrier of its channel took it, and there is another channel: fall-back.ts. */
  skip: { from: ACCEPTED, to: [ACCEPTED], proof: "lease" },
  /** A node gives back unsent messages: claim-messages.ts. */
  release: { from: ACCEPTED, to: [ACCEPTED], proof: "lease" },
  /** A receipt came, or none in time: record-receipts.ts, finish-messages.ts. */
  finish: { from: SUBMITTED, to: [DELIVERED, FAILED], proof: "state" },
  /** The carrier does not know the result: finish-messages.ts keeps the code for the end of the validity. */
  doubt: { from: SUBMITTED, to: [SUBMITTED], proof: "state" },
  /** It failed at its channel, and there is another: fall-back.ts. */
  fallBack: { from: SUBMITTED, to: [ACCEPTED], proof: "state" },
} as const satisfies Record<string, Move>;

/** The moves that a node makes with its lease. */
type LeasedMove = {
  [Name in keyof typeof MOVES]: (typeof MOVES)[Name]["proof"] extends "lease" ? Name : never;
}[keyof typeof MOVES];

/**
 * The condition in SQL under which a node may make the move.
 * @param row alias of the message's row
 * @param node the parameter that has the node's number, as in `$6`
 */
export function mayMove(move: LeasedMove, row: string, node: string): string {
  // `+ 0` leaves the planner one index, that of the key.
  return `${row}.state = ${MOVES[move].from} AND ${row}.leased_by + 0 = ${node}`;
}

/** The condition in SQL under which anybody may make the move. */
export function mayMoveAny(move: Exclude<keyof typeof MOVES, LeasedMove>, row: string): string {
  return `${row}.state = ${MOVES[move].from}`;
}

/** The condition in SQL that a state is final. @param state the column or value of the state */
export function isFinalSql(state: string): string {
  return `${state} >= ${DELIVERED}`;
}

export function isLegalMove(from: MessageState, to: MessageState): boolean {
  return Object.values<Move>(MOVES).some((move) => move.from === from && move.to.includes(to));
}

export function isFinal(state: MessageState): state is FinalState {
  return state === DELIVERED || state === FAILED;
}

/** The receipt of one part; null without one. */
export type PartOutcome = { delivered: boolean; code: string } | null;

/** The parts whose receipts decide the message: by carrier, `longMessageReceipts`. */
export type LongMessageReceipts = "all" | "first" | "last";

/**
 * The outcome of a message from its parts: failed with the first failed part's code; delivered once all deciding parts are.
 * Null while it is open.
 */
export function outcomeOfParts(parts: readonly PartOutcome[], counts: LongMessageReceipts): PartOutcome {
  const failed = parts.find((part) => part !== null && !part.delivered);
  if (failed !== undefined) return failed;
  const deciding = counts === "all" ? parts : [counts === "first" ? parts[0] : parts.at(-1)];
  return deciding.every((part) => part !== null && part !== undefined) ? (deciding.at(-1) ?? null) : null;
}
