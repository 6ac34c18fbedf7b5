import type { Endpoint, Page as ListPage, Stat } from "@messaging-plus/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BROWSER } from "../../server/test/reference/browser.ts";
import { newKey, startProgram } from "../../server/test/support/program.ts";
import { receiver } from "../../server/test/support/receiver.ts";
import { until } from "../../server/test/support/until.ts";
import { dashboardRig } from "./rig.ts";

const operatorKey = newKey();
const program = await startProgram({
  config: {
    operatorKey,
    metrics: { key: newKey() },
    carriers: [
      { id: "simulator", type: "simulator", receiptDelay: 0 },
      { id: "away", type: "smpp", host: "127.0.0.1", port: 1, systemId: "away" },
    ],
    routes: [{ to: "", carriers: ["simulator"] }],
    callbacks: { retryDelays: [], allowPrivateAddresses: true },
  },
});
afterAll(program.stop);
const hooks = await receiver();
afterAll(hooks.close);
const { api } = program;

const DELIVERED = "+447700900123";
/** Fails with code 22 (docs/simulator.md). */
const SWITCHED_OFF = "+447700900534";
const send = (to: string, callback?: string) =>
  api.send({ messages: [{ from: { type: "custom", value: "MyShop" }, to, body: "Hello", callback }] });

beforeAll(async () => {
  hooks.script("/down", 500);
  for (const to of [DELIVERED, DELIVERED, DELIVERED, SWITCHED_OFF]) await send(to, hooks.url("/up"));
  await send("+12025550123");
  await until("all to be final", async () => {
    const { items } = (await api.request<{ items: Stat[] }>("GET", "/stats?by=day")).body;
    return items.reduce((sum, { delivered, failed }) => sum + delivered + failed, 0) === 5;
  });
});

if (BROWSER === undefined) console.warn("No browser was found: the overview was not tried in one.");

describe.skipIf(BROWSER === undefined)("in a browser, the overview", () => {
  const rig = dashboardRig(program.url, [api.key, program.organizationKey, operatorKey]);
  const rows = (table: string) => rig.page.getByRole("table", { name: table, exact: true }).getByRole("row");
  const figure = async (title: string) =>
    rig.page.locator(".figures div").filter({ hasText: title }).locator("dd").textContent();

  test("is the first view of every key, and shows what became of messages", async () => {
    const { page } = rig;
    for (const key of [api.key, program.organizationKey, operatorKey]) {
      await rig.signIn(key);
      await page.getByRole("heading", { name: "Overview" }).waitFor();
      await rows("Failures by code").nth(1).waitFor();
      await until("the code's meaning", async () =>
        (await rows("Failures by code").nth(1).textContent())?.startsWith("22No response from the SME"),
      );
      expect({
        accepted: await figure("Accepted"),
        delivered: await figure("Delivered"),
        failed: await figure("Failed"),
        rate: await figure("Delivery rate"),
        carrier: await rows("By carrier").filter({ hasText: "simulator" }).textContent(),
        countries: (await rows("By country").allTextContents()).slice(1),
      }).toEqual({
        accepted: "5",
        delivered: "4",
        failed: "1",
        rate: "80%",
        carrier: "simulator54180%",
        countries: ["United Kingdom43175%", "United States110100%"],
      });
      await page.getByRole("button", { name: "Sign out" }).click();
    }
  });

  test("draws lines, and has the same figures in a table behind them", async () => {
    const { page } = rig;
    await rig.signIn(api.key, "#/overview?range=month");
    const chart = page.getByRole("figure").filter({ hasText: "Messages" });
    await chart.getByText("As a table").click();
    // The first row is the day that is not over.
    const cells = await chart.getByRole("row").nth(1).getByRole("cell").allTextContents();
    expect(cells).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d UTC$/), "5", "5", "4", "1"]);
    expect(await chart.getByRole("row").count()).toBe(31);
    const painted = `[...document.querySelectorAll("canvas")].map((canvas) =>
      canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0))`;
    await until("all four to be painted", async () => {
      return (await page.evaluate<boolean[]>(painted)).filter(Boolean).length === 4;
    });
    const dashes = await chart.locator(".legend line").evaluateAll((lines) => lines.map((line) => line.outerHTML));
    expect(new Set(dashes.map((line) => /dasharray="([^"]*)"/.exec(line)?.[1])).size).toBe(4);
  });

  test("shows the time that is chosen, which its address keeps", async () => {
    const { page } = rig;
    await rig.signIn(api.key);
    await page.getByRole("link", { name: "Week" }).click();
    await until("168 hours", async () => (await page.getByRole("figure").first().locator("tr").count()) === 169);
    await page.reload();
    await page.locator('.choice [aria-current="true"]', { hasText: "Week" }).waitFor();
  });

  test("shows what happens by itself", async () => {
    await rig.signIn(api.key, "#/overview?range=hour");
    await until("the figures", async () => (await figure("Accepted")) === "5");
    await send(DELIVERED);
    await until("one more", async () => (await figure("Accepted")) === "6" && (await figure("Delivered")) === "5");
  });

  test("shows the operator what waits, carriers over time, and endpoints that fail, of all accounts", async () => {
    const { page } = rig;
    await send(DELIVERED, hooks.url("/down"));
    const endpoints = async () => (await api.request<ListPage<Endpoint>>("GET", "/endpoints")).body.items;
    await until("the endpoint to fail", async () => (await endpoints()).some(({ state }) => state === "failing"));
    await rig.signIn(operatorKey);
    const failing = rows("Endpoints that fail").nth(1);
    await failing.waitFor();
    expect(await failing.textContent()).toContain(new URL(hooks.url("/")).origin);
    expect(await failing.textContent()).toMatch(/failing.*UTC\S*0500$/);
    expect((await rows("What waits").allTextContents()).length).toBe(5);
    await page
      .getByRole("figure")
      .filter({ hasText: "Submitted, by carrier" })
      .getByText("simulator")
      .first()
      .waitFor();

    await page.getByRole("link", { name: "All endpoints" }).click();
    await rows("Endpoints").nth(1).getByText("failing").waitFor();
    await page.getByRole("link", { name: "Carriers" }).click();
    const away = rows("Carriers").filter({ hasText: "away" });
    await away.getByText(/ECONNREFUSED.*next try/).waitFor();
    await away.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
    await away.getByText("paused").waitFor();
    await away.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
    await away.getByRole("button", { name: "Pause" }).waitFor();
  });
});
