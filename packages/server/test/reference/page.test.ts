import { readdirSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { axeFaults } from "../../../dashboard/test/axe.ts";
import { RECEIPT_CODES } from "../../src/message/receipt-codes.ts";
import { SIMULATOR_NUMBERS } from "../../src/reference/simulator-numbers.ts";
import { PROBLEMS } from "../../src/runtime/problems.ts";
import { page as documentation, ROOT, rowsOf } from "../docs/page.ts";
import { LONG } from "../support/long-run.ts";
import { startProgram } from "../support/program.ts";
import { BROWSER, startBrowser } from "./browser.ts";
import { document, operations } from "./document.ts";

const program = await startProgram();
afterAll(program.stop);
const served = await program.api.request("GET", "/docs", { key: null });
const page = served.text;
const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);

test("is a page, which nothing may be added to from outside", () => {
  expect(served.status).toBe(200);
  expect(served.headers["content-type"]).toBe("text/html; charset=utf-8");
  const policy = String(served.headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).not.toContain("unsafe");
});

test("has an anchor for every operation, webhook, problem and receipt code, each once", () => {
  const expected = [
    ...operations.map(({ operation }) => operation.operationId),
    ...Object.keys(document.webhooks).map((name) => `webhook-${name}`),
    ...Object.keys(PROBLEMS).map((name) => `problem-${name}`),
    ...RECEIPT_CODES.map(({ code }) => `code-${code}`),
  ];
  expect(ids).toEqual(expect.arrayContaining(expected));
  expect(new Set(ids).size).toBe(ids.length);
});

test("leads nowhere that is not there", () => {
  const anchors = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id!);
  expect(anchors.length).toBeGreaterThan(200);
  expect(anchors.filter((id) => !ids.includes(id))).toEqual([]);
});

test("loads nothing: what it names outside is to be followed by hand", () => {
  const outside = [...page.matchAll(/<(\w+)\b[^>]*\s(?:src|href|srcset|action|data|poster)="(?!#|\/|data:)([^"]*)"/g)];
  expect(outside.map(([, element]) => element).filter((element) => element !== "a")).toEqual([]);
  expect(page).not.toMatch(/@import|url\(|<iframe|<object|<embed|innerHTML/);
});

test("shows each problem with its status, its sentence and its example", () => {
  for (const [name, { status, title }] of Object.entries(PROBLEMS)) {
    const [, section = ""] = page.split(`<section id="problem-${name}"`);
    const shown = section.slice(0, section.indexOf("</section>"));
    expect(shown).toContain(`<span class="status">${status}</span>`);
    expect(shown).toContain(title.replaceAll('"', "&quot;"));
    expect(shown).toContain(`&quot;/docs#problem-${name}&quot;`);
  }
});

test("tells of the simulator's numbers what docs/simulator.md tells", () => {
  const rows = rowsOf(documentation("docs/simulator.md")).filter((row) => row.length === 3);
  const numbers = SIMULATOR_NUMBERS.map(({ number, does, ends }) => [number, does, ends.replaceAll("`", "")]);
  expect(numbers).toEqual(rows);
  for (const [number] of rows) expect(page).toContain(`<code>${number}</code>`);
});

describe("the documentation beside it", () => {
  const get = (path: string) => program.api.request("GET", path, { key: null });
  /** Where a link of a page leads. */
  const target = (from: string, href: string) => new URL(href, `http://127.0.0.1${from}`);

  test("is found from /, which leads to the reference", async () => {
    expect(await get("/")).toMatchObject({ status: 302, headers: { location: "docs" } });
    for (const path of ["/docs/guides", "/docs/guides/"]) {
      const { status, headers } = await get(path);
      expect({ status, to: target(path, headers.location!).pathname }).toEqual({
        status: 302,
        to: "/docs/guides/index",
      });
    }
  });

  test("has every guide, and no link that leads nowhere", async () => {
    const list = await get("/docs/guides/index");
    const seen = new Map<string, string>([["/docs", page]]);
    const waiting = ["/docs/guides/index"];
    const dead: string[] = [];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const answer = await get(path);
      if (answer.status !== 200) dead.push(path);
      else if (String(answer.headers["content-type"]).includes("html")) seen.set(path, answer.text);
      else seen.set(path, "");
      for (const [, href] of answer.text.matchAll(/(?:href|src)="(?!https?:|data:)([^"]+)"/g)) {
        const { pathname } = target(path, href!.replaceAll("&amp;", "&"));
        if (!seen.has(pathname) && !waiting.includes(pathname) && pathname !== "/dashboard") waiting.push(pathname);
      }
    }
    expect(dead).toEqual([]);
    const names = readdirSync(`${ROOT}/docs/guides`).map((name) => name.replace("README", "index").replace(".md", ""));
    expect([...seen.keys()]).toEqual(expect.arrayContaining(names.map((name) => `/docs/guides/${name}`)));
    expect(list.headers["content-security-policy"]).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
    for (const [path, text] of seen) {
      for (const [, href] of text.matchAll(/href="([^"]*#[^"]+)"/g)) {
        if (/^https?:/.test(href!)) continue;
        const { pathname, hash } = target(path, href!);
        expect({
          path,
          href,
          there: seen.get(pathname)?.includes(`id="${decodeURIComponent(hash.slice(1))}"`),
        }).toEqual({
          path,
          href,
          there: true,
        });
      }
    }
  });

  test("has nothing of what is beside it", async () => {
    for (const path of [
      "/docs/nothing",
      "/docs/../../package.json",
      "/docs/%2e%2e/main.js",
      "/docs/images/x.png",
      "/docs/a.html",
    ]) {
      expect({ path, status: (await get(path)).status }).toEqual({ path, status: 404 });
    }
  });
});

