/** The request never left this process: sending it again, here or elsewhere, cannot make two of it. */
export class NotSent extends Error {
  override readonly name = "NotSent";
}

/** The request left, or part of it did, and no answer came: whether the peer took it is unknown. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}
