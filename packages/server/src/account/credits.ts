/** The most that a balance may be brought to: a number holds nine times as much exactly. */
export const MOST_CREDITS = 1e15;
