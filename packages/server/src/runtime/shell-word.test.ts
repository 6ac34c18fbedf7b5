import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { shellWord } from "./shell-word.ts";

test("a quoted word is read by a shell as it was", () => {
  const words = ["/etc/mplus.json", "--config=a,b", "two words", "it's", "$HOME `x` \\", "*", "", "\n"];
  const read = execFileSync("sh", ["-c", `printf '%s\\0' ${words.map(shellWord).join(" ")}`], { encoding: "utf8" });
  expect(read.split("\0").slice(0, -1)).toEqual(words);
  expect(shellWord("/etc/mplus.json")).toBe("/etc/mplus.json");
});
