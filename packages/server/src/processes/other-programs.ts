import { randomUUID } from "node:crypto";
import type { BindStatus } from "../account/bind-status.ts";
import type { OtherReload, ReloadAnswer } from "../config/changes.ts";
import { asError } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import { withLimit } from "../runtime/with-limit.ts";
import type { Database } from "../store/database.ts";
import { isNode, type NamedNode, otherPrograms } from "../store/nodes.ts";
import { type Wakeup, wakeOthers } from "../store/wakeups.ts";
import { SILENCE_MS, THIS_HOST } from "./lease.ts";

/** How long the others may take, in ms: each ends carriers' binds in order. A client waits 30 s in all. */
const PATIENCE_MS = 15_000;
/** The same of what they can answer at once. */
const AT_ONCE_MS = 3_000;
const CANCELLED = String(true);
/** Begins a part of an answer behind which others come. */
const MORE = "+";
/** A notification has less than 8,000 octets (PostgreSQL's manual, NOTIFY). */
const MOST_OCTETS = 7_500;
const MOST_FAULTS = 100;

export interface OtherProgramsOptions {
  pool: Database;
  log: Logger;
  /** This program's node now. */
  node(): number;
  /** Reads this program's configuration anew. */
  reload(): Promise<ReloadAnswer>;
  /** Cancels a message that waits for a carrier in this program; resolves with whether it did. */
  cancel(message: string): Promise<boolean>;
  /** Customers' binds to this program. */
  binds(): Promise<BindStatus[]>;
}

/** The questions to other programs, each with the word of its answer. */
const ANSWERS = { reload: "reloaded", cancel: "cancelled", binds: "bound" } as const;
type Verb = keyof typeof ANSWERS;

interface Asked {
  missing: Map<number, NamedNode>;
  answers: { program: NamedNode; answer: string }[];
  isEnough(answer: string): boolean;
  done(): void;
}

/** Asks the other programs on the store, and answers them. */
export class OtherPrograms {
  readonly #options: OtherProgramsOptions;
  /** The beginning of this program's requests, which it hears, too. */
  readonly #here = randomUUID();
  readonly #asked = new Map<string, Asked>();
  #requests = 0;

  constructor(options: OtherProgramsOptions) {
    this.#options = options;
  }

  /**
   * Has the others read their configurations anew. Resolves with the answer of each program whose heart beats, or with its
   * silence.
   */
  async reload(): Promise<OtherReload[]> {
    const { log } = this.#options;
    try {
      const { answers, missing } = await this.#ask("reload", "", PATIENCE_MS, () => false);
      const all = answers.map(({ program, answer }) => answerOf(program, JSON.parse(answer) as ReloadAnswer));
      all.push(...Array.from(missing.values(), (program) => answerOf(program, null)));
      for (const { host, pid, state, detail, errors } of all) {
        if (state !== "reloaded") log.warn({ host, pid, state, detail, errors }, "another program did not reload");
      }
      return all;
    } catch (error) {
      log.warn({ err: asError(error) }, "the other programs on the store were not told to reload");
      return [];
    }
  }

  /** Has the program cancel a message that has it in memory. Resolves with whether one did. */
  async cancel(message: string): Promise<boolean> {
    const { answers } = await this.#ask("cancel", message, AT_ONCE_MS, (answer) => answer === CANCELLED);
    return answers.some(({ answer }) => answer === CANCELLED);
  }

  /** Customers' binds to the others; without those of a program that does not answer. */
  async binds(): Promise<BindStatus[]> {
    const { log } = this.#options;
    const { answers, missing } = await this.#ask("binds", "", AT_ONCE_MS, () => false);
    for (const { host, pid } of missing.values()) log.warn({ host, pid }, "another program did not tell its binds");
    return answers.flatMap(({ answer }) => JSON.parse(answer) as BindStatus[]);
  }

