/** The request never left this process: sending it again, here or elsewhere, cannot duplicate it. */
export class NotSent extends Error {
  override readonly name = "NotSent";
}

/** The request left at least in part, and no answer came: the peer may have taken it. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}
