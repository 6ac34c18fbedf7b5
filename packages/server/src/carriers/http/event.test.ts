import { expect, test } from "vitest";
import { stateOf } from "./event.ts";

test.each([
  ["DELIVRD", {}, 2],
  ["Undeliv", {}, 5],
  ["REJECTD", {}, 8],
  ["delivered", {}, 2],
  ["ok", { ok: "DELIVRD" }, 2],
  ["EXPIRED_IN_QUEUE", { "EXPIRED_*": "Expired" }, 3],
  ["barred", { barred: "4a" }, 5],
  ["DELIVRD", { DELIVRD: "enroute" }, 1],
])("the provider's word %s with states %j is message_state %i", (word, states, message_state) => {
  expect(stateOf(word, states as Record<string, string>)).toMatchObject({ message_state, known: true });
});

test("a word that nothing names is unknown", () => {
  expect(stateOf("constructor", {})).toMatchObject({ message_state: 7, known: false });
});
