import { setTimeout as sleep } from "node:timers/promises";

/** Generous: a machine that is busy with other tests must not fail one. */
const LIMIT_MS = 60_000;
/** Between two looks at first, and after a while: a wait of seconds, for which a program is asked, is not to take its CPU. */
const PAUSE_MS = { first: 10, most: 50 };

/** Looks until there is something; rejects, saying what was waited for and what there was last, when it takes too long. */
export async function until<Value>(
  what: string,
  look: () => Value | undefined | false | Promise<Value | undefined | false>,
  last: () => unknown = () => undefined,
  limitMs = LIMIT_MS,
): Promise<Value> {
  const startedAt = Date.now();
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    const waited = Date.now() - startedAt;
    if (waited > limitMs) throw new Error(`waited for ${what}; at last there was ${JSON.stringify(await last())}`);
    await sleep(Math.min(PAUSE_MS.most, PAUSE_MS.first + waited / 50));
  }
}

/** The promise's own result; rejects, saying what was waited for, when it takes too long. */
export async function within<Value>(what: string, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited for ${what}`)), LIMIT_MS);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

/** A promise that the test resolves when it wants to. */
export function gate(): { opened: Promise<void>; open(): void } {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
