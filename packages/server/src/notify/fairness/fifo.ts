/** With fewer items left behind the head, moving them is not worth it. */
const COMPACT_AT = 64;

/** A queue whose `shift` takes constant time however long it is, unlike an array's. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Removes and returns everything after the first `keep`, newest last. */
  cut(keep: number): T[] {
    return this.#items.splice(this.#head + keep) as T[];
  }
}
