/** The rules by which the main process starts its others, and starts them again. */

/**
 * V8 lets its heap grow with the machine, to 460 MB in both processes after a minute of load; with these bounds it is 240 MB
 * with single messages and 290 MB in floods of batches, and as fast. Messages in memory stay well below: 8,000 messages and
 * 8,000 webhooks of about 1 KiB. With a young generation of 8 MB, messages under way were copied twice as often. The main
 * process gets the same from `npm start` and the command's first line.
 */
const MEMORY_FLAGS = ["--max-semi-space-size=16", "--max-old-space-size=512"];

/** The options of Node for a further process: those of this one. */
export function nodeOptions(): string[] {
  return [...process.execArgv, ...MEMORY_FLAGS.filter((flag) => !process.execArgv.includes(flag))];
}

/** After a death the next process is started at once, and later ones after a pause, should they all die. */
const RESTART_MS = [0, 500, 1_000, 5_000];
const STABLE_MS = 30_000;

/** Counts the deaths of processes of one kind. */
export class Restarts {
  #deaths = 0;

  /** @param startedAt of the process that died, epoch milliseconds. Returns the pause before the next, in ms */
  after(startedAt: number): number {
    if (Date.now() - startedAt > STABLE_MS) this.#deaths = 0;
    const wait = RESTART_MS[Math.min(this.#deaths, RESTART_MS.length - 1)] as number;
    this.#deaths++;
    return wait;
  }
}

/** A process ended before it was up, without a reason. */
export class EndedEarly extends Error {
  override readonly name = "EndedEarly";
}

const FIRST_STARTS = 3;

/**
 * The first start of a process; one that is killed before it is up is started again, as one that is killed later.
 * @param again asked then, whether it is still to be
 */
export async function firstStart<Up>(start: () => Promise<Up>, again: () => boolean): Promise<Up> {
  for (let left = FIRST_STARTS - 1; ; left--) {
    try {
      return await start();
    } catch (error) {
      if (left === 0 || !(error instanceof EndedEarly) || !again()) throw error;
    }
  }
}
