import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { Problem } from "../support/api.ts";
import { ownAccount } from "../support/own-account.ts";
import { addAccount, startProgram } from "../support/program.ts";
import { type Received, receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);
const program = await startProgram({
  config: {
    environment: "staging",
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
    callbacks: { retryDelays: [1.1, 0.05] },
  },
});
afterAll(program.stop);
const { api } = program;
const { organization, path } = await ownAccount(program);

interface Secret {
  identifier: string;
  secret: string;
}

const from = { type: "custom", value: "MyShop" };
const UUID = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

async function send(callback: string): Promise<void> {
  await api.send({ messages: [{ from, to: "+447700900123", body: "x", callback }] });
}

async function addSecret(): Promise<Secret> {
  const { status, body } = await organization.request<Secret>("POST", path("/secret"));
  expect(status).toBe(200);
  return body;
}

async function listSecrets(): Promise<{ identifier: string; created_at: string }[]> {
  const { body } = await organization.request<{ items: { identifier: string; created_at: string }[]; next: null }>(
    "GET",
    path("/secret"),
  );
  expect(body.next).toBeNull();
  return body.items;
}

async function removeSecret(identifier: string): Promise<void> {
  const { status, body } = await organization.request("DELETE", path(`/secret/${identifier}`));
  expect({ status, body }).toEqual({ status: 200, body: { identifier } });
}

const accepts = ({ body, headers }: Received, { secret }: Secret): boolean => {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
};

/** Webhooks are signed as things stand a moment after a change, not later. */
async function nextAfterChange(name: string, fits: (request: Received) => boolean): Promise<Received> {
  let sent = 0;
  return until("a webhook that is signed as it should be", async () => {
    await send(hooks.url(`/${name}`));
    const received = await hooks.waitFor(`/${name}`, ++sent);
    return received.find(fits);
  });
}

beforeEach(async () => {
  for (const { identifier } of await listSecrets()) await removeSecret(identifier);
});

describe("an account's secrets", () => {
  test("are shown once, listed without their text, newest first, and removed", async () => {
    const first = await addSecret();
    const second = await addSecret();
    expect(first).toEqual({ identifier: UUID, secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) });
    expect(first.secret).not.toBe(second.secret);
    const created_at = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(await listSecrets()).toEqual([
      { identifier: second.identifier, created_at },
      { identifier: first.identifier, created_at },
    ]);
    await removeSecret(first.identifier);
    expect((await listSecrets()).map(({ identifier }) => identifier)).toEqual([second.identifier]);
  });

  test("are two at most, however many are asked for at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => organization.request("POST", path("/secret"), { body: {} })),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.map(({ status }) => status)).toEqual([409, 409, 409, 409]);
    expect(refused[0]?.body.type).toBe("/docs#problem-too-many-secrets");
    expect(await listSecrets()).toHaveLength(2);
  });

  test("are the organization's to see: no account's key opens them, no other organization's account has them", async () => {
    const other = await addAccount(program.database.pool);
    for (const key of [api.key, other]) {
      expect((await organization.request("GET", path("/secret"), { key })).status).toBe(400);
      const bearer = { key: null, headers: { authorization: `Bearer ${key}` } };
      expect((await organization.request("POST", path("/secret"), bearer)).status).toBe(401);
    }
    const { rows } = await program.database.pool.query("SELECT identifier FROM account ORDER BY id DESC LIMIT 1");
    const answer = await organization.request<Problem>("POST", `/account/${rows[0].identifier}/secret`);
    expect(answer.status).toBe(404);
    const { identifier } = await addSecret();
    const wrong = [
      `/account/${rows[0].identifier}/secret/${identifier}`,
      path("/secret/x"),
      path(`/secret/${rows[0].identifier}`),
    ];
    for (const path of wrong) expect((await organization.request("DELETE", path)).status).toBe(404);
    expect(await listSecrets()).toHaveLength(1);
  });

  test("take no fields and no parameters", async () => {
    for (const [query, body] of [
      ["", { secret: "whsec_x" }],
      ["?limit=2", undefined],
      ["", "["],
    ] as const) {
      const options = body === undefined ? {} : { body };
      expect((await organization.request("POST", path(`/secret${query}`), options)).status).toBe(400);
    }
    expect(await listSecrets()).toEqual([]);
  });
});

