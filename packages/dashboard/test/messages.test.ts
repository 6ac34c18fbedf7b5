import { readFile } from "node:fs/promises";
import type { NewKey } from "@messaging-plus/sdk";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BROWSER } from "../../server/test/reference/browser.ts";
import type { Api } from "../../server/test/support/api.ts";
import { testOrganization } from "../../server/test/support/organization.ts";
import { newKey, startProgram } from "../../server/test/support/program.ts";
import { receiver } from "../../server/test/support/receiver.ts";
import { scriptedSmsc } from "../../server/test/support/scripted-smsc.ts";
import { gate, until } from "../../server/test/support/until.ts";
import { dashboardRig } from "./rig.ts";

const operatorKey = newKey();
const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const hooks = await receiver();
afterAll(hooks.close);
const program = await startProgram({
  config: {
    operatorKey,
    // An answer that is held back is waited for, however long the browser takes meanwhile.
    carriers: [smsc.carrier({ responseTimeout: 600 })],
    callbacks: { retryDelays: [0.1], allowPrivateAddresses: true },
  },
});
afterAll(program.stop);
const { api } = program;
const organization = api.as(program.organizationKey);
const dashboard = `${program.url}/dashboard`;
const from = { type: "custom", value: "MyShop" };

async function send(to: string, more: object = {}): Promise<string> {
  const [sent] = await api.send({ messages: [{ from, to, body: `To ${to}`, ...more }] });
  return sent!.messageUuid;
}

async function final(uuid: string): Promise<void> {
  await until("it to be final", async () => {
    return (await api.request<{ waiting: object | null }>("GET", `/message/${uuid}`)).body.waiting === null;
  });
}

if (BROWSER === undefined) console.warn("No browser was found: messages and batches were not looked for in one.");

