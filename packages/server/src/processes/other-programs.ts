import { randomUUID } from "node:crypto";
import type { OtherReload, ReloadAnswer } from "../config/changes.ts";
import { asError } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import { withLimit } from "../runtime/with-limit.ts";
import type { Database } from "../store/database.ts";
import { isNode, type NamedNode, otherNodes } from "../store/nodes.ts";
import { type Wakeup, wakeOthers } from "../store/wakeups.ts";
import { SILENCE_MS, THIS_HOST } from "./lease.ts";

/** How long the others may take, in ms: each starts processes, and ends binds in order. A client waits 30 s in all. */
const PATIENCE_MS = 15_000;
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
}

interface Asked {
  missing: Map<number, NamedNode>;
  answers: OtherReload[];
  done(): void;
}

/** Has the other programs on the store read their configurations anew, as they ask this one to. */
export class OtherPrograms {
  readonly #options: OtherProgramsOptions;
  /** The beginning of this program's requests, which it hears, too. */
  readonly #here = randomUUID();
  readonly #asked = new Map<string, Asked>();
  #requests = 0;

  constructor(options: OtherProgramsOptions) {
    this.#options = options;
  }

  /** Resolves with the answer of each program whose heart beats, or with its silence. */
  async reload(): Promise<OtherReload[]> {
    const { pool, log, node } = this.#options;
    const request = `${this.#here}.${++this.#requests}`;
    try {
      const others = await otherNodes(pool, node(), SILENCE_MS);
      const missing = new Map(others.map((other) => [other.id, other]));
      const answers: OtherReload[] = [];
      const all = new Promise<void>((done) => this.#asked.set(request, { missing, answers, done }));
      await wakeOthers(pool, `reload ${request} ${this.#self}`);
      if (missing.size > 0) await withLimit(all, PATIENCE_MS);
      answers.push(...[...missing.values()].map((other) => answerOf(other, null)));
      for (const { host, pid, state, detail, errors } of answers) {
        if (state !== "reloaded") log.warn({ host, pid, state, detail, errors }, "another program did not reload");
      }
      return answers;
    } catch (error) {
      log.warn({ err: asError(error) }, "the other programs on the store were not told to reload");
      return [];
    } finally {
      this.#asked.delete(request);
    }
  }

  /** Takes what another program tells of reloads, or asks for. Returns whether it was that. */
  heard(wakeup: Wakeup): boolean {
    const [verb, request = "", id, pid, host = "", ...answer] = wakeup.split(" ");
    const sender: NamedNode = { id: Number(id), pid: Number(pid), host };
    if (verb === "reload") {
      if (!request.startsWith(this.#here)) void this.#reloadFor(request, sender);
    } else if (verb === "reloaded") this.#answered(request, sender, answer.join(" "));
    else return false;
    return true;
  }

  get #self(): string {
    return `${this.#options.node()} ${process.pid} ${THIS_HOST}`;
  }

  async #reloadFor(request: string, sender: NamedNode): Promise<void> {
    const { pool, log, reload } = this.#options;
    try {
      if (!(await isNode(pool, sender))) return;
      const answer = shortened(await reload());
      await wakeOthers(pool, `reloaded ${request} ${this.#self} ${JSON.stringify(answer)}`);
    } catch (error) {
      log.warn({ err: asError(error) }, "a program that asked for a reload was not told of its result");
    }
  }

  #answered(request: string, { id }: NamedNode, text: string): void {
    const asked = this.#asked.get(request);
    const other = asked?.missing.get(id);
    if (asked === undefined || other === undefined) return;
    const answer = JSON.parse(text) as ReloadAnswer;
    asked.missing.delete(id);
    asked.answers.push(answerOf(other, answer));
    if (asked.missing.size === 0) asked.done();
  }
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
