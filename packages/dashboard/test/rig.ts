import type { Browser, Page } from "playwright-core";
import { afterEach, beforeEach, expect } from "vitest";
import { startBrowser } from "../../server/test/reference/browser.ts";
import { atFileEnd } from "../../server/test/support/file-end.ts";

/** The page in a browser, a session of its own for each test. */
export interface Rig {
  readonly page: Page;
  /** Opens the page at a view, as in `#/send`, or at its first one, and gives it a key. */
  signIn(key: string, view?: string): Promise<void>;
}

let started: Promise<Browser> | undefined;

/** One for a test file: its start takes longer than most tests. */
function fileBrowser(): Promise<Browser> {
  if (started === undefined) {
    const browser = startBrowser();
    started = browser;
    atFileEnd(async () => {
      started = undefined;
      await (await browser).close();
    });
  }
  return started;
}

/**
 * To be called within a `describe`. After each test it expects that the page asked nobody but its own server, that no
 * address had a key in it, and that the browser had nothing to complain of.
 */
export function dashboardRig(url: string, keys: readonly string[]): Rig {
  let page: Page;
  let requests: string[];
  let faults: string[];
  beforeEach(async () => {
    requests = [];
    faults = [];
    const context = await (await fileBrowser()).newContext({ viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on("request", (request) => requests.push(request.url()));
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("console", (message) => {
      // Chromium notes every refusal; the tests say which there are to be.
      if (!message.text().startsWith("Failed to load resource")) faults.push(message.text());
    });
  });
  afterEach(async () => {
    await page.context().close();
    expect(faults).toEqual([]);
    expect(requests.length).toBeGreaterThan(2);
    expect(requests.filter((asked) => !asked.startsWith(`${url}/`) && !asked.startsWith("data:"))).toEqual([]);
    expect(requests.filter((asked) => asked.includes("key=") || keys.some((key) => asked.includes(key)))).toEqual([]);
  });
  return {
    get page() {
      return page;
    },
    signIn: async (key, view = "") => {
      await page.goto(`${url}/dashboard${view}`);
      await page.getByLabel("Key", { exact: true }).fill(key);
      await page.keyboard.press("Enter");
    },
  };
}
