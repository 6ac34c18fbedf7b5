import { BackupError, END_OF_ROWS } from "./format.ts";

const END = Buffer.from(END_OF_ROWS);
const END_AFTER_ROW = Buffer.concat([Buffer.from("\n"), END]);
const LINE_FEED = 0x0a;

/** A backup as it is read: a line, or the rows of a table up to their end. */
export class Script {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Null at the end. */
  async line(): Promise<string | null> {
    let end = this.#rest.indexOf(LINE_FEED);
    while (end < 0 && (await this.#more())) end = this.#rest.indexOf(LINE_FEED);
    if (end < 0 && this.#rest.length === 0) return null;
    const line = this.#rest.toString("utf8", 0, end < 0 ? undefined : end);
    this.#rest = end < 0 ? Buffer.alloc(0) : this.#rest.subarray(end + 1);
    return line;
  }

  /** Whole rows, in portions; the line that ends them is taken and not answered. Throws where it does not come. */
  async *rows(): AsyncGenerator<Buffer> {
    for (;;) {
      // What is left begins with a line, here and after each portion.
      if (this.#rest.subarray(0, END.length).equals(END)) {
        this.#rest = this.#rest.subarray(END.length);
        return;
      }
      const end = this.#rest.indexOf(END_AFTER_ROW);
      const until = end >= 0 ? end + 1 : this.#rest.lastIndexOf(LINE_FEED) + 1;
      if (until > 0) {
        const portion = this.#rest.subarray(0, until);
        this.#rest = this.#rest.subarray(until);
        yield portion;
      } else if (!(await this.#more())) throw new BackupError("the backup is cut short");
    }
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    return true;
  }
}