test("are listed in pages as other lists are", async () => {
  await Promise.all((await listSecrets()).map(({ identifier }) => removeSecret(identifier)));
  const [first, second] = [await addSecret(), await addSecret()];
  const page = async (query: string) =>
    (await organization.request<{ items: object[]; next: string | null }>("GET", path(`/secret?${query}`))).body;
  const newest = {
    items: [{ identifier: second.identifier, created_at: expect.any(String) }],
    next: second.identifier,
  };
  const oldest = { items: [{ identifier: first.identifier, created_at: expect.any(String) }], next: null };
  expect(await page("limit=1")).toEqual(newest);
  expect(await page(`limit=1&after=${second.identifier}`)).toEqual(oldest);
  expect(await page(`after=${first.identifier}`)).toEqual({ items: [], next: null });
  expect((await organization.request("GET", path("/secret?after=x"))).status).toBe(400);
  await Promise.all([first, second].map(({ identifier }) => removeSecret(identifier)));
});

test("without a secret a webhook has its id and no signature", async () => {
  const plain = await nextAfterChange("plain", ({ headers }) => headers["webhook-signature"] === undefined);
  expect(Object.keys(plain.headers).filter((name) => name.startsWith("webhook-"))).toEqual(["webhook-id"]);
});

test("with two secrets the published verifier accepts a webhook under either, with one removed under the other", async () => {
  const first = await addSecret();
  const second = await addSecret();
  const both = await nextAfterChange("both", (request) => accepts(request, first) && accepts(request, second));
  expect(both.headers["webhook-signature"]).toMatch(/^v1,\S{44} v1,\S{44}$/);
  expect(both.headers["webhook-id"]).toBe(JSON.parse(both.body).messageuuid);
  await removeSecret(first.identifier);
  const one = await nextAfterChange("one", (request) => !accepts(request, first));
  expect(accepts(one, second)).toBe(true);
  expect(one.headers["webhook-signature"]).toMatch(/^v1,\S{44}$/);
});

test("each try is signed anew, with the same id and body", async () => {
  const secret = await addSecret();
  await nextAfterChange("signed", (request) => accepts(request, secret));
  hooks.script("/again", 500, 500, 200);
  await send(hooks.url("/again"));
  const tries = await hooks.waitFor("/again", 3);
  for (const request of tries) expect(accepts(request, secret)).toBe(true);
  const valuesOf = (name: string) => tries.map(({ headers }) => headers[name]);
  expect(new Set(valuesOf("webhook-id")).size).toBe(1);
  expect(new Set(tries.map(({ body }) => body)).size).toBe(1);
  // The first retry is more than a second after the first try.
  const [first, second] = valuesOf("webhook-timestamp").map(Number);
  expect(second).toBeGreaterThan(first!);
  expect(Math.abs(first! - Date.now() / 1_000)).toBeLessThan(60);
});

test("an inbound message has the hosted service's headers beside the standard's, under the newest secret", async () => {
  const old = await addSecret();
  const newest = await addSecret();
  await nextAfterChange("ready", (request) => accepts(request, newest));
  const body = JSON.stringify({ batch_uuid: null, message_uuid: null, message: "hello" });
  await program.database.pool.query(
    `INSERT INTO webhook (id, account_id, kind, url, endpoint, body, next_at, leased_by)
     SELECT gen_random_uuid(), id, 'i', $1, 1, $2, now(), 0 FROM account ORDER BY id LIMIT 1`,
    [hooks.url("/inbound"), body],
  );
  const [inbound] = (await hooks.waitFor("/inbound", 1)) as [Received];
  expect(inbound.body).toBe(body);
  expect(accepts(inbound, old) && accepts(inbound, newest)).toBe(true);
  const { signature, timestamp, environment } = inbound.headers;
  expect(environment).toBe("staging");
  expect(timestamp).toBe(inbound.headers["webhook-timestamp"]);
  const expected = createHmac("sha256", newest.secret).update(`${timestamp}.staging.${body}`).digest("hex");
  expect(signature).toBe(expected);
});

test("no secret is ever written to the log", async () => {
  const { secret } = await addSecret();
  await nextAfterChange("logged", ({ headers }) => headers["webhook-signature"] !== undefined);
  const { stdout, stderr } = program.output();
  expect(stdout + stderr).not.toContain(secret.slice("whsec_".length));
  expect(stdout + stderr).not.toContain("whsec_");
});