if (BROWSER === undefined) console.warn("No browser was found: the reference was not looked at in one.");

describe.skipIf(BROWSER === undefined)("in a browser", () => {
  let browser: Browser;
  /** The reference on a desktop, loaded once: it is long. */
  let desktop: Page;
  beforeAll(async () => {
    browser = await startBrowser();
    desktop = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await desktop.goto(`${program.url}/docs`);
  });
  afterAll(() => browser.close());

  test.each([
    ["a desktop", { width: 1440, height: 900 }],
    ["a phone", { width: 360, height: 740 }],
  ])("needs one request and fits the width of %s", async (_name, viewport) => {
    const tab = await browser.newPage({ viewport });
    const requests: string[] = [];
    const faults: string[] = [];
    tab.on("request", (request) => requests.push(request.url()));
    tab.on("pageerror", (error) => faults.push(String(error)));
    tab.on("console", (message) => faults.push(message.text()));
    await tab.goto(`${program.url}/docs#problem-credits-short`, { waitUntil: "networkidle" });
    expect(requests.filter((url) => !url.startsWith("data:"))).toEqual([`${program.url}/docs`]);
    expect(faults).toEqual([]);
    expect(await tab.evaluate("document.documentElement.scrollWidth")).toBe(viewport.width);
    await tab.locator("#problem-credits-short h3").waitFor();
    await tab.close();
  });

  test("leads from the contents to an operation, on a phone too, and shows this server's address", async () => {
    const tab = await browser.newPage({ viewport: { width: 360, height: 740 } });
    await tab.goto(`${program.url}/docs`);
    const link = tab.locator('nav a[href="#post-batch"]');
    expect(await link.isVisible()).toBe(false);
    await tab.locator(".menu").click();
    await tab.locator(".search").fill("many handsets");
    await tab.locator(".results a").first().click();
    expect(await tab.locator(".results").isVisible()).toBe(false);
    await tab.waitForURL("**/docs#post-batch");
    const top = await tab.locator("#post-batch").evaluate((section) => section.getBoundingClientRect().top);
    expect(top).toBeLessThan(740);
    expect(await tab.locator("#post-batch pre").first().textContent()).toContain(`curl '${program.url}/batch?key=`);
    await tab.close();
  });

  test.each([
    ["callback", "callback"],
    ["retry", "retr"],
    ["STOP", "Receive answers: STOP"],
    ["python", "Python"],
    ["credits-short", "402 credits-short"],
  ])("finds %s in the reference and the guides, by the keyboard", async (words, title) => {
    const tab = desktop;
    await tab.locator("h1").click();
    await tab.keyboard.press("/");
    await tab.keyboard.type(words);
    const first = tab.locator(".results a", { hasText: title }).first();
    await first.waitFor();
    expect(await tab.locator(".found").textContent()).toMatch(/ places$/);
    await tab.keyboard.press("Enter");
    const active = () => tab.evaluate("document.activeElement.matches('.results a')");
    expect(await active()).toBe(true);
    await tab.keyboard.press("ArrowDown");
    expect(await active()).toBe(true);
    await tab.locator(".search").focus();
    await tab.keyboard.press("Escape");
    expect(await tab.locator(".contents").isVisible()).toBe(true);
    expect(await tab.locator(".search").inputValue()).toBe("");
  });

  test("says that nothing was found", async () => {
    const tab = desktop;
    await tab.locator(".search").fill("pigeon post");
    await tab.locator(".found", { hasText: "Nothing found for “pigeon post”." }).waitFor();
    expect(await tab.locator(".results a").count()).toBe(0);
  });

  test("shows every example in the language that the reader chose", async () => {
    const tab = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await tab.goto(`${program.url}/docs`);
    const shown = () => tab.locator("#post-batch pre[data-language]:visible").allTextContents();
    expect(await shown()).toEqual([expect.stringContaining(`curl '${program.url}/batch`)]);
    await tab.locator("#post-batch .language").selectOption("Python");
    expect(await shown()).toEqual([expect.stringContaining("urlopen(request)")]);
    await tab.reload();
    expect(await shown()).toEqual([expect.stringContaining("urlopen(request)")]);
    await tab.close();
  });

  test("sends a message from the page, with a key, by the simulator", async () => {
    const tab = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const faults: string[] = [];
    tab.on("pageerror", (error) => faults.push(String(error)));
    await tab.goto(`${program.url}/docs`);
    const place = tab.locator("#post-message .try");
    await place.getByRole("button", { name: "Try it" }).press("Enter");
    await tab.keyboard.type(program.api.key);
    await place
      .getByLabel("Body")
      .fill(
        '{"messages": [{"from": {"type": "custom", "value": "MyShop"}, "to": "+447700900123", "body": "From the page"}]}',
      );
    expect(await place.locator(".note").textContent()).toContain("The simulator is the only carrier here");
    await place.getByRole("button", { name: "Send POST" }).click();
    await place.locator(".answer", { hasText: "200 OK" }).waitFor();
    const [, message] = /"messageUuid": "([^"]+)"/.exec((await place.locator(".answer").textContent())!)!;
    const { body } = await program.api.request<{ body: string }>("GET", `/message/${message}`);
    expect(body.body).toBe("From the page");
    // The key goes into no address, and is there for the next request.
    const other = tab.locator("#get-message .try");
    await other.getByRole("button", { name: "Try it" }).click();
    await other.getByLabel("uuid").fill(message!);
    await other.getByRole("button", { name: "Send GET" }).click();
    await other.locator(".answer", { hasText: '"body": "From the page"' }).waitFor();
    expect({ url: tab.url(), faults }).toEqual({ url: `${program.url}/docs`, faults: [] });
    await tab.close();
  });

  /** An entry of each kind. */
  const ENTRIES = "#post-message, #webhook-receipt, #problem-not-found";

  test.each(["/docs", "/docs/guides/index", "/docs/guides/verify", "/docs/guides/rcs", "/docs/configuration"])(
    "has no fault that axe finds, and fits a phone: %s",
    async (path) => {
      const tab = await browser.newPage({ viewport: { width: 360, height: 740 } });
      await tab.goto(`${program.url}${path}`, { waitUntil: "networkidle" });
      expect(await tab.evaluate("document.documentElement.scrollWidth")).toBe(360);
      await tab.setViewportSize({ width: 1440, height: 900 });
      if (path === "/docs") {
        await tab.locator("#post-message .try button").click();
        await tab.locator(".search").fill("callback");
        await tab.locator(".results a").first().waitFor();
      }
      // Other entries come from the same templates, and axe takes 10 s for them. Links to them keep their targets.
      if (!LONG)
        await tab.evaluate(
          `document.querySelectorAll("section.entry:not(${ENTRIES})").forEach((entry) => entry.replaceChildren())`,
        );
      const parts = ["header", "nav", "#top", ...ENTRIES.split(", "), "#simulator"];
      expect(await axeFaults(tab, path === "/docs" ? parts : undefined)).toEqual([]);
      await tab.close();
    },
  );

  test("can be read in the dark", async () => {
    const papers: { paper: number; ink: number }[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await desktop.emulateMedia({ colorScheme });
      const [paper, ink] = await desktop.evaluate<[string, string]>(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]",
      );
      papers.push({ paper: brightness(paper), ink: brightness(ink) });
    }
    const [light, dark] = papers as [{ paper: number; ink: number }, { paper: number; ink: number }];
    expect(light.paper - light.ink).toBeGreaterThan(180);
    expect(dark.ink - dark.paper).toBeGreaterThan(180);
  });
});

/** The mean of a colour's parts, as in `rgb(17, 22, 29)`. */
function brightness(colour: string): number {
  const parts = colour.match(/\d+/g)!.slice(0, 3).map(Number);
  return parts.reduce((sum, part) => sum + part, 0) / 3;
}
