import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { type DocumentedOperation, operations } from "../reference/document.ts";
import type { Problem } from "../support/api.ts";
import { some } from "../support/long-run.ts";
import { each, expectNothingOf, expectRefusal, names, startRig } from "./rig.ts";

const rig = await startRig();
const { api } = rig.program;
afterAll(rig.program.stop);

expectNothingOf(rig);

type Parameter = NonNullable<DocumentedOperation["parameters"]>[number];

/** Values as they stand in a query, none of which is one of the kind. */
const NO_VALUES = [
  "",
  "%00",
  "x%00",
  "%ff",
  "%ed%a0%80",
  "%zz",
  "%",
  "x".repeat(3_000),
  "'%3b--",
  "../..",
  "null",
  "[object Object]",
  "%F0%9F%91%8B",
];
const WRONG = {
  boolean: ["yes", "1", "0", "TRUE%20", "truefalse", "on"],
  integer: ["0", "-1", "1001", "1e2", "0x10", "1.5", "%D9%A3", "999999999999999999999", "NaN", "%201", "1%00"],
  string: [],
};
/** No path reads them. */
const UNKNOWN = [
  "__proto__",
  "constructor",
  "toString",
  "x",
  "Limit",
  "dryrun",
  "key%00",
  "key[]",
  "limit[]",
  "%00",
  "%ff",
  "x".repeat(2_000),
];

const keyed = operations.filter(({ operation }) => operation.security.length > 0);

describe.each(keyed)("$method $path", ({ method, path, operation }) => {
  const key = rig.keyFor(operation)!;
  const parameters = operation.parameters ?? [];
  const content = operation.requestBody?.content["application/json"];
  const body = content === undefined ? undefined : Object.values(content.examples!)[0]!.value;
  const ask = async (asked: string, options: { key?: string | null; headers?: Record<string, string> } = {}) => {
    const answer = await api.request<Problem>(method, asked, { key, body, ...options });
    expectRefusal(asked, answer);
    for (const secret of rig.keys) expect(answer.text).not.toContain(secret);
    return answer.body;
  };

  test("refuses every wrong value of its query, and names the parameter", async () => {
    const inQuery = parameters.filter((parameter) => parameter.in === "query");
    const wrong = inQuery.flatMap((parameter) =>
      some(wrongValues(path, parameter)).map((value) => [parameter.name, value] as const),
    );
    await each(wrong, async ([name, value]) => {
      const problem = await ask(`${rig.pathTo(path)}?${name}=${value}`);
      expect({ name, value, type: problem.type }).toEqual({ name, value, type: "/docs#problem-invalid-request" });
      expect({ name, value, errors: problem.errors, names: names(problem, `?${name}`) }).toEqual({
        name,
        value,
        errors: problem.errors,
        names: true,
      });
    });
    await each(inQuery, async ({ name, example = "x" }) => {
      const problem = await ask(`${rig.pathTo(path)}?${name}=${example}&${name}=${example}`);
      expect(names(problem, `?${name}`)).toBe(true);
    });
  });

  test("refuses every parameter that it does not read", async () => {
    const known = parameters.map(({ name }) => name);
    await each(some(UNKNOWN.filter((name) => !known.includes(name))), async (name) => {
      const { type } = await ask(`${rig.pathTo(path)}?${name}=1`);
      expect({ name, type }).toEqual({ name, type: "/docs#problem-invalid-request" });
    });
  });

  test("finds nothing under what is no identifier, or nobody's", async () => {
    const strange = [
      "x",
      "..",
      "%2e%2e",
      "%00",
      "%ff",
      "%zz",
      "'",
      "%20",
      "0".repeat(36),
      "%D9%A3".repeat(36),
      "x".repeat(5_000),
      "__proto__",
      randomUUID(),
      randomUUID().toUpperCase(),
      `${randomUUID()}0`,
    ];
    const inPath = parameters.filter((parameter) => parameter.in === "path" && parameter.name !== "number");
    const asked = inPath.flatMap(({ name }) => some(strange).map((value) => [name, value] as const));
    await each(asked, async ([name, value]) => {
      const { status } = await ask(rig.pathTo(path.replace(`{${name}}`, value)));
      expect({ name, value, status }).toEqual({
        name,
        value,
        status: expect.toSatisfy((code: number) => [400, 404, 405].includes(code)),
      });
    });
  });

  test("refuses what is no key, and says nothing of it", async () => {
    const wrong = [
      "",
      "x",
      key.toUpperCase(),
      `${key}0`,
      key.slice(1),
      `${key}%00`,
      `%00${key}`,
      `%20${key}`,
      `${key}&key=${key}`,
      "%ff",
      "__proto__",
      "x".repeat(5_000),
      "0".repeat(32),
    ];
    await each(some(wrong), async (value) => {
      const problem = await ask(`${rig.pathTo(path)}?key=${value}`, { key: null });
      expect({ value, type: problem.type }).toEqual({ value, type: "/docs#problem-invalid-key" });
    });
    const tokens = ["", "x", key.toUpperCase(), `${key} x`, `${key},${key}`, "0".repeat(32), "ÿ", "x".repeat(5_000)];
    for (const token of some(tokens)) {
      const problem = await ask(rig.pathTo(path), { key: null, headers: { authorization: `Bearer ${token}` } });
      expect({ token, type: problem.type }).toEqual({ token, type: "/docs#problem-invalid-token" });
    }
  });
});

test.each(["/message", "/batch"])("POST %s refuses what is no idempotency key", async (path) => {
  const { operation } = operations.find((one) => one.path === path && one.method === "POST")!;
  const key = rig.keyFor(operation);
  const { value: body } = Object.values(operation.requestBody!.content["application/json"]!.examples!)[0]!;
  for (const value of ["", "x".repeat(256), "x".repeat(5_000)]) {
    const answer = await api.request<Problem>("POST", path, { key, body, headers: { "idempotency-key": value } });
    expectRefusal(value, answer);
    expect({ value, names: names(answer.body, "Idempotency-Key") }).toEqual({ value, names: true });
  }
});

test("DELETE /handset refuses what is no number, and erases nothing", async () => {
  const key = rig.keys[1]!;
  for (const number of [
    "x",
    "0",
    "0447700900123",
    "44770090012345678",
    "%2b",
    "%00",
    "%ff",
    "%D9%A3".repeat(12),
    "447700900123%00",
    "__proto__",
  ]) {
    const answer = await api.request<Problem>("DELETE", `/handset/${number}`, { key });
    expectRefusal(number, answer);
  }
});

/** Look for a sender ID: they take any text, and find nothing under what is none. */
const SENDERS = ["/message from", "/inbound to", "/route sender"];

function wrongValues(path: string, { name, schema }: Parameter): string[] {
  const none = SENDERS.includes(`${path} ${name}`) ? [] : NO_VALUES;
  return [...none, ...WRONG[(schema.type ?? "string") as keyof typeof WRONG]];
}
