import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { page, ROOT } from "./page.ts";

const text = page("docs/reliability.md");
const shown = [...text.matchAll(/^- `([^`]+\.test\.ts)`: (.+)$/gm)].map(([, file, title]) => [file!, title!] as const);
const files = [...new Set([...text.matchAll(/`([\w/-]+\.(?:ts|sql))`/g)].map(([, file]) => file!))];

test.each(shown)("%s shows: %s", (file, title) => {
  const source = page(file);
  expect(['"', "`"].some((quote) => source.includes(quote + title + quote))).toBe(true);
});

test.each(files)("%s is there", (file) => {
  const path = file.startsWith("packages/") ? file : `packages/server/src/${file}`;
  expect(existsSync(`${ROOT}/${path}`)).toBe(true);
});

test("every promise names a file or a table that keeps it, and a test that shows it", () => {
  const promises = text.slice(0, text.indexOf("## Counted")).split(/^## /m).slice(1);
  expect(promises.length).toBeGreaterThan(10);
  for (const promise of promises) {
    const [title] = promise.split("\n", 1);
    expect([title, /`[\w/-]+\.ts`/.test(promise), /^- `[^`]+\.test\.ts`: /m.test(promise)]).toEqual([
      title,
      true,
      true,
    ]);
  }
});

test("the sizes of the windows are those of the program", () => {
  expect(text).toContain(`${mostUnrecorded("send/sender.ts")} answers that are not committed yet`);
  expect(text).toContain(`${mostUnrecorded("notify/notifier.ts")} tries that are not committed yet`);
});

function mostUnrecorded(file: string): string | undefined {
  const source = page(`packages/server/src/${file}`);
  return /^const MOST_UNRECORDED = ([\d_]+);/m.exec(source)?.[1]?.replace("_", ",");
}
