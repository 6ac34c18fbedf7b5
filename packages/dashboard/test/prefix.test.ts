import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { Locator } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import { BROWSER } from "../../server/test/reference/browser.ts";
import { startProgram } from "../../server/test/support/program.ts";
import { dashboardRig } from "./rig.ts";

const program = await startProgram({ config: { carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }] } });
afterAll(program.stop);

/** As nginx does with `location /sms/ { proxy_pass http://127.0.0.1:8080/; }`: all else is another's. */
const front = createServer((incoming, outgoing) => {
  const { method, url = "", headers } = incoming;
  if (!url.startsWith("/sms/")) {
    outgoing.writeHead(404).end("not here");
    return;
  }
  const onwards = request(new URL(url.slice("/sms".length), program.url), { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(onwards);
});
await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
afterAll(() => {
  front.close();
  front.closeAllConnections();
});
const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}/sms`;

describe.skipIf(BROWSER === undefined)("in a browser, under a path of a server in front", () => {
  const rig = dashboardRig(url, [program.api.key]);

  const leadsTo = async (link: Locator): Promise<string> =>
    new URL((await link.getAttribute("href"))!, rig.page.url()).href;

  test("the dashboard sends a message and shows the faults of another", async () => {
    const { page } = rig;
    await rig.signIn(program.api.key, "#/send");
    await page.getByLabel("Sender ID", { exact: true }).fill("MyShop");
    await page.getByLabel("To", { exact: true }).fill("12");
    await page.getByLabel("Text", { exact: true }).fill("Hello");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    const meaning = await leadsTo(page.getByRole("alert").getByRole("link", { name: "What this means" }));
    expect(meaning).toBe(`${url}/docs#problem-invalid-request`);
    await page.getByLabel("To", { exact: true }).fill("+447700900123");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByRole("region", { name: "Sent message" }).getByText("delivered").waitFor();
    expect(await leadsTo(page.getByRole("link", { name: /reference/i }))).toBe(`${url}/docs`);
  });

  test("the reference has this address in its examples, and its document is beside it", async () => {
    const { page } = rig;
    await page.goto(`${url}/dashboard`);
    await page.goto(`${url}/docs`);
    expect(await page.locator("#post-batch pre").first().textContent()).toContain(`curl '${url}/batch?key=`);
    const address = await leadsTo(page.getByRole("link", { name: "OpenAPI document" }));
    expect(address).toBe(`${url}/openapi.json`);
    const document = (await (await fetch(address)).json()) as { servers: { url: string }[] };
    expect(new URL(document.servers[0]!.url, address).href).toBe(`${url}/`);
  });
});
