import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const named = process.env.MPLUS_TEST_BROWSER;

/** The browser of this machine; undefined where it has none. MPLUS_TEST_BROWSER names another. */
export const BROWSER = (named === undefined ? PLACES : [named]).find((path) => existsSync(path));

/** Starts it so that it asks nobody for anything but the page. */
export function startBrowser(): Promise<Browser> {
  const args = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  return chromium.launch({ executablePath: BROWSER as string, args });
}
