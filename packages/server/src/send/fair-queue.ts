/**
 * First in, first out within an account, and account after account in turn: one account's 100,000 do not stand before
 * another's one.
 */
export class FairQueue<Item extends { readonly accountId: number }> {
  readonly #lines = new Map<number, Line<Item>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: Item): void {
    const line = this.#lines.get(item.accountId);
    if (line === undefined) this.#lines.set(item.accountId, { items: [item], head: 0 });
    else line.items.push(item);
    this.#size++;
  }

  /** Puts an item back where it was taken from. */
  unshift(item: Item): void {
    const line = this.#lines.get(item.accountId);
    if (line === undefined) this.#lines.set(item.accountId, { items: [item], head: 0 });
    else if (line.head > 0) line.items[--line.head] = item;
    else line.items.unshift(item);
    this.#size++;
  }

  /** The next item of the account whose turn it is. */
  shift(): Item | undefined {
    for (const [accountId, line] of this.#lines) {
      const item = line.items[line.head++] as Item;
      this.#size--;
      // A Map keeps insertion order: out and in again is the end of the round.
      this.#lines.delete(accountId);
      if (line.head < line.items.length) this.#lines.set(accountId, compact(line));
      return item;
    }
    return undefined;
  }

  /** Takes out every item that `isOut` names. */
  remove(isOut: (item: Item) => boolean): Item[] {
    const out: Item[] = [];
    for (const [accountId, line] of this.#lines) {
      const items = line.items.slice(line.head);
      const kept = items.filter((item) => !isOut(item));
      if (kept.length === items.length) continue;
      out.push(...items.filter(isOut));
      if (kept.length === 0) this.#lines.delete(accountId);
      else this.#lines.set(accountId, { items: kept, head: 0 });
    }
    this.#size -= out.length;
    return out;
  }
}

interface Line<Item> {
  items: Item[];
  head: number;
}

/** Gives the room of taken items back once they are the larger half. */
function compact<Item>(line: Line<Item>): Line<Item> {
  if (line.head < 256 || line.head * 2 < line.items.length) return line;
  return { items: line.items.slice(line.head), head: 0 };
}
