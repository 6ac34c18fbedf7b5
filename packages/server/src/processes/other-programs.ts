import { randomUUID } from "node:crypto";
import type { OtherReload, ReloadAnswer } from "../config/changes.ts";
import { asError } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import { withLimit } from "../runtime/with-limit.ts";
import type { Database } from "../store/database.ts";
import { type NamedNode, otherNodes } from "../store/nodes.ts";
import { type Wakeup, wakeOthers } from "../store/wakeups.ts";
import { SILENCE_MS } from "./lease.ts";

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
      await wakeOthers(pool, `reload ${request}`);
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
    const [verb, request = "", node, ...answer] = wakeup.split(" ");
    if (verb === "reload") {
      if (!request.startsWith(this.#here)) void this.#reloadFor(request);
    } else if (verb === "reloaded") this.#answered(request, Number(node), JSON.parse(answer.join(" ")));
    else return false;
    return true;
  }

  async #reloadFor(request: string): Promise<void> {
    const { pool, log, node, reload } = this.#options;
    const answer = shortened(await reload());
    await wakeOthers(pool, `reloaded ${request} ${node()} ${JSON.stringify(answer)}`).catch((error: unknown) =>
      log.warn({ err: asError(error) }, "the program that asked for the reload was not told of its result"),
    );
  }

  #answered(request: string, node: number, answer: ReloadAnswer): void {
    const asked = this.#asked.get(request);
    const other = asked?.missing.get(node);
    if (asked === undefined || other === undefined) return;
    asked.missing.delete(node);
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
