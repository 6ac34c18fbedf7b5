/** A fenced block of a page: what stands behind the three ticks, and the text. */
export interface Block {
  info: string;
  text: string;
}

export function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(([, info, text]) => ({ info: info!, text: text! }));
}

/** An example of a page: what is to be done, and what stands there as what then comes. */
export interface Example {
  /** A line of a shell, continued lines joined. */
  command: string;
  answer: unknown;
  /** As text, where that is what the command prints. */
  output: string | undefined;
  webhook: unknown;
}

/** What a page's blocks say: `sh` is done, `json` or `text` behind it is answered, `json webhook` comes then. */
export function examplesOf(page: string): Example[] {
  const examples: Example[] = [];
  for (const { info, text } of blocksOf(page)) {
    const last = examples.at(-1);
    if (info === "sh") {
      for (const command of commandsOf(text)) {
        examples.push({ command, answer: undefined, output: undefined, webhook: undefined });
      }
    } else if (info === "json" && last !== undefined) last.answer = JSON.parse(text);
    else if (info === "text" && last !== undefined) last.output = text;
    else if (info === "json webhook" && last !== undefined) last.webhook = JSON.parse(text);
    else if (info.startsWith("json") && info !== "json config") throw new Error(`what is this the answer to? ${text}`);
  }
  return examples;
}

/** Commands of a shell's text, quotes kept together over the ends of lines; without empty lines and comments, in which ' is no quote. */
function commandsOf(text: string): string[] {
  return (text.match(/(?: # .*|'[^']*'|"(?:[^"\\]|\\.)*"|[^'"\n])+/g) ?? [])
    .map((line) => line.replace(/ # .*$/, "").trim())
    .filter(Boolean);
}

/** What is never the same twice: what stands for it is bound to it, and is it from then on. */
const VARIABLE = [
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  /^[0-9a-f]{32}$/,
  /^whsec_[A-Za-z0-9+/]{43}=$/,
];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Names of the page and what they are in this run. */
export class Bindings {
  readonly #values: Map<string, string>;

  constructor(values: Record<string, string>) {
    this.#values = new Map(Object.entries(values));
  }

  bind(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /** A text of the page with all its names as they are here. */
  real(text: string): string {
    return [...this.#values].reduce((told, [name, value]) => told.replaceAll(name, value), text);
  }

  /** What was expected, with what is never the same as it was got, where it fits; for a comparison with what was got. */
  fit(expected: unknown, got: unknown): unknown {
    if (typeof expected === "string") return this.#fitText(expected, got);
    if (Array.isArray(expected)) return expected.map((item, at) => this.fit(item, Array.isArray(got) ? got[at] : null));
    if (typeof expected !== "object" || expected === null) return expected;
    const members = (got ?? {}) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, this.fit(value, members[name])]));
  }

  #fitText(expected: string, got: unknown): string {
    const known = this.real(expected);
    if (known !== expected || typeof got !== "string") return known;
    if (TIME.test(expected) && TIME.test(got)) return got;
    if (VARIABLE.some((form) => form.test(expected) && form.test(got))) this.#values.set(expected, got);
    return this.real(expected);
  }
}
