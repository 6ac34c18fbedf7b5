export interface Queueable {
  accountId: number;
  /** Set by the queue: the item's place among those of its account. */
  place: number;
}

/**
 * First in, first out within an account, and account after account in turn: an account with 100,000 items does not delay
 * another's single one.
 */
export class FairQueue<Item extends Queueable> {
  readonly #accounts = new Map<number, AccountQueue<Item>>();
  #size = 0;
  #places = 0;

  get size(): number {
    return this.#size;
  }

  push(item: Item): void {
    item.place = ++this.#places;
    const queue = this.#accounts.get(item.accountId);
    if (queue === undefined) this.#accounts.set(item.accountId, { items: [item], head: 0 });
    else queue.items.push(item);
    this.#size++;
  }

  /** Puts an item back in its place: before all later ones of its account, after all earlier ones. */
  putBack(item: Item): void {
    const queue = this.#accounts.get(item.accountId);
    if (queue === undefined) this.#accounts.set(item.accountId, { items: [item], head: 0 });
    else insert(queue, item);
    this.#size++;
  }

  /** The next item of the account whose turn it is. */
  shift(): Item | undefined {
    for (const [accountId, queue] of this.#accounts) {
      const item = queue.items[queue.head++] as Item;
      this.#size--;
      // A Map keeps insertion order: out and in again is the end of the round.
      this.#accounts.delete(accountId);
      if (queue.head < queue.items.length) this.#accounts.set(accountId, compact(queue));
      return item;
    }
    return undefined;
  }

  /** The first item that `is` accepts, and how many go before it, of its account and, in their turns, of others. */
  find(is: (item: Item) => boolean): { item: Item; ahead: number } | undefined {
    for (const { items, head } of this.#accounts.values()) {
      const at = items.findIndex((item, index) => index >= head && is(item));
      if (at === -1) continue;
      let ahead = at - head;
      for (const queue of this.#accounts.values()) {
        if (queue.items !== items) ahead += Math.min(queue.items.length - queue.head, at - head + 1);
      }
      return { item: items[at] as Item, ahead };
    }
    return undefined;
  }

  /** Removes and returns every item that `isOut` accepts. */
  remove(isOut: (item: Item) => boolean): Item[] {
    const out: Item[] = [];
    for (const [accountId, queue] of this.#accounts) {
      const items = queue.items.slice(queue.head);
      const kept = items.filter((item) => !isOut(item));
      if (kept.length === items.length) continue;
      out.push(...items.filter(isOut));
      if (kept.length === 0) this.#accounts.delete(accountId);
      else this.#accounts.set(accountId, { items: kept, head: 0 });
    }
    this.#size -= out.length;
    return out;
  }
}

interface AccountQueue<Item> {
  items: Item[];
  head: number;
}

/** Searches from the front, where the place of a recently taken item is. */
function insert<Item extends Queueable>(queue: AccountQueue<Item>, item: Item): void {
  const { items } = queue;
  let at = queue.head;
  while (at < items.length && (items[at] as Item).place < item.place) at++;
  if (queue.head === 0) {
    items.splice(at, 0, item);
    return;
  }
  items.copyWithin(queue.head - 1, queue.head, at);
  items[at - 1] = item;
  queue.head--;
}

/** Releases the room of taken items once they are the larger half. */
function compact<Item>(queue: AccountQueue<Item>): AccountQueue<Item> {
  if (queue.head < 256 || queue.head * 2 < queue.items.length) return queue;
  return { items: queue.items.slice(queue.head), head: 0 };
}
