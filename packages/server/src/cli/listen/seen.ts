import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** Headers in Node's form: names in lower case. */
export type Headers = Record<string, string | string[] | undefined>;

/** A received webhook; a line of JSON in a kept file. */
export interface Seen {
  /** ISO 8601. */
  at: string;
  method: string;
  /** Path and query. */
  url: string;
  headers: Headers;
  body: string;
}

/** The webhooks of a kept file, in order. Rejects if a line is none of ours. */
export async function* readSeen(file: string): AsyncGenerator<Seen> {
  let number = 0;
  for await (const line of createInterface({
    input: createReadStream(file, "utf8"),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number++;
    if (line.trim() === "") continue;
    yield parse(line, `line ${number} of ${file}`);
  }
}

function parse(line: string, where: string): Seen {
  try {
    const { at, method, url, headers, body } = JSON.parse(line) as Partial<Seen>;
    if (typeof body === "string" && typeof url === "string" && typeof headers === "object") {
      return { at: String(at), method: String(method), url, headers, body };
    }
  } catch {
    // Said below.
  }
  throw new Error(`${where} is no webhook that was kept`);
}
