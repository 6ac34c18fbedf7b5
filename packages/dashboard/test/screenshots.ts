/** Makes the README's pictures of the dashboard from a store that `npm run seed` would fill. */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { MessagingPlus } from "@messaging-plus/sdk";
import type { Page } from "playwright-core";
import { readKeys } from "../../server/src/account/keys-file.ts";
import { BROWSER, startBrowser } from "../../server/test/reference/browser.ts";
import { seed } from "../../server/test/seed/seed.ts";
import { startServer } from "../../server/test/seed/start.ts";
import { until } from "../../server/test/support/until.ts";

interface Picture {
  /** Its name in docs/images. */
  file: string;
  /** Behind the `#` of the address. */
  view: string;
  width: number;
  height: number;
  colorScheme: "light" | "dark";
}

const FOLDER = "docs/images";
/** A simulated handset that is slow, so that its carrier tells more than once of it (docs/simulator.md). */
const SLOW_HANDSET = "447700900907";
const MOST_OCTETS = 150_000;

if (BROWSER === undefined) throw new Error("no browser was found: MPLUS_TEST_BROWSER names one");
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const program = await startServer();
try {
  const { organizationKey } = await readKeys(process.env.MPLUS_DATA_DIR as string);
  if (organizationKey === null) throw new Error("the program has made no organization's key");
  const { url } = program;
  await seed({ url, organizationKey, operatorKey: null, seed: 1, accounts: 10, messages: 2_000, say });
  const { messages } = new MessagingPlus({ baseUrl: url, key: organizationKey });
  const story = await until("a story with an end", async () => {
    const { items } = await messages.list({ to: SLOW_HANDSET, state: "delivered" }).page();
    const stories = await Promise.all(items.map(({ message_uuid }) => messages.get(message_uuid)));
    // The one of which there is most to tell.
    return stories.sort((one, other) => other.events.length - one.events.length)[0];
  });
  const message = `/messages/${story.message_uuid}`;
  await take(url, organizationKey, [
    {
      file: "messages.png",
      view: "/messages?state=submitted%2Cfailed",
      width: 1_200,
      height: 760,
      colorScheme: "light",
    },
    { file: "message.png", view: message, width: 900, height: 1_040, colorScheme: "light" },
    { file: "batches.png", view: "/batches", width: 1_200, height: 640, colorScheme: "dark" },
    { file: "phone.png", view: message, width: 380, height: 800, colorScheme: "dark" },
  ]);
} finally {
  await program.stop();
}

async function take(url: string, key: string, pictures: readonly Picture[]): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const browser = await startBrowser();
  try {
    for (const { file, view, width, height, colorScheme } of pictures) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme,
        locale: "en-GB",
        timezoneId: "Europe/London",
      });
      const page = await context.newPage();
      await page.goto(`${url}/dashboard#${view}`);
      await page.getByLabel("Key", { exact: true }).fill(key);
      await page.keyboard.press("Enter");
      await settled(page);
      const path = join(FOLDER, file);
      await page.screenshot({ path });
      const { size } = statSync(path);
      say(`${path}: ${Math.round(size / 1_000)} kB`);
      if (size > MOST_OCTETS) throw new Error(`${path} is larger than ${MOST_OCTETS / 1_000} kB`);
      await context.close();
    }
  } finally {
    await browser.close();
  }
}

/** Waits until the view shows what it has asked for. */
async function settled(page: Page): Promise<void> {
  await page.locator("main h1").waitFor();
  await page.locator("main table, main .story").first().waitFor();
  const waiting = page.locator('[aria-busy="true"], p:text("Loading…")');
  await until("what was asked for", async () => (await waiting.count()) === 0);
}
