/** Makes the pictures of docs/guides/rcs.md: what the simulated platform's handsets show of its messages. */
import { statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { readAgentMessage } from "../../src/cli/simulate/rcs/content.ts";
import { phonePage } from "../../src/cli/simulate/rcs/page.ts";
import { Phones } from "../../src/cli/simulate/rcs/phones.ts";
import { agentContent } from "../../src/message/agent-content.ts";
import type { RichContent } from "../../src/message/rich-content.ts";
import { blocksOf } from "../docs/example.ts";
import { page } from "../docs/page.ts";
import { BROWSER, startBrowser } from "../reference/browser.ts";

const FOLDER = "docs/images";
const MOST_OCTETS = 40_000;
const HANDSET = "447700900123";
/** Of each message of the guide, in their order. */
const PICTURES = [
  { file: "rcs-text.png", height: 200 },
  { file: "rcs-card.png", height: 460 },
  { file: "rcs-carousel.png", height: 310 },
];

/** A bicycle in the colour that the file's name says. */
function bicycle(path: string): string {
  const colour = /red|blue|green/.exec(path)?.[0] ?? "darkorange";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 270 168"><rect width="270" height="168" fill="#e8edf3"/>
<g fill="none" stroke="#39424e" stroke-width="6"><circle cx="82" cy="108" r="38"/><circle cx="188" cy="108" r="38"/></g>
<path d="M82 108 L112 58 L168 58 L134 108 Z M112 58 L134 108 M188 108 L164 46 L182 42 M100 50 H122"
 fill="none" stroke="${colour}" stroke-width="7" stroke-linejoin="round" stroke-linecap="round"/></svg>`;
}

if (BROWSER === undefined) throw new Error("no browser was found: MPLUS_TEST_BROWSER names one");
const contents = blocksOf(page("docs/guides/rcs.md"))
  .flatMap(({ info, text }) => (info === "sh" ? (/-d '(\{.*\})'/s.exec(text)?.[1] ?? []) : []))
  .map((json) => JSON.parse(json) as { rcs?: RichContent; messages?: { rcs: RichContent }[] })
  .flatMap(({ rcs, messages }) => rcs ?? messages?.[0]?.rcs ?? []);
let shown = "";
const server = createServer((request, response) => {
  const isPage = request.url === "/";
  response.writeHead(200, { "content-type": isPage ? "text/html; charset=utf-8" : "image/svg+xml" });
  response.end(isPage ? shown : bicycle(request.url ?? ""));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const browser = await startBrowser();
try {
  for (const [index, { file, height }] of PICTURES.entries()) {
    const message = JSON.stringify({ contentMessage: agentContent(contents[index] as RichContent, "") });
    const read = readAgentMessage(message.replaceAll("https://shop.example.com", origin));
    if ("fault" in read) throw new Error(read.fault);
    const phones = new Phones();
    phones.show(HANDSET, { by: "agent", agentId: "MyShop", content: read.contentMessage });
    shown = phonePage(HANDSET, phones.of(HANDSET));
    const context = await browser.newContext({ viewport: { width: 380, height }, colorScheme: "light" });
    const view = await context.newPage();
    await view.goto(origin);
    const path = join(FOLDER, file);
    await view.screenshot({ path });
    const { size } = statSync(path);
    process.stdout.write(`${path}: ${Math.round(size / 1_000)} kB\n`);
    if (size > MOST_OCTETS) throw new Error(`${path} is larger than ${MOST_OCTETS / 1_000} kB`);
    await context.close();
  }
} finally {
  await browser.close();
  server.close();
}
