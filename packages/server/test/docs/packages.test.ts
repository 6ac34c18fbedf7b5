import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ROOT } from "./page.ts";

interface Packed {
  name: string;
  files: { path: string }[];
}

/** The packages that `npm pack` would make. `npm run pack:check` installs and runs them. */
const packed = JSON.parse(
  execFileSync("npm", ["pack", "--workspaces", "--dry-run", "--json"], { cwd: ROOT, encoding: "utf8", stdio: "pipe" }),
) as Packed[];

test.each(packed)("$name ships what its package file names, and neither sources nor tests", ({ name, files }) => {
  const folder = name.replace(/^messaging-plus$/, "server").replace(/^@messaging-plus\//, "");
  const { bin = {}, exports } = JSON.parse(readFileSync(`${ROOT}/packages/${folder}/package.json`, "utf8")) as {
    bin?: Record<string, string>;
    exports: Record<string, string | Record<string, string>>;
  };
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === "string" ? target : Object.values(target),
  );
  const paths = files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(["LICENSE", "README.md", ...Object.values(bin)]));
  expect(targets.map((target) => target.replace("./", "")).filter((target) => !paths.includes(target))).toEqual([]);
  expect(paths.filter((path) => /^(?:src|test)\/|\.test\.|\.tsbuildinfo$/.test(path))).toEqual([]);
});
