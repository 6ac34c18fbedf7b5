import { expect, test } from "vitest";
import { endChildren } from "./children.ts";
import { begin } from "./mplus.ts";

test("what a test starts and does not stop ends with it", async () => {
  const { child } = begin(["simulate", "smsc", "--port", "0"]);
  await endChildren();
  expect(child.signalCode).toBe("SIGKILL");
});
