import { afterAll, expect, test } from "vitest";
import { HANDSET } from "../../src/reference/examples.ts";
import { operations } from "../reference/document.ts";
import type { Problem } from "../support/api.ts";
import { receiver } from "../support/receiver.ts";
import { each, expectRefusal, startRig } from "./rig.ts";
import { extremeBodies, TIMES } from "./wrong-bodies.ts";

/** What the schemas just take, or just do not: it is taken or refused, and no fault of ours. */
const rig = await startRig();
const { api } = rig.program;
afterAll(rig.program.stop);

const withBodies = operations.flatMap(({ method, path, operation }) => {
  const content = operation.requestBody?.content["application/json"];
  return content === undefined || operation.security.length === 0 ? [] : [{ method, path, operation, content }];
});

const takesOrRefuses = async ({ method, path, operation, content }: (typeof withBodies)[number]): Promise<void> => {
  const key = rig.keyFor(operation);
  const bodies = Object.values(content.examples!).flatMap(({ value }) => extremeBodies(content.schema, value));
  await each(bodies, async (body) => {
    const answer = await api.request<Problem>(method, rig.pathTo(path), { key, body });
    if (answer.status !== 200) expectRefusal(body, answer);
  });
};
/** Ends the account's key. */
const [rotation, others] = [withBodies.filter(isRotation), withBodies.filter((one) => !isRotation(one))];

test.each(others)("$method $path takes or refuses the least and the most", takesOrRefuses);

test("GET /webhooks takes every time", async () => {
  await each(TIMES, async (time) => {
    const asked = encodeURIComponent(time);
    for (const query of [`from=${asked}`, `to=${asked}`, `from=${asked}&to=${asked}`]) {
      const answer = await api.request<Problem>("GET", `/webhooks?${query}`, { key: rig.keys[0]! });
      if (answer.status !== 200) expectRefusal(query, answer);
    }
  });
});

test("lists take or refuse the first and the last cursor of each kind", async () => {
  const [first, last] = ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"];
  const cursors = [first, last, "0.0", "999999999999999.999999", `0.${first}`, `9999999999999999.${last}`];
  const lists = operations.filter(({ operation }) => operation.parameters?.some(({ name }) => name === "after"));
  for (const { method, path, operation } of lists) {
    for (const cursor of cursors) {
      const asked = `${rig.pathTo(path)}?after=${cursor}${path === "/batch/{uuid}" ? "&details=true" : ""}`;
      const answer = await api.request<Problem>(method, asked, { key: rig.keyFor(operation) });
      if (answer.status !== 200) expectRefusal(asked, answer);
    }
  }
});

const NUMBER: Record<string, string | undefined> = { "/opt-outs": "number", "/route": "to" };

test("what was taken can be looked at", async () => {
  const lists = operations.filter(({ method, path }) => method === "GET" && !path.includes("{"));
  expect(lists.length).toBeGreaterThan(8);
  for (const { path, operation } of lists) {
    // What cannot be asked without a number.
    const asked = NUMBER[path] === undefined ? path : `${path}?${NUMBER[path]}=${HANDSET.replace("+", "")}`;
    const { status } = await api.request("GET", asked, { key: rig.keyFor(operation) });
    expect({ path, status }).toEqual({ path, status: 200 });
  }
});

test("POST /webhooks/replay takes every rate, and what is replayed can be looked at", async () => {
  const hooks = await receiver();
  try {
    const from = { type: "custom", value: "MyShop" };
    const messages = Array.from({ length: 3 }, () => ({ from, to: HANDSET, body: "x", callback: hooks.url("/") }));
    await api.send({ messages });
    await hooks.waitFor("/", 3);
    const range = { from: "2020-01-01T00:00Z", to: "+010000-01-01T00:00Z" };
    for (const rate of [5e-324, 1e-300, 1e-12, 0.001, 0.3, 1, 3, 9_999.999, 10_000]) {
      for (const state of ["delivered", "pending"]) {
        const body = { state, ...range, rate };
        const answer = await api.request<Problem>("POST", "/webhooks/replay", { body });
        if (answer.status !== 200) expectRefusal(String(rate), answer);
        expect({ rate, status: (await api.request("GET", "/webhooks")).status }).toEqual({ rate, status: 200 });
      }
    }
  } finally {
    await hooks.close();
  }
});

test.each(rotation)("$method $path takes or refuses the least and the most", takesOrRefuses);

function isRotation({ path }: { path: string }): boolean {
  return path.endsWith("/key");
}
