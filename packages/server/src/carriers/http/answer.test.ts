import { expect, test } from "vitest";
import { type AnswerSettings, answerVerdict } from "./answer.ts";

test("of an answer with more ids than a text has parts no more are kept", () => {
  const accepted = { status: null, when: {}, id: "/ids/*", error: null };
  const settings: AnswerSettings = { accepted, errors: {}, again: [] };
  const idsOf = (count: number) => {
    const body = JSON.stringify({ ids: Array.from({ length: count }, (_, at) => `${at}`) });
    const verdict = answerVerdict({ status: 200, headers: {}, body }, settings, 0);
    return verdict.kind === "accepted" ? verdict.ids?.length : undefined;
  };
  expect([idsOf(3), idsOf(255), idsOf(9_000)]).toEqual([3, 255, 255]);
});