describe.skipIf(BROWSER === undefined)("in a browser, messages", () => {
  const rig = dashboardRig(program.url, [api.key, program.organizationKey, operatorKey]);
  const rows = (): Locator => rig.page.getByRole("table", { name: "Messages" }).locator("tbody tr");
  const rowsToBe = (count: number) => until(`${count} rows`, async () => (await rows().count()) === count);

  test("are found by number, state and time, by an address that finds the same for others", async () => {
    const { page } = rig;
    smsc.script("447700908002", { command_status: 0x0b });
    await final(await send("+447700908001"));
    await final(await send("+447700908002"));
    await rig.signIn(api.key);
    await page.getByRole("link", { name: "Messages", exact: true }).click();
    await page.getByLabel("Number", { exact: true }).fill("*908002");
    await page.getByRole("button", { name: "Search" }).click();
    await rowsToBe(1);
    expect(await rows().first().textContent()).toMatch(/\+447700908002.*failed.*43.*Destination cannot be reached/);

    await page.getByLabel("Number", { exact: true }).fill("");
    await page.getByLabel("failed", { exact: true }).check();
    await page.getByLabel("with the carrier", { exact: true }).check();
    await page.getByLabel("Accepted from").fill("2026-01-31T10:30");
    await page.getByRole("button", { name: "Search" }).click();
    await rowsToBe(1);
    const address = page.url();
    expect(new URLSearchParams(new URL(address).hash.split("?")[1]).get("state")).toBe("failed,submitted");

    // A colleague in another time zone.
    const zoned = await page.context().browser()!.newContext({ timezoneId: "Asia/Kathmandu" });
    const there = await zoned.newPage();
    await there.goto(address);
    await there.getByLabel("Key", { exact: true }).fill(program.organizationKey);
    await there.keyboard.press("Enter");
    await there.getByRole("row").filter({ hasText: "+447700908002" }).waitFor();
    expect(await there.getByLabel("failed", { exact: true }).isChecked()).toBe(true);
    expect(await there.getByRole("table", { name: "Messages" }).locator("tbody tr").count()).toBe(1);
    const since = new URLSearchParams(new URL(address).hash.split("?")[1]).get("since")!;
    const shown = await there.getByLabel("Accepted from").inputValue();
    expect(new Date(`${shown}+05:45`).toISOString()).toBe(since);
    await zoned.close();
  });

  test("that are not found are explained, and so is a filter that makes no sense", async () => {
    const { page } = rig;
    await rig.signIn(operatorKey);
    await page.locator(".views").waitFor();
    await page.goto(`${dashboard}#/messages?to=*999999`);
    await page.getByText("No message fits.").waitFor();
    await page.goto(`${dashboard}#/messages?code=x&to=12`);
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect((await alert.getByRole("listitem").allTextContents()).map((fault) => fault.split(" ")[0]).sort()).toEqual([
      "?code",
      "?to",
    ]);
    await page.goto(`${dashboard}#/messages/01a209e4-176d-7660-b8de-a22610700001`);
    await page.getByText("There is no such message.").waitFor();
  });

  test("show what happened to one, as it happens", async () => {
    const { page } = rig;
    smsc.script("447700908003", { message_id: "m-3", receipts: [{ stat: "ENROUTE" }] });
    hooks.script("/told", 500, 204);
    const uuid = await send("+447700908003", { callback: hooks.url("/told") });
    await smsc.waitFor("447700908003");
    await rig.signIn(api.key);
    await page.locator(".views").waitFor();
    await page.goto(`${dashboard}#/messages/${uuid}`);
    await page.getByText("A carrier has it, and has not said yet what became of it.").waitFor();
    await smsc.receipt({ id: "m-3" });
    await page.getByText(/^It was delivered [\d.]+ s after it was accepted\.$/).waitFor();
    const story = page.getByRole("list", { name: "What happened to the message" }).getByRole("listitem");
    await story.filter({ hasText: "Webhook, try 2" }).waitFor();
    const titles = await story.locator(".what").allTextContents();
    expect(titles).toEqual([
      "Accepted over HTTP",
      "Taken by scripted",
      "Receipt from scripted: enroute",
      "Receipt from scripted: delivered",
      "Delivered",
      "Webhook, try 1: 500",
      "Webhook, try 2: 204",
    ]);
    expect(await story.locator("pre").first().textContent()).toContain("id:m-3 sub:001 dlvrd:001 submit date:");
    expect(await story.nth(2).textContent()).toContain("changes nothing: it is not the carrier's last word");
    expect(await story.first().locator(".when").textContent()).toMatch(
      /^0 s \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC/,
    );
    expect(await story.nth(1).locator(".when b").textContent()).toMatch(/^\+[\d.]+ s$/);

    await page.getByRole("button", { name: "Replay the webhook" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Replay the webhook" }).click();
    await hooks.waitFor("/told", 3);
    await page.getByRole("link", { name: "Its webhook, with each answer" }).click();
    await page.getByRole("heading", { name: "Webhook" }).waitFor();
    await page.getByRole("link", { name: uuid }).click();
    await page.getByRole("link", { name: "+447700908003" }).click();
    await rowsToBe(1);
  });

  test("of a key that only reads have no button that it may not use", async () => {
    const { page } = rig;
    const { account } = (await api.request<{ account: { identifier: string } }>("GET", "/me")).body;
    const { body: made } = await organization.request<NewKey>("POST", `/account/${account.identifier}/keys`, {
      body: { name: "Support", scope: "read" },
    });
    const uuid = await send("+447700908004", { callback: hooks.url("/read") });
    await final(uuid);
    const held = await api.sendBatch({
      from: "MyShop",
      message: "Later",
      destinations: ["447700908005"],
      send_at: "2030-01-31T09:30Z",
    });
    await rig.signIn(made.apiKey);
    await page.locator(".views").waitFor();
    const buttons = async (address: string, text: string): Promise<string[]> => {
      await page.goto(`${dashboard}${address}`);
      await page.getByText(text).first().waitFor();
      const names = await page.locator("main button").allTextContents();
      // A search on a busy machine may end before it has looked at all that there is.
      return names.filter((name) => name !== "Show more");
    };
    expect({
      messages: await buttons("#/messages", "+447700908004"),
      message: await buttons(`#/messages/${uuid}`, "Its webhook, with each answer"),
      batch: await buttons(`#/batches/${held}`, "+447700908005"),
    }).toEqual({
      messages: ["Search", "Download CSV", "Refresh"],
      message: [expect.stringMatching(/^Cop/)],
      batch: [expect.stringMatching(/^Cop/), "Download CSV", "Refresh"],
    });
  });

  test("are downloaded as CSV, to the browser's memory or to a file as they come", async () => {
    const { page } = rig;
    await page.addInitScript("delete window.showSaveFilePicker");
    await rig.signIn(program.organizationKey);
    await page.locator(".views").waitFor();
    await page.goto(`${dashboard}#/messages?to=447700908002`);
    await rowsToBe(1);
    await page.getByText("256 MB at most").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("messages.csv");
    const { text } = await organization.request("GET", "/message?format=csv&to=447700908002");
    expect(await readFile(await download.path(), "utf8")).toBe(text);
    await page.getByText("Saved: ").waitFor();

    // A file of the page's own stands in for the one that a reader picks.
    await page.addInitScript(`window.showSaveFilePicker = async ({ suggestedName }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })`);
    await page.reload();
    await rowsToBe(1);
    await page.getByRole("button", { name: "Download CSV" }).click();
    await page.getByText("Saved: ").waitFor();
    expect(
      await page.evaluate(`navigator.storage.getDirectory()
        .then((folder) => folder.getFileHandle("messages.csv"))
        .then((handle) => handle.getFile())
        .then((file) => file.text())`),
    ).toBe(text);
    await page.goto(`${dashboard}#/messages?to=12`);
    await page.getByRole("alert").first().waitFor();
    await page.getByRole("button", { name: "Download CSV" }).click();
    await until("both to say why", async () => (await page.getByRole("alert").count()) === 2);
  });
});

describe.skipIf(BROWSER === undefined)("in a browser, batches", () => {
  const keys = [operatorKey];
  const rig = dashboardRig(program.url, keys);
  /** Of an organization whose messages are these tests' alone. */
  let organizationKey = "";
  let own: Api;
  beforeAll(async () => {
    const organization = await testOrganization(api.as(operatorKey));
    organizationKey = organization.api.key;
    own = (await organization.account()).api;
    keys.push(organizationKey, own.key);
  });

  test("go on as one looks, and show those that have failed", async () => {
    const { page } = rig;
    const held = gate();
    smsc.script("447700909001", { when: held.opened });
    smsc.script("447700909002", { command_status: 0x0b });
    const destinations = ["447700909001", "447700909002", "447700909003"];
    const uuid = await own.sendBatch({ from: "Sunday", message: "Open on Sunday.", destinations });
    await until("two to be final", async () => {
      const { delivered, failed } = (await own.status(uuid)).counts;
      return delivered + failed === 2;
    });
    // A server that is busy gives the list in parts, and then the page does not ask again by itself.
    let inParts = false;
    page.on("response", (response) => {
      if (/\/batch\?/.test(response.url())) inParts = response.url().includes("after=");
    });
    await rig.signIn(organizationKey);
    await page.getByRole("link", { name: "Batches" }).click();
    const row = page.getByRole("table", { name: "Batches" }).getByRole("row").filter({ hasText: "Sunday" });
    await row.getByText("under way").waitFor();
    expect(await row.textContent()).toContain("1 delivered, 1 failed of 3");
    expect(await row.getByRole("progressbar").getAttribute("aria-label")).toBe("66 % of its messages are final");
    held.open();
    await until("the row to go on", async () => {
      if (inParts) {
        inParts = false;
        await page.getByRole("button", { name: "Refresh" }).click();
      }
      return /done.*2 delivered, 1 failed of 3/.test((await row.textContent()) ?? "");
    });

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
    const uuid = await own.sendBatch({ from: "Monday", message: "x", destinations: ["447700909004"] });
    await until("the end", async () => (await own.status(uuid)).counts.delivered === 1);
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
    const { text } = await own.request("GET", `/batch/${uuid}?details=true&format=csv`);
    expect(await readFile(await download.path(), "utf8")).toBe(text);
  });

  test("that are held show their text, numbers and time, and are cancelled", async () => {
    const { page } = rig;
    const uuid = await own.sendBatch({
      from: "MyShop",
      message: "We miss you.",
      destinations: ["447700909005", "447700909006"],
      send_at: "2030-01-31T09:30Z",
    });
    await rig.signIn(own.key);
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
    expect(await own.request("GET", `/batch/${uuid}`)).toMatchObject({ status: 404 });
  });
});
