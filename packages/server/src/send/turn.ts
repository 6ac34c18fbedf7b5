/**
 * Most messages submitted in one turn of the event loop, as many as an endpoint may have requests under way by default. A window
 * of 1,000 filled at once ran ahead of the webhooks until 8,000 were in memory and the others had to be claimed from the store:
 * 6 % of the rate of a flood. Engines of one program share both numbers: when each of two submitted 256, and had 128 requests to
 * an endpoint, half of the webhooks of a flood were claimed, 1,170 bytes of WAL a message instead of 930.
 */
const SUBMITS_A_TURN = 256;

/** The share of one of so many engines. */
export function submitsATurn(engines: number): number {
  return Math.ceil(SUBMITS_A_TURN / engines);
}

/**
 * Counts the work of one turn of the event loop, so that nobody does more than its share before the others have had theirs.
 */
export class Turn {
  /** Its work in one turn. */
  most: number;
  readonly #onNext: () => void;
  readonly #end = (): void => {
    this.#done = 0;
    this.#onNext();
  };
  #done = 0;

  /** @param onNext called when the turn after one with work begins */
  constructor(most: number, onNext: () => void) {
    this.most = most;
    this.#onNext = onNext;
  }

  get isOver(): boolean {
    return this.#done >= this.most;
  }

  done(): void {
    if (this.#done++ === 0) setImmediate(this.#end);
  }
}
