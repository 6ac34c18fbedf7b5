import { expect, test } from "vitest";
import { begin } from "../cli/mplus.ts";
import { endChildren } from "./children.ts";

test("what a test starts and does not stop ends with it", async () => {
  const { child } = begin(["simulate", "smsc", "--port", "0"]);
  await endChildren();
  expect(child.signalCode).toBe("SIGKILL");
});
