import { randomUUID } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { operations } from "../reference/document.ts";
import type { Api } from "../support/api.ts";
import { testOrganization } from "../support/organization.ts";
import { newKey, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

const operatorKey = newKey();
const carriers = [{ id: "sim", type: "simulator", receiptDelay: 0 }];
const program = await startProgram({ config: { operatorKey, carriers } });
afterAll(program.stop);
const operator = program.api.as(operatorKey);

const victim = await testOrganization(operator);
const account = await victim.account();
const [other, enemy] = [await victim.account(), await testOrganization(operator)];
const enemyAccount = await enemy.account();
const made = async (path: string, body: object = {}) => {
  const answer = await victim.api.request<{ identifier: string }>("POST", path, { body });
  return answer.body.identifier;
};
const message = { from: { type: "custom", value: "MyShop" }, to: "447700900123", body: "x" };
const [sent] = await account.api.send({ messages: [{ ...message, callback: "http://127.0.0.1:1/" }] });
const later = { from: "MyShop", message: "x", destinations: ["447700900123"], send_at: "2030-01-01T00:00Z" };
const held = await account.api.sendBatch(later);
await victim.api.request("PUT", `${account.path}/webhook`, { body: { events_url: "http://127.0.0.1:1/events" } });
const objects: Record<string, string[]> = {
  "/account": [account.identifier],
  "/batch": [sent!.batchUuid, held],
  "/message": [sent!.messageUuid],
  "/webhooks": [sent!.messageUuid],
  "/sender": [await made("/sender", { value: "OurBank" })],
  "/organization": [victim.identifier],
  "/organization-keys": [await made("/organization-keys", { name: "x", scope: "admin" })],
  secret: [await made(`${account.path}/secret`)],
  key: [await made(`${account.path}/keys`, { name: "x", scope: "read" })],
  credential: [await made(`${account.path}/smpp`)],
};
await until("its webhook's first try", async () => {
  const { body } = await account.api.request<{ attempts?: object[] }>("GET", `/webhooks/${sent!.messageUuid}`);
  return (body.attempts?.length ?? 0) > 0;
});

/** The paths of an operation that name what is the victim's. */
function pathsOf(pattern: string): string[] {
  const [, first = "", name = ""] = /^(\/[\w-]+)\/\{(\w+)\}/.exec(pattern) ?? [];
  if (name === "number" || objects[first] === undefined) return [];
  return objects[first].map((id) =>
    pattern.replace(`{${name}}`, id).replace(/\{(\w+)\}/g, (_, inner: string) => objects[inner]![0]!),
  );
}

/** The objects of the account that is attacked, and its audit. */
async function state(): Promise<string[]> {
  const asked: [Api, string][] = [
    ...["/account", "/sender", "/audit", "/organization-keys"].map((path): [Api, string] => [victim.api, path]),
    ...["", "/webhook", "/secret", "/keys", "/smpp", "/ledger"].map((path): [Api, string] => [
      victim.api,
      account.path + path,
    ]),
    [account.api, "/batch"],
    [operator, "/organization"],
  ];
  const answers = await Promise.all(asked.map(([api, path]) => api.request("GET", path)));
  return answers.map(({ text }) => text.replaceAll(/"last_used_at":[^,}]+/g, ""));
}

const strangers: [string, Api][] = [
  ["another account of the organization", other.api],
  ["another organization", enemy.api],
  ["another organization's account", enemyAccount.api],
];

test("no key opens what is another account's or organization's, and none tells that it is there", async () => {
  const before = await state();
  let asked = 0;
  for (const { method, path: pattern, operation } of operations) {
    const example = Object.values(operation.requestBody?.content["application/json"]?.examples ?? {})[0]?.value;
    const body = operation.requestBody?.content["application/json"]?.example ?? example;
    for (const path of pathsOf(pattern)) {
      for (const [whose, api] of strangers) {
        const options = body === undefined ? {} : { body };
        const answer = await api.request(method, path, options);
        const nowhere = await api.request(
          method,
          pattern.replaceAll(/\{\w+\}/g, () => randomUUID()),
          options,
        );
        const said = { whose, method, pattern, status: answer.status, text: answer.text };
        expect(said).toEqual({ ...said, status: expect.toBeOneOf([400, 404]), text: nowhere.text });
        asked++;
      }
    }
  }
  expect(asked).toBeGreaterThan(60);
  expect(await state()).toEqual(before);
});

test("nor does it where another's is named in a query or a body", async () => {
  const before = await state();
  const empty: [Api, string][] = [
    [enemy.api, `/message?account=${account.identifier}`],
    [enemy.api, `/message?batch=${sent!.batchUuid}`],
    [other.api, `/message?account=${account.identifier}`],
    [other.api, `/message?batch=${held}`],
    [other.api, "/message?to=447700900123"],
    [enemyAccount.api, `/webhooks?message=${sent!.messageUuid}`],
    [other.api, `/webhooks?batch=${sent!.batchUuid}`],
    [other.api, "/endpoints"],
    [enemy.api, "/endpoints"],
    [enemy.api, "/opt-outs?number=447700900123"],
    [enemyAccount.api, "/batch?all=true"],
    [enemyAccount.api, "/stats"],
  ];
  for (const [api, path] of empty) {
    const { status, body } = await api.request<{ items: unknown[] }>("GET", path);
    expect({ path, status, items: body.items }).toEqual({ path, status: 200, items: [] });
  }
  const refused: [Api, string, string, object][] = [
    [enemy.api, "PATCH", "/topup", { accountUuid: account.identifier, topup: 1 }],
    [enemy.api, "POST", "/sender", { value: "TheirBank", account: account.identifier }],
  ];
  for (const [api, method, path, body] of refused) {
    expect({ path, status: (await api.request(method, path, { body })).status }).toEqual({ path, status: 404 });
  }
  expect(await state()).toEqual(before);
});
