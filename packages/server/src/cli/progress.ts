/** A person who waits for less needs no progress. */
const QUIET_SECONDS = 2;
const EVERY_MS = 250;
/** Begins the terminal's line anew. */
const CLEARED = "\r\x1b[K";
/** Whether the line is there now. */
let shown = false;
/** Whether something shows its progress; what is part of it shows none of its own. */
let busy = false;

/**
 * Does something, and shows how far it is if it takes over two seconds: a line at standard error, where that is a terminal.
 * @param line the line after so many seconds
 */
export async function withProgress<Result>(
  line: (seconds: number) => string,
  work: () => Promise<Result>,
): Promise<Result> {
  const { stderr } = process;
  if (stderr.isTTY !== true || busy) return work();
  busy = true;
  const began = performance.now();
  const timer = setInterval(() => {
    const seconds = (performance.now() - began) / 1_000;
    if (seconds < QUIET_SECONDS) return;
    // The rest of a longer line would stay there.
    stderr.write(`${CLEARED}${line(seconds).slice(0, (stderr.columns || 80) - 1)}`);
    shown = true;
  }, EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    clearProgress();
    busy = false;
  }
}

/** Takes the line away, before something else is printed. */
export function clearProgress(): void {
  if (shown) process.stderr.write(CLEARED);
  shown = false;
}

/** How far something is, how fast it goes, and when it will be done. @param total null where it is not known */
export function progressText(what: string, done: number, total: number | null, seconds: number): string {
  const rate = done / seconds;
  const figure = (value: number) => Math.round(value).toLocaleString("en");
  const speed = `${rate < 10 ? rate.toFixed(1) : figure(rate)} a second`;
  if (total === null) return `${figure(done)} ${what}, ${speed}`;
  const share = total === 0 ? 100 : Math.floor((done * 100) / total);
  const rest = rate > 0 ? `, ${durationText((total - done) / rate)} left` : "";
  return `${figure(done)} of ${figure(total)} ${what} (${share} %), ${speed}${rest}`;
}

/** Seconds as `8 s`, `2 min 5 s` or `3 h 20 min`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
