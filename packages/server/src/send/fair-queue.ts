export interface Queueable {
  accountId: number;
  /** The queue's own: where the item stands among those of its account. */
  place: number;
}

/**
 * First in, first out within an account, and account after account in turn: one account's 100,000 do not stand before
 * another's one.
 */
export class FairQueue<Item extends Queueable> {
  readonly #lines = new Map<number, Line<Item>>();
  #size = 0;
  #places = 0;

  get size(): number {
    return this.#size;
  }

  push(item: Item): void {
    item.place = ++this.#places;
    const line = this.#lines.get(item.accountId);
    if (line === undefined) this.#lines.set(item.accountId, { items: [item], head: 0 });
    else line.items.push(item);
    this.#size++;
  }

  /** Puts an item back in its place: before all of its account that came after it, behind what came before. */
  putBack(item: Item): void {
    const line = this.#lines.get(item.accountId);
    if (line === undefined) this.#lines.set(item.accountId, { items: [item], head: 0 });
    else insert(line, item);
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

  /** The first item of an account that `is` names, and how many of its account and, in their turns, of others go before it. */
  find(is: (item: Item) => boolean): { item: Item; ahead: number } | undefined {
    for (const { items, head } of this.#lines.values()) {
      const at = items.findIndex((item, index) => index >= head && is(item));
      if (at === -1) continue;
      let ahead = at - head;
      for (const line of this.#lines.values()) {
        if (line.items !== items) ahead += Math.min(line.items.length - line.head, at - head + 1);
      }
      return { item: items[at] as Item, ahead };
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

/** Looks from the front, where the place of what was just taken is. */
function insert<Item extends Queueable>(line: Line<Item>, item: Item): void {
  const { items } = line;
  let at = line.head;
  while (at < items.length && (items[at] as Item).place < item.place) at++;
  if (line.head === 0) {
    items.splice(at, 0, item);
    return;
  }
  items.copyWithin(line.head - 1, line.head, at);
  items[at - 1] = item;
  line.head--;
}

/** Gives the room of taken items back once they are the larger half. */
function compact<Item>(line: Line<Item>): Line<Item> {
  if (line.head < 256 || line.head * 2 < line.items.length) return line;
  return { items: line.items.slice(line.head), head: 0 };
}
