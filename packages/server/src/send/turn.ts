/**
 * Counts the work of one turn of the event loop, so that nobody does more than its share before the others have had theirs.
 */
export class Turn {
  readonly #most: number;
  readonly #onNext: () => void;
  readonly #end = (): void => {
    this.#done = 0;
    this.#onNext();
  };
  #done = 0;

  /** @param onNext called when the turn after one with work begins */
  constructor(most: number, onNext: () => void) {
    this.#most = most;
    this.#onNext = onNext;
  }

  get isOver(): boolean {
    return this.#done >= this.#most;
  }

  done(): void {
    if (this.#done++ === 0) setImmediate(this.#end);
  }
}
