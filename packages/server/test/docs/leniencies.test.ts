import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { page, ROOT } from "./page.ts";

const text = page("docs/leniencies.md");
const sections = text
  .split(/^## /m)
  .slice(1)
  .map((section): [heading: string, rows: string[][]] => [section.split("\n", 1)[0] as string, rowsIn(section)]);

/** The cells of a table's rows, as they are written. */
function rowsIn(section: string): string[][] {
  return section
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| what comes |"))
    .map((line) => line.slice(2, -2).split(" | "));
}

describe.each(sections)("of %s, each leniency", (_heading, rows) => {
  test("says what comes, what is made of it and why", () => {
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.filter((cells) => cells.length !== 4 || cells.some((cell) => cell.trim() === ""))).toEqual([]);
  });

  test.each(rows)("%s: %s", (_what, _made, _why, shown) => {
    const [, file, title] = /^`([^`]+\.test\.ts)`: (.+)$/.exec(shown!)!;
    expect(existsSync(`${ROOT}/${file}`)).toBe(true);
    const source = page(file!);
    expect(['"', "`"].some((quote) => source.includes(quote + title + quote))).toBe(true);
  });
});

test("no leniency is there twice", () => {
  const all = sections.flatMap(([heading, rows]) => rows.map(([what]) => `${heading}: ${what}`));
  expect(new Set(all).size).toBe(all.length);
});

test("the page is led to from where carriers are explained", () => {
  for (const from of ["docs/configuration.md", "docs/reliability.md"]) expect(page(from)).toContain("(leniencies.md)");
});
