import type { NewKey } from "@messaging-plus/sdk";
import { afterAll, describe, expect, test } from "vitest";
import { BROWSER } from "../../server/test/reference/browser.ts";
import { newKey, startProgram } from "../../server/test/support/program.ts";
import { until } from "../../server/test/support/until.ts";
import { dashboardRig } from "./rig.ts";

const operatorKey = newKey();
const program = await startProgram({
  config: { operatorKey, carriers: [{ id: "simulator", type: "simulator", receiptDelay: 0 }] },
});
afterAll(program.stop);
const { api } = program;
const organization = api.as(program.organizationKey);
const later = {
  from: { type: "custom", value: "MyShop" },
  to: "+447700900123",
  body: "Later",
  send_at: "2030-01-31T09:30Z",
};

/** A key of the account or of the organization with a scope. */
async function keyOf(path: string, scope: string): Promise<string> {
  const { body } = await organization.request<NewKey>("POST", path, { body: { name: `May ${scope}`, scope } });
  return body.apiKey;
}

if (BROWSER === undefined) console.warn("No browser was found: the dashboard's shell was not tried in one.");

describe.skipIf(BROWSER === undefined)("in a browser, around every view,", () => {
  const rig = dashboardRig(program.url, [api.key, program.organizationKey, operatorKey]);

  test("the key's field has the focus, and then the page says whose key it is", async () => {
    const { page } = rig;
    const account = await api.request<{ account: { identifier: string; name: string } }>("GET", "/me");
    const { identifier, name } = account.body.account;
    await page.goto(`${program.url}/dashboard`);
    await page.getByLabel("Key", { exact: true }).waitFor();
    await page.keyboard.type(api.key);
    await page.keyboard.press("Enter");
    const whose = page.locator(".whose");
    await whose.waitFor();
    expect(await whose.locator("b").textContent()).toBe(name);
    expect(await whose.locator("span").textContent()).toMatch(/^account key · \S+ · 0 credits$/);

    await api.as(operatorKey).request("PATCH", `/organization/${await organizationOf()}`, {
      body: { balance: { add: 1_500 } },
    });
    await organization.request("PATCH", `/account/${identifier}`, { body: { topup: 1_500 } });
    await page.reload();
    await whose.getByText("1,500 credits").waitFor();
  });

  test("one key leads to the search for a number, but where a text is typed", async () => {
    const { page } = rig;
    await rig.signIn(api.key);
    await page.goto(`${program.url}/dashboard#/send`);
    await page.getByLabel("Text", { exact: true }).fill("");
    await page.getByLabel("Text", { exact: true }).press("/");
    expect(await page.getByLabel("Text", { exact: true }).inputValue()).toBe("/");
    await page.getByLabel("Text", { exact: true }).blur();
    await page.keyboard.press("/");
    await page.keyboard.type("+44 7700 900123");
    await page.keyboard.press("Enter");
    await until("the address to name the number", async () => {
      return (await page.evaluate("location.hash")) === "#/messages?to=%2B44+7700+900123";
    });
  });

  test("times say their zone", async () => {
    const { page } = rig;
    await api.send({ messages: [later] });
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Emulation.setTimezoneOverride", { timezoneId: "Asia/Dubai" });
    await rig.signIn(api.key);
    await page.getByRole("link", { name: "Scheduled" }).click();
    await page.getByRole("row").getByText("2030-01-31 13:30:00 UTC+4").waitFor();
    await page.getByText("Times are of Asia/Dubai, UTC+4 now.").waitFor();
  });

  test("a key that only reads is offered nothing that it may not do", async () => {
    const { page } = rig;
    const { identifier } = (await organization.request<{ accounts: { identifier: string }[] }>("GET", "/account")).body
      .accounts[0]!;
    await api.send({ messages: [later] });
    const offered = async (key: string, addresses: string[]): Promise<string[]> => {
      await rig.signIn(key);
      await page.locator(".whose").waitFor();
      const names: string[] = [];
      for (const address of addresses) {
        await page.goto(`${program.url}/dashboard${address}`);
        await until(
          "the lists",
          async () => (await page.locator('[aria-busy="true"], p:text("Loading…")').count()) === 0,
        );
        names.push(...(await page.locator("main button:enabled").allTextContents()));
      }
      await page.getByRole("button", { name: "Sign out" }).click();
      return [...new Set(names)].sort();
    };
    const account = ["#/scheduled", "#/webhooks"];
    const organizations = ["#/accounts", `#/accounts/${identifier}`, "#/keys", "#/senders"];
    const path = `/account/${identifier}/keys`;
    expect({
      reads: await offered(await keyOf(path, "read"), account),
      sends: await offered(await keyOf(path, "send"), ["#/send", ...account]),
      organizationReads: await offered(await keyOf("/organization-keys", "read"), organizations),
    }).toEqual({
      reads: ["Filter", "Refresh"],
      sends: ["Cancel the batch", "Dry run", "Filter", "Leave it", "Refresh", "Send"],
      organizationReads: ["Refresh"],
    });
  });

  test("lists show what is new by themselves", async () => {
    const { page } = rig;
    await rig.signIn(program.organizationKey);
    await page.getByRole("link", { name: "Sender IDs" }).click();
    await page.getByText("None is registered.").waitFor();
    await organization.request("POST", "/sender", { body: { value: "Anew" } });
    await page.getByRole("row").filter({ hasText: "Anew" }).waitFor();
  });
});

async function organizationOf(): Promise<string> {
  const { body } = await organization.request<{ organization: { identifier: string } }>("GET", "/me");
  return body.organization.identifier;
}
