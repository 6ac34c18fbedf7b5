import { MOST_RICH } from "./rules.ts";
import type { PostBatch, PostMessage } from "./schemas.ts";

/** Octets of memory of a batch's destination until it is stored: 100,000 took 45 MB. */
const PER_DESTINATION = 450;
/** Octets of memory of a message of POST /message, without its texts. */
const PER_MESSAGE = 1_024;
/** A text is in the body, the row, the bundle and the answer. */
const COPIES = 4;
/**
 * Most octets of JSON that a message takes from `defaults`, beside rich content: 10 parts of text, a URL, a sender. More is
 * refused.
 */
const MOST_OF_DEFAULTS = 8_192;

/** About the octets of memory that it takes to store and answer a body of this many octets. */
export function workOf({ destinations, messages, defaults }: Partial<PostBatch & PostMessage>, octets: number): number {
  if (destinations !== undefined) return octets + PER_DESTINATION * destinations.length;
  if (messages === undefined) return octets;
  if (defaults === undefined) return COPIES * octets + messages.length * PER_MESSAGE;
  const { rcs, ...texts } = defaults;
  const shared = Math.min(JSON.stringify(texts).length, MOST_OF_DEFAULTS);
  const rich = rcs === undefined ? 0 : Math.min(messages.length * JSON.stringify(rcs).length, MOST_RICH);
  return COPIES * (octets + rich) + messages.length * (PER_MESSAGE + COPIES * shared);
}
