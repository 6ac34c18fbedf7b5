import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

/** A page of the documentation, by its path from the root of the repository. */
export function page(path: string): string {
  return readFileSync(`${ROOT}/${path}`, "utf8");
}

/** The cells of every table row of a page, without the marks of code, heads and the lines under them. */
export function rowsOf(text: string): string[][] {
  const lines = text.split("\n");
  return lines
    .filter((line, at) => line.startsWith("|") && !line.startsWith("|---") && !lines[at + 1]?.startsWith("|---"))
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
}
