/** Items that wait for a time, the earliest first: a binary heap (Williams, "Heapsort", 1964). */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #timeOf: (item: T) => number;

  constructor(timeOf: (item: T) => number) {
    this.#timeOf = timeOf;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    const time = this.#timeOf(item);
    let hole = items.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.#timeOf(items[parent]!) <= time) break;
      items[hole] = items[parent]!;
      hole = parent;
    }
    items[hole] = item;
  }

  shift(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return first;
    const time = this.#timeOf(last);
    let hole = 0;
    for (;;) {
      let child = hole * 2 + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#timeOf(items[child + 1]!) < this.#timeOf(items[child]!)) child++;
      if (this.#timeOf(items[child]!) >= time) break;
      items[hole] = items[child]!;
      hole = child;
    }
    items[hole] = last;
    return first;
  }
}
