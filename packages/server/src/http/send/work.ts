import type { PostBatch, PostMessage } from "./schemas.ts";

/** Octets of memory that a destination of a batch takes until it is stored: 100,000 took 45 MB. */
const PER_DESTINATION = 450;
/** The same of a message of POST /message, without its texts. */
const PER_MESSAGE = 1_024;
/** A text is in the body, the row, the bundle and the answer. */
const COPIES = 4;
/** Octets of JSON that a message takes from `defaults` at most: 10 parts of text, a URL, a sender. More is refused. */
const MOST_OF_DEFAULTS = 8_192;

/** Octets of memory, about, that it takes to store and answer what a body of so many octets says. */
export function workOf({ destinations, messages, defaults }: Partial<PostBatch & PostMessage>, octets: number): number {
  if (destinations !== undefined) return octets + PER_DESTINATION * destinations.length;
  if (messages === undefined) return octets;
  const shared = defaults === undefined ? 0 : Math.min(JSON.stringify(defaults).length, MOST_OF_DEFAULTS);
  return COPIES * octets + messages.length * (PER_MESSAGE + COPIES * shared);
}
