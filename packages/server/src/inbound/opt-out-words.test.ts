import { expect, test } from "vitest";
import { OPT_IN_WORDS, OPT_OUT_WORDS } from "../config/config.ts";
import { optOutWords } from "./opt-out-words.ts";

const asks = optOutWords({ stop: OPT_OUT_WORDS, start: OPT_IN_WORDS });

test.each([
  ...OPT_OUT_WORDS,
  "stop",
  " Stop\r\n",
  "Stop.",
  '"STOP"',
  "‘stop’",
  "stop!!",
  "StopAll",
  "\u200bUNSUBSCRIBE",
  "UNSUBSCRIBE\u2060\ufe0f",
  "Quit ",
  "opt out",
  "OPT\u00a0 OUT",
  "stop\tall",
  "stop\u3000all",
  "opt\u200b \u2060out",
  "ＳＴＯＰ",
  "<STOP>",
  "´stop`",
  "»stop«",
  "¡Stop!",
  "\ufeffstop\ufeff",
  "S\u00adTOP",
  "STOP[…]",
])("%j stops", (text) => {
  expect(asks(text)).toBe("stop");
});

test.each([
  ...OPT_IN_WORDS,
  "start ",
  "\tStart",
  "yes.",
  "Unstop\u200d",
  "un\u200bstop",
  "“UNSTOP”",
  "Ｙｅｓ",
  "start\r\n\r\n",
])("%j starts again", (text) => {
  expect(asks(text)).toBe("start");
});

test.each([
  "",
  "…",
  "STOP IT",
  "STOP 12345",
  "please stop",
  "S T O P",
  "restart",
  "un stop",
  "STOP STOP",
  "STOP, please",
  "оpt out",
  "stop\u0301",
  "no",
  "yes please",
  `${" ".repeat(300)}STOP`,
])("%j asks nothing", (text) => {
  expect(asks(text)).toBeNull();
});

test("other words than the defaults are taken by configuration", () => {
  const german = optOutWords({ stop: ["Stopp", "ABMELDEN"], start: ["anmelden"] });
  expect({ stopp: german("stopp!"), stop: german("STOP"), anmelden: german("Anmelden") }).toEqual({
    stopp: "stop",
    stop: null,
    anmelden: "start",
  });
});
