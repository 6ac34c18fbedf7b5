import type { NewKey } from "@messaging-plus/sdk";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BROWSER } from "../../server/test/reference/browser.ts";
import { Esme } from "../../server/test/support/esme.ts";
import { LONG } from "../../server/test/support/long-run.ts";
import { newKey, startProgram } from "../../server/test/support/program.ts";
import { smppPortOf } from "../../server/test/support/smpp-program.ts";
import { until } from "../../server/test/support/until.ts";
import { axeFaults } from "./axe.ts";
import { dashboardRig } from "./rig.ts";

const operatorKey = newKey();
const program = await startProgram({
  config: {
    operatorKey,
    carriers: [{ id: "simulator", type: "simulator", receiptDelay: 0 }],
    callbacks: { retryDelays: [] },
    senders: { shared: ["447700900400"] },
    smpp: { port: 0 },
  },
});
const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing) close();
  return program.stop();
});
const { api } = program;
const organization = api.as(program.organizationKey);
const keys = { account: api.key, organization: program.organizationKey, operator: operatorKey };
const holders = Object.keys(keys) as (keyof typeof keys)[];

/** A test that visits many views. */
const MANY = { timeout: 600_000 };

/** Every view with something in it, by what its key is of. */
const views: Record<keyof typeof keys, string[]> = {
  account: [
    "#/overview?range=hour",
    "#/messages",
    "#/messages?to=447700900999",
    "#/send",
    "#/send-many",
    "#/batches",
    "#/scheduled",
    "#/webhooks",
    "#/endpoints",
    "#/inbound",
  ],
  organization: [
    "#/overview?range=month",
    "#/messages",
    "#/batches",
    "#/accounts",
    "#/endpoints",
    "#/smpp",
    "#/keys",
    "#/senders",
  ],
  operator: [
    "#/overview?range=week",
    "#/messages",
    "#/batches",
    "#/carriers",
    "#/endpoints",
    "#/smpp",
    "#/organizations",
  ],
};

beforeAll(async () => {
  const from = { type: "custom", value: "MyShop" };
  const long = "https://hooks.example.com/a/rather/long/path/that/has/no/place/to/be/broken/at?".padEnd(300, "x");
  const [sent] = await api.send({ messages: [{ from, to: "+447700900123", body: "Hello", callback: long }] });
  await api.send({ messages: [{ from: { type: "shared" }, to: "+447700900915", body: "Hello" }] });
  const [held] = await api.send({
    messages: [{ from, to: "+447700900123", body: "Later", send_at: "2030-01-31T09:30Z" }],
  });
  const name = "A name of two hundred characters ".padEnd(200, "y");
  const made = await organization.request<{ identifier: string }>("POST", "/account", { body: { name } });
  await organization.request("POST", "/sender", { body: { value: "Boutique", account: made.body.identifier } });
  const key = { name: "A name of many words ".padEnd(200, "z"), scope: "read" };
  await organization.request("POST", "/organization-keys", { body: key });
  await organization.request("POST", `/account/${made.body.identifier}/keys`, { body: key });
  const credential = await organization.request<{ system_id: string; password: string }>(
    "POST",
    `/account/${made.body.identifier}/smpp`,
    { body: { allow: ["127.0.0.0/8", "2001:db8::/32", "192.0.2.0/24"], throughput: 12.5 } },
  );
  const esme = await Esme.connect(smppPortOf(program));
  await esme.bind(credential.body);
  closing.push(() => esme.end());
  await until("a webhook and an answer", async () => {
    const hooks = await api.request<{ items: object[] }>("GET", "/webhooks?state=exhausted");
    const inbound = await api.request<{ items: object[] }>("GET", "/inbound");
    return hooks.body.items.length > 0 && inbound.body.items.length > 0;
  });
  views.account.push(`#/batches/${sent!.batchUuid}`, `#/webhooks/${sent!.messageUuid}`);
  for (const holder of holders) {
    views[holder].push(`#/messages/${sent!.messageUuid}`, `#/batches/${held!.batchUuid}`);
  }
  views.organization.push(`#/accounts/${made.body.identifier}`);
});

if (BROWSER === undefined) console.warn("No browser was found: the dashboard's views were not looked at in one.");

