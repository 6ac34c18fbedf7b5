import { expect, test } from "vitest";
import { commandStatusName } from "./status.ts";

test.each([
  [0, "ESME_ROK"],
  [0x58, "ESME_RTHROTTLED"],
  [0x401, "0x00000401"],
  [0xffffffff, "0xFFFFFFFF"],
])("status %i is called %s", (code, name) => {
  expect(commandStatusName(code)).toBe(name);
});
