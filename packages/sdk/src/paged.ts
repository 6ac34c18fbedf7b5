import { NoAnswerError } from "./errors.ts";

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
    return this.#page(this.#after);
  }

  /** @throws NoAnswerError for an answer that is no page, or from which the list does not go on */
  async #page(after: string | undefined): Promise<Page<Item>> {
    const page: Partial<Page<Item>> = Object(await this.#ask(after));
    const { items, next } = page;
    if (!Array.isArray(items) || !(next === null || (typeof next === "string" && next !== after))) {
      throw new NoAnswerError("the server answered what is no page of a list");
    }
    return { ...page, items, next };
  }

  /** Every item to the end of the list. A page is requested once the one before it was read. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, void> {
    for (let after = this.#after; ; ) {
      const { items, next } = await this.#page(after);
      yield* items;
      if (next === null) return;
      after = next;
    }
  }
}
