import { expect, test } from "vitest";
import { optOutWord } from "./opt-out-words.ts";

test.each(["STOP", "stop", " Stop\r\n", "StopAll", "unsubscribe", "CANCEL", "end", "Quit "])("%j stops", (text) => {
  expect(optOutWord(text)).toBe("stop");
});

test.each(["START", "start ", "\tStart"])("%j starts again", (text) => {
  expect(optOutWord(text)).toBe("start");
});

test.each(["", "STOP IT", "please stop", "STOP.", "restart", "no"])("%j asks nothing", (text) => {
  expect(optOutWord(text)).toBeNull();
});
