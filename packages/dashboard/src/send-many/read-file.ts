import { nationalNumbers } from "../../../server/src/message/national-number.ts";
import { firstCells, linesOf, NumberList } from "../../../server/src/message/number-list.ts";

/** The beginning of a file that names its columns. */
const HEAD = 65_536;

/** The cells of a file's first line with something in it; one where it is no CSV. */
export async function columnsOf(file: Blob): Promise<string[]> {
  for await (const lines of linesOf(chunksOf(file.slice(0, HEAD)))) {
    const line = lines.find((each) => each.trim() !== "" && !each.trim().startsWith("#"));
    if (line !== undefined) return firstCells(line);
  }
  return [];
}

export interface ReadingOptions {
  /** The place of the column with the numbers, from 1; empty where the file is no CSV. */
  column: string;
  /** The calling code of numbers in national form; empty for none. */
  country: string;
  signal: AbortSignal;
  onRead(octets: number): void;
}

/** Reads a file of numbers. Rejects with the signal's reason. */
export async function readFile(file: Blob, options: ReadingOptions): Promise<NumberList> {
  const { column, country, signal, onRead } = options;
  const list = new NumberList({
    column: column || undefined,
    national: country === "" ? undefined : nationalNumbers(country),
  });
  for await (const lines of linesOf(chunksOf(file, onRead))) {
    signal.throwIfAborted();
    for (const line of lines) list.add(line);
  }
  list.end();
  return list;
}

/** Not every browser's streams are iterable. @param onChunk told the octets so far */
async function* chunksOf(file: Blob, onChunk: (octets: number) => void = () => {}): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  let octets = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    octets += value.length;
    onChunk(octets);
    yield value;
  }
}
