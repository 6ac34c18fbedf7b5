import { expect, test } from "vitest";
import { nodeReleaseNotice } from "./node-release.ts";

test("a line of Node.js that gets no more fixes is said to", () => {
  expect(nodeReleaseNotice("20.19.0")).toBe(
    "Node.js 20.19.0 gets no more security fixes: support of line 20 ended on 30 April 2026; the program runs on 22 and 24 too",
  );
  for (const version of ["22.12.0", "24.0.0", "120.0.0"]) expect(nodeReleaseNotice(version)).toBeNull();
});
