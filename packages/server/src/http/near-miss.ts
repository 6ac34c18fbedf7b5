import { slipsBetween } from "../runtime/slips.ts";

/** True if a name is so close to a known one that its writer will have meant that one. */
export function isNearMiss(name: string, known: ReadonlySet<string>): boolean {
  const plain = fold(name);
  for (const one of known) {
    const other = fold(one);
    // `callbackUrl` means `callback`. A shorter name begins many another word: `messageType`.
    if (plain === other || (other.length >= 8 && plain.startsWith(other))) return true;
    // One slip in a short name makes another word (`at`, `to`); from four letters on it is a slip, from seven on two are.
    const allowed = other.length < 4 ? 0 : other.length < 7 ? 1 : 2;
    if (allowed > 0 && distanceAtMost(plain, other, allowed)) return true;
  }
  return false;
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** @param most names that differ by more in length alone are not compared */
function distanceAtMost(left: string, right: string, most: number): boolean {
  return Math.abs(left.length - right.length) <= most && slipsBetween(left, right) <= most;
}
