import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RECEIPT_CODES } from "../../src/message/receipt-codes.ts";
import { SIMULATOR_NUMBERS } from "../../src/reference/simulator-numbers.ts";
import { PROBLEMS } from "../../src/runtime/problems.ts";
import { page as documentation, rowsOf } from "../docs/page.ts";
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
  expect(served.headers["content-security-policy"]).toContain("default-src 'none'");
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

test("fetches nothing: what it names outside is to be followed by hand", () => {
  const outside = [...page.matchAll(/<(\w+)\b[^>]*\s(?:src|href|srcset|action|data|poster)="(?!#|\/|data:)([^"]*)"/g)];
  expect(outside.map(([, element]) => element).filter((element) => element !== "a")).toEqual([]);
  expect(page).not.toMatch(/@import|url\(|<iframe|<object|<embed|fetch\(|XMLHttpRequest/);
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

if (BROWSER === undefined) console.warn("No browser was found: the reference was not looked at in one.");

describe.skipIf(BROWSER === undefined)("in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
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
    await tab.locator(".filter").fill("many handsets");
    expect(await tab.locator("nav a:visible").count()).toBe(1);
    await link.click();
    expect(await link.isVisible()).toBe(false);
    const top = await tab.locator("#post-batch").evaluate((section) => section.getBoundingClientRect().top);
    expect(top).toBeLessThan(740);
    expect(await tab.locator("#post-batch pre").first().textContent()).toContain(`curl '${program.url}/batch?key=`);
    await tab.close();
  });

  test("can be read in the dark", async () => {
    const papers = await Promise.all(
      (["light", "dark"] as const).map(async (colorScheme) => {
        const tab = await browser.newPage({ colorScheme });
        await tab.goto(`${program.url}/docs`);
        const [paper, ink] = await tab.evaluate<[string, string]>(
          "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]",
        );
        await tab.close();
        return { paper: brightness(paper), ink: brightness(ink) };
      }),
    );
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
