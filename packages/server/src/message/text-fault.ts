/** Why a text cannot be stored, as a fault of its field: PostgreSQL takes no NUL, and UTF-8 no half of a pair. Null if it can. */
export function textFault(text: string): string | null {
  if (text.includes("\0")) return "has a NUL character (U+0000)";
  return text.isWellFormed() ? null : "has half of a surrogate pair";
}
