/** A member of at most one chain at a time; the fields are kept by `Chain`. */
export interface Linked<Self extends Linked<Self>> {
  chain: Chain<Self> | null;
  before: Self | null;
  after: Self | null;
}

/** A first-in, first-out list from which any member can be removed, all in constant time. */
export class Chain<T extends Linked<T>> {
  #first: T | null = null;
  #last: T | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | null {
    return this.#first;
  }

  /** Moves a member to the end of this chain, from the chain that it is in. */
  push(member: T): void {
    member.chain?.remove(member);
    member.chain = this;
    member.before = this.#last;
    if (this.#last === null) this.#first = member;
    else this.#last.after = member;
    this.#last = member;
    this.#size++;
  }

  shift(): T | null {
    const member = this.#first;
    if (member !== null) this.remove(member);
    return member;
  }

  /** Removes a member of this chain. */
  remove(member: T): void {
    if (member.before === null) this.#first = member.after;
    else member.before.after = member.after;
    if (member.after === null) this.#last = member.before;
    else member.after.before = member.before;
    member.chain = member.before = member.after = null;
    this.#size--;
  }
}
