import { setTimeout as sleep } from "node:timers/promises";
import { durationText, withProgress } from "./progress.ts";

const LOOK_MS = 500;

/** The time that the caller would wait is over. */
export class NotFinalError extends Error {
  override readonly name = "NotFinalError";
}

interface Look<State> {
  is: State;
  final: boolean;
  /** How it is, for the person who waits. */
  words: string;
}

/**
 * Looks again and again until something is final.
 * @param most seconds to wait; true: until it is
 * @throws NotFinalError, and what a look throws
 */
export function untilFinal<State>(most: true | number, look: () => Promise<Look<State>>): Promise<State> {
  const deadline = most === true ? Infinity : performance.now() + most * 1_000;
  let words = "";
  return withProgress(
    (seconds) => `${words}, ${durationText(seconds)}`,
    async () => {
      for (;;) {
        const now = await look();
        if (now.final) return now.is;
        words = now.words;
        if (performance.now() >= deadline) throw new NotFinalError(`it is not final after ${most} s: it ${words}`);
        await sleep(LOOK_MS);
      }
    },
  );
}
