import { inTurn } from "./in-turn.ts";
import { Side } from "./side.ts";

/** As carriers send them. */
const RECEIPT_AFTER_MS = 2_000;

/**
 * A program with two engines beside one with one, in turn: messages a second, and what a message costs all processes together.
 * Receipts come at once, and 2 s after the submit.
 */
export async function engines(rounds: number, scale: number): Promise<void> {
  for (const smsc of [[], [`delay=${RECEIPT_AFTER_MS}`]]) {
    const when = smsc.length === 0 ? "" : ", receipts later";
    const [one, two] = [
      await new Side().start({ smsc, settings: { engines: 1 } }),
      await new Side().start({ smsc, settings: { engines: 2 } }),
    ];
    await inTurn({ name: `one engine${when}`, side: one }, { name: `two engines${when}`, side: two }, rounds, scale);
    await one.stop();
    await two.stop();
  }
}
