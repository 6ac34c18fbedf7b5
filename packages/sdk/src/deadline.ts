/** The longest delay of a timer; a longer one fires at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Runs work until it ends, the caller's signal aborts it, or its time is over (a DOMException `TimeoutError`). */
export async function within<Result>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  // AbortSignal.any and .timeout keep their listeners on the signal and the clock long after the work is done.
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  const expire = (): void => controller.abort(new DOMException(`not within ${timeoutMs} ms`, "TimeoutError"));
  const timer = setTimeout(expire, Math.min(timeoutMs, LONGEST_TIMER_MS));
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** Resolves after the time; rejects with the signal's reason when it is aborted. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    const abort = (): void => {
      end();
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      end();
      resolve();
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort);
  });
}