describe.skipIf(BROWSER === undefined)("in a browser, every view", () => {
  const rig = dashboardRig(program.url, Object.values(keys));

  /** Visits all views of a key. */
  async function visit(
    holder: keyof typeof keys,
    look: (page: Page, view: string) => Promise<void>,
    visited = views[holder],
  ): Promise<void> {
    const { page } = rig;
    await rig.signIn(keys[holder]);
    await page.locator("h1").waitFor();
    for (const view of visited) {
      await page.goto(`${program.url}/dashboard${view}`);
      await page.locator('nav [aria-current="page"]').waitFor();
      await until("all to be there", async () => {
        const waiting = await page.locator('[aria-busy="true"], p:text("Loading…")').count();
        return waiting === 0 && (await page.locator("h1").count()) === 1;
      });
      expect({ view, alerts: await page.getByRole("alert").allTextContents() }).toEqual({ view, alerts: [] });
      await look(page, view);
    }
    await page.getByRole("button", { name: "Sign out" }).click();
  }

  const scrollWidth = (page: Page) => page.evaluate("document.documentElement.scrollWidth");
  const nameless = (page: Page) =>
    page.evaluate(`[...document.querySelectorAll("input, select, textarea, button, a")]
      .filter((control) => ![...(control.labels ?? []), control].some((one) => one.textContent.trim() !== ""))
      .map((control) => control.outerHTML)`);

  test("fits the width of a phone where it comes as that width has it", async () => {
    await rig.page.setViewportSize({ width: 360, height: 740 });
    const look = async (page: Page, view: string) => {
      expect({ view, width: await scrollWidth(page) }).toEqual({ view, width: 360 });
    };
    // Charts and filters; all else is the same once a page is made narrow.
    await visit("account", look, ["#/overview?range=hour", "#/messages", "#/webhooks"]);
  });

  test("sign-in has nothing that axe finds at fault", async () => {
    await rig.page.goto(`${program.url}/dashboard`);
    await rig.page.getByLabel("Key", { exact: true }).waitFor();
    expect(await axeFaults(rig.page)).toEqual([]);
  });

  // One visit for all of it: a view takes longer to come than to be looked at.
  test.each(holders)(
    "fits a laptop, a tablet and a phone, names every control, and has no fault that axe finds, with the key of an %s",
    MANY,
    async (holder) => {
      const faults: string[] = [];
      // A usual run looks at a view with the first of the keys that have it.
      const others = holders.slice(0, holders.indexOf(holder)).flatMap((other) => views[other]);
      const visited = LONG ? views[holder] : views[holder].filter((view) => !others.includes(view));
      const look = async (page: Page, view: string) => {
        const widths: Record<number, unknown> = {};
        // From wide to narrow, which has filters open on the others as well.
        for (const width of [1280, 860, 360]) {
          await page.setViewportSize({ width, height: 740 });
          widths[width] = await scrollWidth(page);
        }
        await page.setViewportSize({ width: 1280, height: 740 });
        expect({ view, widths, nameless: await nameless(page) }).toEqual({
          view,
          widths: { 1280: 1280, 860: 860, 360: 360 },
          nameless: [],
        });
        for (const fault of await axeFaults(page)) faults.push(`${view}: ${fault}`);
      };
      await visit(holder, look, visited);
      expect(faults).toEqual([]);
    },
  );

  test("can be read in the light and in the dark", async () => {
    const { page } = rig;
    await page.goto(`${program.url}/dashboard`);
    const differences: number[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const [paper, ink] = await page.evaluate<[string, string]>(
        `["backgroundColor", "color"].map((name) => getComputedStyle(document.body)[name])`,
      );
      differences.push(brightness(paper) - brightness(ink));
    }
    expect(differences[0]).toBeGreaterThan(180);
    expect(differences[1]).toBeLessThan(-180);
  });
});

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

describe.skipIf(BROWSER === undefined)("in a browser, around every view,", () => {
  const rig = dashboardRig(program.url, Object.values(keys));

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
    await page.getByRole("row").getByText("2030-01-31 13:30:00 UTC+4").first().waitFor();
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
    await page.getByRole("row").filter({ hasText: "Boutique" }).waitFor();
    await organization.request("POST", "/sender", { body: { value: "Anew" } });
    await page.getByRole("row").filter({ hasText: "Anew" }).waitFor();
  });
});

async function organizationOf(): Promise<string> {
  const { body } = await organization.request<{ organization: { identifier: string } }>("GET", "/me");
  return body.organization.identifier;
}

/** The mean of a colour's parts, as in `rgb(17, 22, 29)`. */
function brightness(colour: string): number {
  const parts = colour.match(/\d+/g)!.slice(0, 3).map(Number);
  return parts.reduce((sum, part) => sum + part, 0) / 3;
}
