import { setImmediate as turn } from "node:timers/promises";

/** Turns of the event loop in which all that lies in this process's sockets is read. */
const TURNS = 20;
/** After those turns a dead program's connection was accepted once, 307 ms later. Shorter than the start of the next program. */
const MARGIN_MS = 750;

/**
 * Resolves with the time, in epoch milliseconds, until which the work of a process that was just killed can be seen here: what it
 * had written lies in our sockets, and on a busy machine we read it later (once 1.8 s).
 */
export async function seenUntil(): Promise<number> {
  for (let count = 0; count < TURNS; count++) await turn();
  return Date.now() + MARGIN_MS;
}
