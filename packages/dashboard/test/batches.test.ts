import { readFile } from "node:fs/promises";
import { afterAll, describe, expect, test } from "vitest";
import { BROWSER } from "../../server/test/reference/browser.ts";
import { newKey, startProgram } from "../../server/test/support/program.ts";
import { scriptedSmsc } from "../../server/test/support/scripted-smsc.ts";
import { gate, until } from "../../server/test/support/until.ts";
import { dashboardRig } from "./rig.ts";

const operatorKey = newKey();
const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const program = await startProgram({ config: { operatorKey, carriers: [smsc.carrier()] } });
afterAll(program.stop);
const { api } = program;

if (BROWSER === undefined) console.warn("No browser was found: batches were not looked at in one.");

describe.skipIf(BROWSER === undefined)("in a browser, batches", () => {
  const rig = dashboardRig(program.url, [api.key, program.organizationKey, operatorKey]);
  const dashboard = `${program.url}/dashboard`;

  test("go on as one looks, and show those that have failed", async () => {
    const { page } = rig;
    const held = gate();
    smsc.script("447700909001", { when: held.opened });
    smsc.script("447700909002", { command_status: 0x0b });
    const destinations = ["447700909001", "447700909002", "447700909003"];
    const uuid = await api.sendBatch({ from: "Sunday", message: "Open on Sunday.", destinations });
    await until("two to be final", async () => {
      const { delivered, failed } = (await api.status(uuid)).counts;
      return delivered + failed === 2;
    });
    await rig.signIn(program.organizationKey);
    await page.getByRole("link", { name: "Batches" }).click();
    const row = page.getByRole("table", { name: "Batches" }).getByRole("row").filter({ hasText: "Sunday" });
    await row.getByText("under way").waitFor();
    expect(await row.textContent()).toContain("1 delivered, 1 failed of 3");
    expect(await row.getByRole("progressbar").getAttribute("aria-label")).toBe("66 % of its messages are final");
    held.open();
    await row.getByText("2 delivered, 1 failed of 3").waitFor();
    await row.getByText("done").waitFor();

    await row.getByRole("link").click();
    await page.getByText("Open on Sunday.").waitFor();
    const messages = page.getByRole("table", { name: "Messages" }).locator("tbody tr");
    await until("all", async () => (await messages.count()) === 3);
    await page.getByRole("list", { name: "Messages by state" }).getByRole("link", { name: "failed" }).click();
    await until("one", async () => (await messages.count()) === 1);
    expect(await messages.textContent()).toMatch(/\+447700909002failed 43 Destination cannot be reached/);
    expect(await page.evaluate("location.hash")).toBe(`#/batches/${uuid}?state=failed`);
    await page.getByRole("link", { name: "what happened" }).click();
    await page.getByText("Refused by scripted").waitFor();
  });

  test("are found by sender, and downloaded with every message", async () => {
    const { page } = rig;
    await page.addInitScript("delete window.showSaveFilePicker");
    const uuid = await api.sendBatch({ from: "Monday", message: "x", destinations: ["447700909004"] });
    await until("the end", async () => (await api.status(uuid)).counts.delivered === 1);
    await rig.signIn(operatorKey);
    await page.locator(".views").waitFor();
    await page.goto(`${dashboard}#/batches`);
    await page.getByLabel("Sender ID", { exact: true }).fill("Monday");
    await page.getByRole("button", { name: "Search" }).click();
    const rows = page.getByRole("table", { name: "Batches" }).locator("tbody tr");
    await until("one", async () => (await rows.count()) === 1);
    await rows.getByRole("link").click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download CSV" }).click(),
    ]);
    const { text } = await api.request("GET", `/batch/${uuid}?details=true&format=csv`);
    expect(await readFile(await download.path(), "utf8")).toBe(text);
  });

  test("that are held show their text, numbers and time, and are cancelled", async () => {
    const { page } = rig;
    const uuid = await api.sendBatch({
      from: "MyShop",
      message: "We miss you.",
      destinations: ["447700909005", "447700909006"],
      send_at: "2030-01-31T09:30Z",
    });
    await rig.signIn(api.key);
    await page.locator(".views").waitFor();
    await page.goto(`${dashboard}#/batches`);
    await page.getByLabel("Batch UUID").fill(uuid);
    await page.getByRole("button", { name: "Look up" }).click();
    await page.getByText(/^2 messages will be sent on 2030-01-31 /).waitFor();
    await page.getByText("We miss you.").waitFor();
    const messages = page.getByRole("table", { name: "Messages" }).locator("tbody tr");
    await until("both", async () => (await messages.count()) === 2);
    expect(await messages.first().textContent()).toContain("+447700909005");
    await page.getByRole("button", { name: "Cancel the batch" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel the batch" }).click();
    await page.getByRole("heading", { name: "Batches" }).waitFor();
    expect(await api.request("GET", `/batch/${uuid}`)).toMatchObject({ status: 404 });
  });
});