  /** Takes what another program asks for, or answers. Returns whether it was that. */
  heard(wakeup: Wakeup): boolean {
    const [verb, request = "", id, pid, host = "", ...rest] = wakeup.split(" ");
    const sender: NamedNode = { id: Number(id), pid: Number(pid), host };
    const text = rest.join(" ");
    if (isVerb(verb)) {
      if (!request.startsWith(this.#here)) void this.#answer(verb, request, sender, text);
    } else if (Object.values<string | undefined>(ANSWERS).includes(verb)) this.#answered(request, sender, text);
    else return false;
    return true;
  }

  get #self(): string {
    return `${this.#options.node()} ${process.pid} ${THIS_HOST}`;
  }

  /** @param isEnough whether an answer makes the others needless */
  async #ask(
    verb: Verb,
    text: string,
    patienceMs: number,
    isEnough: (answer: string) => boolean,
  ): Promise<Pick<Asked, "answers" | "missing">> {
    const { pool, node } = this.#options;
    const others = await otherPrograms(pool, node(), SILENCE_MS);
    const missing = new Map(others.map((other) => [other.id, other]));
    const answers: Asked["answers"] = [];
    if (missing.size === 0) return { answers, missing };
    const request = `${this.#here}.${++this.#requests}`;
    const all = new Promise<void>((done) => this.#asked.set(request, { missing, answers, isEnough, done }));
    try {
      await wakeOthers(pool, `${verb} ${request} ${this.#self} ${text}`);
      await withLimit(all, patienceMs);
      return { answers, missing };
    } finally {
      this.#asked.delete(request);
    }
  }

  async #answer(verb: Verb, request: string, sender: NamedNode, text: string): Promise<void> {
    const { pool, log } = this.#options;
    try {
      if (!(await isNode(pool, sender))) return;
      const parts = await this.#answerTo(verb, text);
      for (const [index, part] of parts.entries()) {
        const more = index < parts.length - 1 ? MORE : "";
        await wakeOthers(pool, `${ANSWERS[verb]} ${request} ${this.#self} ${more}${part}`);
      }
    } catch (error) {
      log.warn({ err: asError(error), request: verb }, "another program's request could not be answered");
    }
  }

  async #answerTo(verb: Verb, text: string): Promise<string[]> {
    const { reload, cancel, binds } = this.#options;
    switch (verb) {
      case "reload":
        return [JSON.stringify(shortened(await reload()))];
      case "cancel":
        return [String(await cancel(text))];
      case "binds":
        return listParts(await binds());
    }
  }

  #answered(request: string, { id }: NamedNode, text: string): void {
    const asked = this.#asked.get(request);
    const program = asked?.missing.get(id);
    if (asked === undefined || program === undefined) return;
    const isLast = !text.startsWith(MORE);
    const answer = isLast ? text : text.slice(MORE.length);
    asked.answers.push({ program, answer });
    if (!isLast) return;
    asked.missing.delete(id);
    if (asked.missing.size === 0 || asked.isEnough(answer)) asked.done();
  }
}

function isVerb(word: string | undefined): word is Verb {
  return Object.hasOwn(ANSWERS, word ?? "");
}

/** A list as JSON, in as many lists as notifications are needed; at least one. */
function listParts(items: readonly object[]): string[] {
  const parts: string[][] = [[]];
  let octets = 0;
  for (const item of items) {
    const text = JSON.stringify(item);
    octets += Buffer.byteLength(text) + 1;
    if (octets > MOST_OCTETS) {
      parts.push([]);
      octets = Buffer.byteLength(text) + 1;
    }
    parts.at(-1)?.push(text);
  }
  return parts.map((part) => `[${part.join(",")}]`);
}

/** @param answer null where none came */
function answerOf({ host, pid }: NamedNode, answer: ReloadAnswer | null): OtherReload {
  const [name = ""] = host.split("/");
  const other: OtherReload = { host: name, pid, state: "silent", changed: [], restart: [], detail: null, errors: [] };
  if (answer === null) return { ...other, detail: `No answer came within ${PATIENCE_MS / 1_000} s; see its log.` };
  if (answer.kind === "refused") return { ...other, state: "refused", detail: answer.detail, errors: answer.faults };
  return { ...other, state: "reloaded", changed: answer.changed, restart: answer.restart };
}

/** With so much of its lists as a notification has room for. */
function shortened(answer: ReloadAnswer): ReloadAnswer {
  const fits = (one: ReloadAnswer) => Buffer.byteLength(JSON.stringify(one)) <= MOST_OCTETS;
  for (let most = MOST_FAULTS; ; most = Math.floor(most / 2)) {
    const cut: ReloadAnswer =
      answer.kind === "refused"
        ? { ...answer, faults: answer.faults.slice(0, most) }
        : { ...answer, changed: answer.changed.slice(0, most), restart: answer.restart.slice(0, most) };
    if (most === 0 || fits(cut)) return cut;
  }
}
