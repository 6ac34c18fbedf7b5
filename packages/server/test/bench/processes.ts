import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";

const children = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of children) child.kill();
});

/** Has a process end with this one at the latest: a run that is void leaves nothing behind. */
export function endWithUs(child: ChildProcess): void {
  children.add(child);
  child.once("exit", () => children.delete(child));
}

/** A far end: a process that prints its port and answers lines with counts. */
export class FarEnd {
  readonly process: ChildProcess;
  readonly #lines: Interface;
  port = 0;
  /** Of the sink: further ones. */
  ports: readonly number[] = [];

  constructor(name: "smsc" | "sink", mode: string[]) {
    const file = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
    this.process = spawn(process.execPath, [file, ...mode], { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.process.stdout! });
  }

  async start(): Promise<this> {
    const { port, ports = [] } = (await this.#line()) as { port: number; ports?: number[] };
    Object.assign(this, { port, ports });
    return this;
  }

  counts(): Promise<Record<string, number>> {
    return this.#ask("counts") as Promise<Record<string, number>>;
  }

  /** Times by destination: `sent` of the SMSC's receipts, `arrivals` of the sink's webhooks. */
  async times(kind: "sent" | "arrivals"): Promise<Map<string, number>> {
    const answer = (await this.#ask(kind)) as Record<string, [string, number][]>;
    return new Map(answer[kind]);
  }

  /** Resolves, with how many they are, when so many webhooks have arrived; rejects after two minutes. */
  async arrived(hooks: number): Promise<number> {
    const giveUpAt = Date.now() + 120_000;
    for (;;) {
      const counts = await this.counts();
      if (counts.hooks! >= hooks) return counts.hooks!;
      if (Date.now() > giveUpAt) throw new Error(`void: ${hooks - counts.hooks!} webhooks are missing`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #ask(line: string): Promise<unknown> {
    this.process.stdin!.write(`${line}\n`);
    return this.#line();
  }

  stop(): void {
    this.process.stdin!.end();
  }

  #line(): Promise<unknown> {
    return new Promise((resolve) => this.#lines.once("line", (line) => resolve(JSON.parse(line))));
  }
}

const TICK_US = 10_000;

/** CPU time of a process with its threads and its children that have ended, in µs; 0 once it is gone. */
export function cpuOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_US;
  } catch {
    return 0;
  }
}

/** Memory in MB: resident, and with what is shared divided by those that share it. */
export interface Memory {
  resident: number;
  proportional: number;
}

export function memoryOf(pid: number): Memory {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0) / 1024;
    return { resident: field("Rss"), proportional: field("Pss") };
  } catch {
    return { resident: 0, proportional: 0 };
  }
}

/** All processes below one, itself included, and those whose command line names `folder`. */
export function family(pid: number, folder: string): { pid: number; name: string }[] {
  const parents = new Map<number, number>();
  const commands = new Map<number, string>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      parents.set(Number(entry), Number(stat.split(") ")[1]!.split(" ")[1]));
      commands.set(Number(entry), readFileSync(`/proc/${entry}/cmdline`, "latin1").replaceAll("\0", " "));
    } catch {
      // It ended in between.
    }
  }
  const roots = new Set([pid]);
  for (const [candidate, command] of commands) {
    if (command.includes(folder) && command.includes("postgres")) roots.add(candidate);
  }
  let grown = true;
  while (grown) {
    grown = false;
    for (const [child, parent] of parents) {
      if (roots.has(parent) && !roots.has(child)) {
        roots.add(child);
        grown = true;
      }
    }
  }
  return [...roots].map((member) => ({ pid: member, name: nameOf(member, pid, commands.get(member) ?? "") }));
}

function nameOf(member: number, main: number, command: string): string {
  if (member === main) return "engine";
  if (command.includes("engine-process")) return "further engines";
  return command.includes("postgres") ? "postgres" : "api";
}
