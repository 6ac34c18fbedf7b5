import { randomUUID } from "node:crypto";
import type { BatchWithContent } from "@messaging-plus/sdk";
import { afterAll, expect, test } from "vitest";
import type { Api, Problem } from "../support/api.ts";
import { addAccount, newKey, startProgram } from "../support/program.ts";

const operatorKey = newKey();
const program = await startProgram({
  config: { carriers: [{ id: "simulator", type: "simulator", receiptDelay: 0 }], operatorKey },
});
afterAll(program.stop);
const { api } = program;
const organization = api.as(program.organizationKey);
const operator = api.as(operatorKey);
const other = api.as(await addAccount(program.database.pool));

const later = new Date(Date.now() + 86_400_000).toISOString();
const batch = { from: "MyShop", message: "Hello", callback: "https://hooks.example.com/receipts" };
const destinations = ["447700900001", "447700900002"];
const content = (by: Api, uuid: string) => by.request<BatchWithContent>("GET", `/batch/${uuid}?content=true`);

test("a batch is told of to its account, its organization and the operator, with what it sends", async () => {
  const given = randomUUID();
  const [single] = await api.send({
    messages: [
      { from: { type: "custom", value: "MyShop" }, to: "447700900003", body: "Hello", callback: batch.callback },
    ],
  });
  for (const uuid of [
    await api.sendBatch({ ...batch, destinations }),
    await api.sendBatch({ ...batch, destinations, id: given }),
    single!.batchUuid,
  ]) {
    const expected = {
      counts: { total: uuid === single!.batchUuid ? 1 : 2, delivered: expect.any(Number), failed: 0 },
      content: {
        at: expect.stringMatching(/Z$/),
        state: expect.stringMatching(/^(sending|done)$/),
        from: "MyShop",
        message: "Hello",
        callback: batch.callback,
        unitcount: 1,
      },
    };
    expect((await content(api, uuid)).body).toEqual(expected);
    const account_uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
    for (const by of [organization, operator]) {
      expect((await content(by, uuid)).body).toEqual({
        ...expected,
        content: { ...expected.content, account_uuid },
      });
      const { body } = await by.request<{ details: object[] }>("GET", `/batch/${uuid}?details=true&limit=100`);
      expect(body.details).toHaveLength(expected.counts.total);
    }
    expect((await content(other, uuid)).status).toBe(404);
  }
  expect((await content(operator, randomUUID())).status).toBe(404);
  expect((await api.request("GET", `/batch/${given}?content=true&details=true`)).status).toBe(400);
});

test("what is held shows its time, text and numbers, and its messages say where to look", async () => {
  const uuid = await api.sendBatch({ ...batch, destinations, send_at: later });
  expect((await content(organization, uuid)).body.content).toMatchObject({
    message: "Hello",
    state: "pending",
    at: later,
  });
  const { body } = await organization.request<{ details: { destination: string; messageuuid: string }[] }>(
    "GET",
    `/batch/${uuid}?details=true&limit=100`,
  );
  expect(body.details.map(({ destination }) => destination)).toEqual(destinations.map((number) => `+${number}`));
  const id = randomUUID();
  const [single] = await api.send({
    messages: [{ from: { type: "custom", value: "MyShop" }, to: "447700900003", body: "Hello", send_at: later, id }],
  });
  const detailOf = async (by: Api, message: string) => {
    const { status, body: problem } = await by.request<Problem>("GET", `/message/${message}`);
    expect(status).toBe(404);
    return problem.detail;
  };
  const heldBy = (held: string) => `is held for its time, ${later}: until then GET /batch/${held}?content=true`;
  for (const by of [api, organization, operator]) {
    for (const { messageuuid } of body.details) expect(await detailOf(by, messageuuid)).toContain(heldBy(uuid));
    expect(await detailOf(by, id)).toContain(heldBy(single!.batchUuid));
  }
  const unknown = "There is no such message.";
  expect(await detailOf(other, id)).toBe(unknown);
  expect(await detailOf(other, body.details[0]!.messageuuid)).toBe(unknown);
  // A number that the batch has no message of.
  expect(await detailOf(api, `${uuid.slice(0, -5)}00009`)).toBe(unknown);
  await api.request("DELETE", `/batch/${uuid}`);
  expect(await detailOf(api, body.details[0]!.messageuuid)).toBe(unknown);
});
