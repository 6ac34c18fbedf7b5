import type { Account, ListedAccount, NewKey, Organization, Page } from "@messaging-plus/sdk";
import { afterAll, describe, expect, test } from "vitest";
import { BROWSER } from "../../server/test/reference/browser.ts";
import { Esme } from "../../server/test/support/esme.ts";
import { newKey, startProgram } from "../../server/test/support/program.ts";
import { receiver } from "../../server/test/support/receiver.ts";
import { smppPortOf } from "../../server/test/support/smpp-program.ts";
import { until } from "../../server/test/support/until.ts";
import { dashboardRig } from "./rig.ts";

const operatorKey = newKey();
const program = await startProgram({
  config: {
    operatorKey,
    carriers: [{ id: "simulator", type: "simulator", receiptDelay: 0, nationalLanguages: ["turkish"] }],
    callbacks: { retryDelays: [0.1] },
    senders: { shared: ["447700900400"] },
    smpp: { port: 0 },
  },
});
afterAll(program.stop);
const hooks = await receiver();
afterAll(hooks.close);
const { api } = program;
const organization = api.as(program.organizationKey);
const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "Hello" };

if (BROWSER === undefined) console.warn("No browser was found: the dashboard was not tried in one.");

describe.skipIf(BROWSER === undefined)("in a browser, the dashboard", () => {
  const rig = dashboardRig(program.url, [api.key, program.organizationKey, operatorKey]);

  test("refuses a wrong key with the server's own words, and keeps nothing of it", async () => {
    await rig.signIn(newKey());
    const alert = rig.page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).toContain("The bearer token is wrong");
    expect(await alert.textContent()).toContain("The bearer token is not a key that works here.");
    expect(await rig.page.evaluate("sessionStorage.length + localStorage.length")).toBe(0);
  });

  test("keeps the key through a reload, in its tab alone, until one signs out", async () => {
    const { page } = rig;
    await rig.signIn(api.key);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    const other = await page.context().newPage();
    await other.goto(`${program.url}/dashboard`);
    await other.getByLabel("Key", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Key", { exact: true }).waitFor();
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
  });

  test("asks for another key, with the reason, once the key does not work any more", async () => {
    const { page } = rig;
    const { body: made } = await organization.request<Account & NewKey>("POST", "/account", {
      body: { name: "Short" },
    });
    await rig.signIn(made.apiKey, "#/inbound");
    await page.getByRole("heading", { name: "Inbound" }).waitFor();
    await organization.request("DELETE", `/account/${made.identifier}`);
    // The list asks again by itself.
    await page.getByLabel("Key", { exact: true }).waitFor();
    expect(await page.getByRole("alert").textContent()).toContain("The bearer token is wrong");
  });

  test("says that no answer came, and goes on once one does", async () => {
    const { page } = rig;
    await rig.signIn(program.organizationKey, "#/accounts");
    await page.getByRole("table", { name: "Accounts" }).waitFor();
    await page.context().setOffline(true);
    await page.getByRole("link", { name: "Sender IDs" }).click();
    await page.getByRole("alert").filter({ hasText: "No answer came" }).first().waitFor();
    await page.context().setOffline(false);
    await page.getByRole("button", { name: "Refresh" }).click();
    await page.getByText("None is registered.").waitFor();
    await until("the alerts to go", async () => (await page.getByRole("alert").count()) === 0);
  });

  test("names the fields at fault as the server does", async () => {
    const { page } = rig;
    await rig.signIn(api.key, "#/send");
    await page.getByLabel("To", { exact: true }).fill("12");
    await page.getByText("Webhook, channels, time and validity").click();
    // The server has carriers for SMS alone.
    expect(await page.getByLabel("Channels").count()).toBe(0);
    await page.getByRole("button", { name: "Dry run" }).click();
    await page.getByRole("alert").waitFor();
    const faults = await page.getByRole("alert").getByRole("listitem").allTextContents();
    expect(faults.map((fault) => fault.split(" ")[0]).sort()).toEqual([
      "messages[0].body",
      "messages[0].from.value",
      "messages[0].to",
    ]);
  });

  test("sends a message, and shows its delivery, its webhook and the webhook's attempts", async () => {
    const { page } = rig;
    await rig.signIn(api.key, "#/send");
    await page.getByLabel("Sender ID", { exact: true }).fill("MyShop");
    await page.getByLabel("To", { exact: true }).fill("+447700900123");
    await page.getByLabel("Text", { exact: true }).fill("Hello – from the dashboard".padEnd(71, "!"));
    await page.getByText("2 parts, UCS-2, 71 code units. Not in the GSM alphabet: –").waitFor();
    await page.getByLabel("Text", { exact: true }).fill("Şık ".padEnd(71, "!"));
    await page.getByText("1 part, GSM 7-bit in Turkish (single shift).").waitFor();
    await page.getByText("Webhook, channels, time and validity").click();
    await page.getByLabel("Callback URL").fill(hooks.url("/receipts"));

    await page.getByRole("button", { name: "Dry run" }).click();
    await page.getByText("Nothing was stored, sent or charged.").waitFor();
    await page.getByRole("button", { name: "Send", exact: true }).click();
    const sent = page.getByRole("region", { name: "Sent message" });
    await sent.getByText("delivered").waitFor();
    const [received] = await hooks.waitFor("/receipts", 1);

    await sent.getByRole("link").first().click();
    await page.getByRole("row").filter({ hasText: "+447700900123" }).getByText("Successful").waitFor();
    await page.getByRole("link", { name: "Its webhooks" }).click();
    await page.getByRole("table", { name: "Webhooks" }).getByRole("link").first().click();
    const attempts = page.locator(".attempts > li");
    await attempts.first().waitFor();
    expect(await attempts.allTextContents()).toEqual([expect.stringMatching(/^200 .*ended after [\d.]+ ms/)]);
    expect(await page.locator("pre").textContent()).toBe(received!.body);

    await page.getByRole("button", { name: "Replay" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Replay" }).click();
    await hooks.waitFor("/receipts", 2);
    await attempts.nth(1).waitFor();
    expect(await attempts.evaluateAll((rows) => rows.map((row) => row.value))).toEqual([2, 1]);
    expect(hooks.received("/receipts")).toHaveLength(2);
  });

  test("filters webhooks by state, and replays those of a time", async () => {
    const { page } = rig;
    hooks.script("/down", 500, 500, 200);
    await api.send({ messages: [{ ...message, callback: hooks.url("/down") }] });
    await until("it to be exhausted", async () => {
      const { body } = await api.request<Page<object>>("GET", "/webhooks?state=exhausted");
      return body.items.length === 1;
    });
    await rig.signIn(api.key);
    await page.getByRole("link", { name: "Webhooks" }).click();
    await page.getByLabel("State").selectOption("exhausted");
    await page.getByRole("button", { name: "Filter" }).click();
    await until("the others to be gone", async () => (await page.getByRole("row").count()) === 2);
    expect(await page.getByRole("row").nth(1).textContent()).toMatch(/exhausted.*2500/);
    expect(await page.evaluate("location.hash")).toBe("#/webhooks?state=exhausted");

    await page.getByText("Replay many").click();
    await page.getByRole("button", { name: "Replay" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Replay" }).click();
    await page.getByText("1 webhook will be tried again.").waitFor();
    await hooks.waitFor("/down", 3);
  });

  test("shows what is scheduled and cancels it, and what handsets wrote", async () => {
    const { page } = rig;
    const batch = { from: "MyShop", message: "Later", destinations: ["447700900111"], send_at: "2030-01-31T09:30Z" };
    const identifier = await api.sendBatch(batch);
    await api.send({ messages: [{ ...message, from: { type: "shared" }, to: "+447700900911" }] });
    await rig.signIn(api.key);
    await page.getByRole("link", { name: "Scheduled" }).click();
    await page
      .getByRole("row")
      .filter({ hasText: identifier })
      .getByRole("button", { name: "Cancel the batch" })
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel the batch" }).click();
    await page.getByText("Nothing is held for later.").waitFor();
    expect(await api.request("GET", `/batch/${identifier}`)).toMatchObject({ status: 404 });

    await until("an answer", async () => (await api.request<Page<object>>("GET", "/inbound")).body.items.length === 1);
    await page.getByRole("link", { name: "Inbound" }).click();
    await page.getByRole("row").filter({ hasText: "+447700900911" }).getByText("Hello").waitFor();
  });

  test("makes an account, shows its key once, changes and deactivates it", async () => {
    const { page } = rig;
    await rig.signIn(program.organizationKey, "#/accounts");
    await page.getByLabel("New account").fill("Shop in Gwynedd");
    await page.getByRole("button", { name: "Create" }).click();
    const key = (await page.getByRole("status").locator("code").textContent()) as string;
    expect(await api.as(key).request("GET", "/batch")).toMatchObject({ status: 200 });
    await page.getByRole("button", { name: "I have noted it" }).click();
    expect(await page.getByText(key).count()).toBe(0);

    await page.getByRole("link", { name: "Shop in Gwynedd" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Shop in Bangor");
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("heading", { name: "Shop in Bangor" }).waitFor();
    await page.getByLabel("Inbound messages go to").fill(hooks.url("/inbound"));
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();
    await page.getByRole("button", { name: "Make a secret" }).click();
    await page.getByText(/^whsec_/).waitFor();
    await page.getByLabel("Top up by").fill("10");
    await page.getByRole("button", { name: "Top up" }).click();
    await page.getByRole("row").filter({ hasText: "moved from the organization" }).getByText("+10").waitFor();

    await page.getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("button", { name: "Reactivate" }).waitFor();
    const { accounts } = (await organization.request<{ accounts: ListedAccount[] }>("GET", "/account")).body;
    expect(accounts.find(({ name }) => name === "Shop in Bangor")).toMatchObject({ deleted: true });
    await page.getByRole("button", { name: "Reactivate" }).click();
    await page.getByRole("button", { name: "Deactivate" }).waitFor();
    expect(await api.as(key).request("GET", "/batch")).toMatchObject({ status: 200 });
  });

  test("makes a further key with a scope, shows it once, and revokes it", async () => {
    const { page } = rig;
    await rig.signIn(program.organizationKey);
    await page.getByRole("link", { name: "Keys" }).click();
    await page.getByLabel("Further key", { exact: true }).fill("Support");
    await page.getByRole("button", { name: "Make it" }).click();
    const key = (await page.getByRole("status").locator("code").textContent()) as string;
    expect(await api.as(key).request("GET", "/account")).toMatchObject({ status: 200 });
    expect(await api.as(key).request("POST", "/account", { body: { name: "x" } })).toMatchObject({ status: 403 });
    const row = page.getByRole("row").filter({ hasText: "Support" });
    expect(await row.textContent()).toContain(`${key.slice(0, 6)}…`);
    await row.getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await row.waitFor({ state: "detached" });
    expect(await api.as(key).request("GET", "/account")).toMatchObject({ status: 400 });
  });

  test("lets an account's software bind over SMPP, shows its password once and its bind, changes and deletes it", async () => {
    const { page } = rig;
    const { accounts } = (await organization.request<{ accounts: ListedAccount[] }>("GET", "/account")).body;
    const { identifier, name } = accounts.find(({ deleted }) => !deleted)!;
    await rig.signIn(program.organizationKey, `#/accounts/${identifier}`);
    await page.getByLabel("SMPP name (system_id)").fill("bangor");
    await page.getByRole("button", { name: "Let it bind" }).click();
    const password = (await page.getByRole("status").locator("code").textContent()) as string;
    await page.getByRole("button", { name: "I have noted it" }).click();
    expect(await page.getByText(password).count()).toBe(0);
    const port = smppPortOf(program);
    const esme = await Esme.connect(port);
    expect((await esme.bind({ system_id: "bangor", password })).command_status).toBe(0);

    await page.getByRole("link", { name: "SMPP" }).click();
    const bind = page.getByRole("row").filter({ hasText: "bangor" });
    expect(await bind.textContent()).toMatch(/^bangor.*transceiver127\.0\.0\.1/);
    await bind.getByRole("link", { name }).click();
    const row = page.getByRole("table", { name: "SMPP credentials" }).getByRole("row").filter({ hasText: "bangor" });
    await row.getByRole("button", { name: "Change" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Submits a second").fill("50");
    await dialog.getByLabel("May bind from").fill("127.0.0.1, nowhere");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByRole("alert").getByText("allow[1]").waitFor();
    await dialog.getByLabel("May bind from").fill("127.0.0.1, 192.0.2.0/24");
    await dialog.getByRole("button", { name: "Save" }).click();
    await row.getByText("127.0.0.1, 192.0.2.0/24").waitFor();
    expect((await organization.request<Page<object>>("GET", `/account/${identifier}/smpp`)).body.items).toMatchObject([
      { system_id: "bangor", throughput: 50, allow: ["127.0.0.1", "192.0.2.0/24"], binds: 4, window: 100 },
    ]);

    await row.getByRole("button", { name: "New password" }).click();
    await dialog.getByRole("button", { name: "New password" }).click();
    const next = (await page.getByRole("status").locator("code").textContent()) as string;
    const again = await Esme.connect(port);
    expect((await again.bind({ system_id: "bangor", password: next })).command_status).toBe(0);
    await row.getByRole("button", { name: "Delete" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await row.waitFor({ state: "detached" });
    await Promise.all([esme.closed, again.closed]);
  });

  test("registers a sender ID and removes it", async () => {
    const { page } = rig;
    await rig.signIn(program.organizationKey);
    await page.getByRole("link", { name: "Sender IDs" }).click();
    await page.getByLabel("Sender ID", { exact: true }).fill("Bangor");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByRole("row").filter({ hasText: "Bangor" }).getByRole("button", { name: "Remove" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("None is registered.").waitFor();
  });

  test("shows the operator carriers and organizations, and gives an organization credits", async () => {
    const { page } = rig;
    await rig.signIn(operatorKey, "#/carriers");
    const carrier = page.getByRole("table", { name: "Carriers" }).getByRole("row").nth(1);
    expect(await carrier.textContent()).toMatch(/^simulator simulatorup {2}since \d{4}-.{14} UTC\S*1 of 1\d+ of 1,000/);
    await page.getByRole("link", { name: "Organizations" }).click();
    await page.getByLabel("New organization").fill("Northern Lights");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("status").locator("code").waitFor();
    await page.getByRole("row").filter({ hasText: "Northern Lights" }).getByRole("button", { name: "Change" }).click();
    await page.getByRole("dialog").getByLabel("Add to the balance").fill("2500");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByRole("row").filter({ hasText: "Northern Lights" }).getByText("2,500").waitFor();
    const { items } = (await api.as(operatorKey).request<Page<Organization>>("GET", "/organization")).body;
    expect(items.find(({ name }) => name === "Northern Lights")).toMatchObject({ balance: 2500, credits: false });
  });
});
