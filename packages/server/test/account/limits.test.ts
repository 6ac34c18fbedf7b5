import { afterAll, expect, test } from "vitest";
import { newKey, startProgram } from "../support/program.ts";

// Two processes share the one limit.
const operatorKey = newKey();
const program = await startProgram({
  config: { operatorKey, server: { workers: 2 }, limits: { requestsPerSecond: 0.01, burst: 5 } },
});
afterAll(program.stop);
const { api } = program;
const operator = api.as(operatorKey);
interface Made {
  identifier: string;
  apiKey: string;
}

const body = { messages: [{ from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" }] };

test("an account has its burst and no more, over all processes; Retry-After says when there is more", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => api.request("POST", "/message", { body })));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  const refused = answers.filter(({ status }) => status !== 200);
  for (const { status, headers, body: problem } of refused) {
    expect({ status, type: problem.type }).toEqual({ status: 429, type: "/docs#problem-too-many-requests" });
    expect(Number(headers["retry-after"])).toBeGreaterThan(90);
    expect(headers["retry-after"]).toMatch(/^\d+$/);
  }
  expect((await api.request("GET", "/batch/00000000-0000-4000-8000-000000000000")).status).toBe(429);
});

test("an account's keys share its limit, and an organization's its own", async () => {
  const owner = await operator.request<Made>("POST", "/organization", { body: { name: "x" } });
  const organization = api.as(owner.body.apiKey);
  const account = await organization.request<Made>("POST", "/account", { body: { name: "x" } });
  const keys = [account.body.apiKey];
  for (let made = 0; made < 2; made++) {
    const key = { name: "x", scope: "read" };
    const path = `/account/${account.body.identifier}/keys`;
    keys.push((await organization.request<Made>("POST", path, { body: key })).body.apiKey);
  }
  const asked = (key: string, path: string) => api.as(key).request("GET", path);
  const answers = await Promise.all(keys.flatMap((key) => Array.from({ length: 4 }, () => asked(key, "/batch"))));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);

  // Two of its five are left.
  const further = await organization.request<Made>("POST", "/organization-keys", {
    body: { name: "x", scope: "read" },
  });
  expect((await asked(further.body.apiKey, "/account")).status).toBe(200);
  expect((await asked(owner.body.apiKey, "/account")).status).toBe(429);
  expect((await asked(further.body.apiKey, "/account")).status).toBe(429);
});

test("others have their own, and what needs no key or the operator's is not limited", async () => {
  const organization = api.as(program.organizationKey);
  const answers = await Promise.all(Array.from({ length: 10 }, () => organization.request("GET", "/account")));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  const free = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      if (index % 2 === 0) return (await api.request("GET", "/health/live")).status;
      return (await operator.request("GET", "/organization")).status;
    }),
  );
  expect(new Set(free)).toEqual(new Set([200]));
});

test("a wrong key is told so, however often", async () => {
  const wrong = api.as(newKey());
  const answers = await Promise.all(Array.from({ length: 10 }, () => wrong.request("GET", "/account")));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
});
