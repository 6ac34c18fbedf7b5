import { afterAll, expect, test } from "vitest";
import { startProgram } from "../support/program.ts";

const program = await startProgram({ config: { senders: { unregistered: "refuse" } } });
afterAll(program.stop);
const { api } = program;

test("senders.unregistered: refuse takes registered senders alone", async () => {
  const organization = api.as(program.organizationKey);
  const send = (value: string) =>
    api.request("POST", "/message", {
      body: { messages: [{ from: { type: "custom", value }, to: "+447700900123", body: "x" }] },
    });
  expect(await send("MyShop")).toMatchObject({
    status: 403,
    body: { errors: [{ path: "messages[0].from.value", message: "is registered to nobody" }] },
  });
  expect((await organization.request("POST", "/sender", { body: { value: "MyShop" } })).status).toBe(200);
  expect((await send("MyShop")).status).toBe(200);
});
