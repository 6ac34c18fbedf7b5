import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { parseBody } from "../../src/http/body.ts";
import { type Json, operations, validator } from "../reference/document.ts";
import type { Problem } from "../support/api.ts";
import { SEED, some } from "../support/long-run.ts";
import { CHANCES, each, expectNothingOf, expectRefusal, names, startRig } from "./rig.ts";
import { wrongBodies } from "./wrong-bodies.ts";

/** Enough for one destination too many. */
const BODY_LIMIT = 2 * 1024 * 1024;
const rig = await startRig({ server: { bodyLimitBytes: BODY_LIMIT } });
const { api } = rig.program;
afterAll(rig.program.stop);

const JSON_TYPE = "application/json";
const MALFORMED = expect.objectContaining({ problem: "malformed-body" });
const withBodies = operations.flatMap(({ method, path, operation }) => {
  const content = operation.requestBody?.content[JSON_TYPE];
  // What a platform posts to us is for it to shape: test/rcs/events.test.ts.
  if (content === undefined || operation.security.length === 0) return [];
  const examples = Object.values(content.examples!).map(({ value }) => value);
  return [{ method, path, operation, schema: content.schema, examples }];
});

expectNothingOf(rig);

describe.each(withBodies)("$method $path", ({ method, path, operation, schema, examples }) => {
  const key = rig.keyFor(operation);
  const post = async (what: string, body: string | Uint8Array, headers = {}) => {
    const answer = await api.request<Problem>(method, rig.pathTo(path), { key, body, headers });
    expectRefusal(what, answer);
    for (const secret of rig.keys) expect(answer.text).not.toContain(secret);
    return answer.body;
  };

  test("refuses every body with one thing wrong, and names the field", async () => {
    const wrong = examples.flatMap((right) => wrongBodies(schema, right));
    expect(wrong.length).toBeGreaterThan(20);
    await each(some(wrong), async ({ what, path: at, text }) => {
      const problem = await post(what, text);
      expect({ what, type: problem.type }).toEqual({ what, type: "/docs#problem-invalid-request" });
      expect({ what, at, errors: problem.errors, names: names(problem, at) }).toEqual({
        what,
        at,
        errors: problem.errors,
        names: true,
      });
    });
  });

  const right = Buffer.from(JSON.stringify(examples[0]));

  test("refuses a body that ends early, wherever", async () => {
    const ends = Array.from({ length: right.length - 1 }, (_, index) => index + 1);
    for (const end of ends) expect(() => parseBody(right.subarray(0, end), JSON_TYPE)).toThrow(MALFORMED);
    await each(some(some(ends)), async (end) => {
      const { type } = await post(`the first ${end} bytes`, right.subarray(0, end));
      expect({ end, type }).toEqual({ end, type: "/docs#problem-malformed-body" });
    });
  });

  test("refuses bytes that are not UTF-8, wherever", async () => {
    const bytes = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]];
    const places = [0, 1, right.length >> 1, right.length - 1, right.length];
    const bodies = bytes.flatMap((wrong) =>
      places.map((at) => {
        const body = Buffer.concat([right.subarray(0, at), Buffer.from(wrong), right.subarray(at)]);
        return { what: `${wrong} at ${at}`, body };
      }),
    );
    for (const { body } of bodies) expect(() => parseBody(body, JSON_TYPE)).toThrow(MALFORMED);
    await each(some(bodies), async ({ what, body }) => {
      expect({ what, type: (await post(what, body)).type }).toEqual({ what, type: "/docs#problem-malformed-body" });
    });
  });

  test(`refuses what chance makes of a body (seed ${SEED})`, async () => {
    const mangled = fc.sample(mangling(right), { seed: SEED, numRuns: CHANCES });
    await each(
      mangled.filter((body) => !isRight(schema, body)),
      async (body) => {
        await post(body.toString("latin1"), body);
      },
    );
  });

  test("tells nothing of what a body holds that is not JSON: it may be a key", async () => {
    const bodies = [key!, `key=${key}`, `{"key": ${key}}`, `{"key": "${key}`, `["${key}" x`];
    const types = [JSON_TYPE, "application/x-www-form-urlencoded"];
    for (const [body, type] of some(bodies.flatMap((body) => types.map((type) => [body, type] as const)))) {
      const problem = await post("a key", body, { "content-type": type });
      for (let at = 0; at + 4 <= key!.length; at++) {
        expect(JSON.stringify(problem)).not.toContain(key!.slice(at, at + 4));
      }
    }
  });
});

test.each(["/message", "/batch"])(
  "POST %s refuses at once what is nested as deep as the body may be long",
  async (path) => {
    const key = rig.keys[0]!;
    const nests = [
      ["[", "]"],
      ['{"a":', "}"],
      ['{"messages":[', "]}"],
      ['{"__proto__":', "}"],
    ] as const;
    for (const [open, close] of nests) {
      const depth = Math.floor(BODY_LIMIT / (open.length + close.length)) - 1;
      for (const body of [`${open.repeat(depth)}1${close.repeat(depth)}`, open.repeat(depth)]) {
        const answer = await api.request<Problem>("POST", path, { key, body });
        expectRefusal(open, answer);
        expect(answer.body.detail).toBe("The body is nested too deep.");
      }
    }
  },
);

test("of a name that is there twice the last counts", async () => {
  const wrongLast =
    '{"messages":[{"from":{"type":"custom","value":"MyShop"},"body":"x","to":"+447700900123","to":"12"}]}';
  const key = rig.keys[0]!;
  const refused = await api.request<Problem>("POST", "/message", { key, body: wrongLast });
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: "messages[0].to" }] } });
  const rightLast = wrongLast.replace('"to":"+447700900123","to":"12"', '"to":"12","to":"+447700900123"');
  expect(await api.request("POST", "/message?dryRun=true", { key, body: rightLast })).toMatchObject({ status: 200 });
});

/** Bytes lost, doubled, changed, or others between them. */
function mangling(right: Buffer): fc.Arbitrary<Buffer> {
  const strange = fc.oneof(fc.constantFrom(...'"{}[]:,\\ 0-+.eE\0\n'), fc.integer({ min: 0, max: 255 }));
  const change = fc.tuple(fc.nat(right.length), fc.nat(4), strange).map(([at, lost, put]) => ({ at, lost, put }));
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) =>
    changes.reduce((body, { at, lost, put }) => {
      const bytes = typeof put === "number" ? Buffer.from([put]) : Buffer.from(put);
      return Buffer.concat([body.subarray(0, at), bytes, body.subarray(at + lost)]);
    }, right),
  );
}

/** Whether it may be taken after all. */
function isRight(schema: Json, body: Buffer): boolean {
  try {
    return Boolean(validator(schema)(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body))));
  } catch {
    return false;
  }
}
