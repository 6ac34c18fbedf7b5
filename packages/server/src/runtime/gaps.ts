/** Keeps some work apart from others of which several may be under way: it waits for their end, and they for its. */
export class Gaps {
  #underWay = 0;
  #between: Promise<unknown> | null = null;
  #onNone: () => void = () => {};

  /** Resolves when one of the others may begin; `end` ends it. */
  async begin(): Promise<void> {
    while (this.#between !== null) await this.#between;
    this.#underWay++;
  }

  end(): void {
    this.#underWay--;
    if (this.#underWay === 0) this.#onNone();
  }

  /** Does this work between the others. One at a time. */
  async between<Result>(work: () => Promise<Result>): Promise<Result> {
    const none = new Promise<void>((resolve) => {
      this.#onNone = resolve;
      if (this.#underWay === 0) resolve();
    });
    const done = none.then(work);
    this.#between = done.catch(() => {});
    return done.finally(() => {
      this.#between = null;
    });
  }
}
