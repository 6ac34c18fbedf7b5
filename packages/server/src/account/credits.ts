/** The greatest balance: a JavaScript number holds nine times as much exactly. */
export const MOST_CREDITS = 1e15;
