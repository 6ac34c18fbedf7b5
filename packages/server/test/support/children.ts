import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

const alive = new Map<ChildProcess, Promise<unknown>>();

/**
 * Ends the process with the test file at the latest: a test that fails, or runs out of its time, before it has what to
 * stop leaves it running, and the runner ends its own processes by a signal, which no listener for "exit" hears.
 */
export function endWithFile(child: ChildProcess): void {
  const ended = once(child, "close").finally(() => alive.delete(child));
  alive.set(child, ended);
}

/** Kills what still runs, and resolves once it has ended. */
export async function endChildren(): Promise<void> {
  killAll();
  await Promise.all(alive.values());
}

function killAll(): void {
  for (const child of alive.keys()) child.kill("SIGKILL");
}

// A run that is interrupted ends its workers by a signal, or is killed itself.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    killAll();
    process.kill(process.pid, signal);
  });
}
process.once("disconnect", killAll);
