import { readdir, readFile } from "node:fs/promises";

/** The command line of a process; empty once it is gone. */
export async function commandOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "")).replaceAll("\0", " ");
}

/** The processes with further engines of a program. */
export async function enginesOf(program: number): Promise<number[]> {
  const children = await childrenOf(program);
  return children.filter(({ command }) => command.includes("engine-process")).map(({ pid }) => pid);
}

/** Those of its accepting processes. */
export async function acceptorsOf(program: number): Promise<number[]> {
  const children = await childrenOf(program);
  return children.filter(({ command }) => command.includes("accept-process")).map(({ pid }) => pid);
}

/** The processes that one has started and that run. Where there is no /proc: none. */
export async function childrenOf(parent: number): Promise<{ pid: number; command: string }[]> {
  const found: { pid: number; command: string }[] = [];
  for (const entry of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, "latin1").catch(() => "");
    if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) !== parent) continue;
    found.push({ pid: Number(entry), command: await commandOf(Number(entry)) });
  }
  return found;
}
