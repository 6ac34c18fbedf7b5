/** True where a name is so close to a known one that its writer will have meant that one. */
export function isNearMiss(name: string, known: ReadonlySet<string>): boolean {
  const plain = fold(name);
  for (const candidate of known) {
    const other = fold(candidate);
    // `callbackUrl` means `callback`. A shorter name begins many a word of its own: `messageType`.
    if (plain === other || (other.length >= 8 && plain.startsWith(other))) return true;
    // One slip in short names is another word (`at`, `to`); from four letters on it is a slip, from seven on two are.
    const allowed = other.length < 4 ? 0 : other.length < 7 ? 1 : 2;
    if (allowed > 0 && distanceAtMost(plain, other, allowed)) return true;
  }
  return false;
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Whether two names are at most `most` slips apart (Levenshtein, with swapped neighbours as one). */
function distanceAtMost(left: string, right: string, most: number): boolean {
  if (Math.abs(left.length - right.length) > most) return false;
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let best = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        best = Math.min(best, beforeLast[column - 2]! + 1);
      }
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length]! <= most;
}
