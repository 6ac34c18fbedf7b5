/** Time as an argument: epoch milliseconds. Tests pass one that they set. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
