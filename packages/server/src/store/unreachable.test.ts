import { expect, test } from "vitest";
import { explainUnreachable, unusable } from "./unreachable.ts";

const target = { host: "db.example.com", port: 5432, user: "mplus", database: "messages" };

test("a server is to be of version 14 at least", () => {
  const nature = { encoding: "UTF8", standby: false };
  expect(unusable({ version: 130_022, ...nature }, target)?.message).toBe(
    "database.url: the server at db.example.com:5432 is PostgreSQL 13: use 14 or later",
  );
  expect(unusable({ version: 140_000, ...nature }, target)).toBeNull();
});

test.each([
  [{ code: "ENOTFOUND" }, 'there is no host "db.example.com": correct its name'],
  [{ code: "ETIMEDOUT" }, "no answer from db.example.com:5432: correct host and port, or let the connection through"],
  [{ message: "timeout expired" }, "no answer from db.example.com:5432: "],
  [{ code: "53300" }, "the server at db.example.com:5432 has no connection left: "],
  [
    { message: "The server does not support SSL connections" },
    "no connection to db.example.com:5432: The server does not",
  ],
])("%j is said in a sentence", (fault, sentence) => {
  const error = Object.assign(new Error("x"), fault);
  expect(explainUnreachable(error, target).message).toContain(`database.url: ${sentence}`);
});
