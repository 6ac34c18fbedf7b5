import { expect, test } from "vitest";
import { document, type Json, strictValidator } from "../reference/document.ts";
import { blocksOf } from "./example.ts";
import { page } from "./page.ts";

/** The JSON of docs/webhooks.md, a value a line, against the reference. */
const values = blocksOf(page("docs/webhooks.md"))
  .filter(({ info }) => info === "json")
  .flatMap(({ text }) => text.trim().split("\n"))
  .map((line) => JSON.parse(line) as Json);

/** Of a webhook by what it is about, of a request to replay else. */
function schemaOf({ type, receiptInfo }: Json): Json {
  if (receiptInfo === undefined && type === undefined) {
    return document.paths["/webhooks/replay"]!.post!.requestBody!.content["application/json"]!.schema;
  }
  const { post } = Object.values(document.webhooks).find(({ post }) => {
    const example = post.requestBody!.content["application/json"]!.example as Json;
    return receiptInfo === undefined ? example.type === type : example.receiptInfo !== undefined;
  })!;
  return post.requestBody!.content["application/json"]!.schema;
}

test.each(values)("is as the reference has it: %j", (value) => {
  const check = strictValidator(schemaOf(value));
  expect({ valid: check(value), errors: check.errors ?? [] }).toEqual({ valid: true, errors: [] });
});

test("has a receipt, a replay and each kind of event", () => {
  expect(values).toHaveLength(5);
});
