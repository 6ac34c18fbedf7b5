import { BackupError, END_OF_ROWS } from "./format.ts";

const END = Buffer.from(END_OF_ROWS);
const END_AFTER_ROW = Buffer.concat([Buffer.from("\n"), END]);
const LINE_FEED = 0x0a;

/** A line between rows: the longest is the first, which names the days. */
const MOST_LINE = 256 * 1024;
/** A row: the longest is a scheduled batch of 100,000 numbers, some 2 MB. PostgreSQL would keep up to 1 GB in memory. */
const MOST_ROW = 64 * 1024 * 1024;

/** A backup as it is read: a line, or the rows of a table up to their end. Never more in memory than a piece and a line. */
export class Script {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Null at the end. @throws BackupError where it is longer than any line of a backup */
  async line(): Promise<string | null> {
    let end = this.#rest.indexOf(LINE_FEED);
    while (end < 0 && this.#rest.length <= MOST_LINE && (await this.#more())) end = this.#rest.indexOf(LINE_FEED);
    if ((end < 0 ? this.#rest.length : end) > MOST_LINE)
      throw new BackupError("the backup has a line that is too long for one");
    if (end < 0 && this.#rest.length === 0) return null;
    const line = this.#rest.toString("utf8", 0, end < 0 ? undefined : end);
    this.#rest = end < 0 ? Buffer.alloc(0) : this.#rest.subarray(end + 1);
    return line;
  }

  /**
   * The rows, in pieces that may end within one; the line that ends them is taken and not answered.
   * @throws BackupError where that line does not come, or a row is longer than any
   */
  async *rows(): AsyncGenerator<Buffer> {
    /** Octets of the row that the last piece ended in. */
    let begun = 0;
    for (;;) {
      if (begun === 0 && this.#rest.subarray(0, END.length).equals(END)) {
        this.#rest = this.#rest.subarray(END.length);
        return;
      }
      const end = this.#rest.indexOf(END_AFTER_ROW);
      // Octets that may begin the end are kept back until more has come.
      const until = end >= 0 ? end + 1 : this.#rest.length - END_AFTER_ROW.length + 1;
      if (until > 0) {
        const piece = this.#rest.subarray(0, until);
        this.#rest = this.#rest.subarray(until);
        const lineFeed = piece.lastIndexOf(LINE_FEED);
        begun = lineFeed < 0 ? begun + piece.length : piece.length - lineFeed - 1;
        if (begun > MOST_ROW) throw new BackupError(`the backup has a row of more than ${MOST_ROW} octets`);
        yield piece;
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
