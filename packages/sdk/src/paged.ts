/** A page of a list. */
export interface Page<Item> {
  items: Item[];
  /** The cursor of the next page, for `after`; null at the end. */
  next: string | null;
}

/** A list in pages: read it item by item with `for await`, or one page with `page()`. */
export class Paged<Item> implements AsyncIterable<Item> {
  readonly #ask: (after: string | undefined) => Promise<Page<Item>>;
  readonly #after: string | undefined;

  /** @param after the cursor after which the list begins */
  constructor(ask: (after: string | undefined) => Promise<Page<Item>>, after: string | undefined) {
    this.#ask = ask;
    this.#after = after;
  }

  /** The first page only. */
  page(): Promise<Page<Item>> {
    return this.#ask(this.#after);
  }

  /** Every item to the end of the list. A page is requested once the one before it was read. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, void> {
    for (let after = this.#after; ; ) {
      const { items, next } = await this.#ask(after);
      yield* items;
      if (next === null) return;
      after = next;
    }
  }
}
