import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { fastify } from "fastify";
import type { Locator } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import { dashboardRoutes } from "../../server/src/http/routes/dashboard.ts";
import { STYLE } from "../../server/src/reference/page/style.ts";
import { BROWSER } from "../../server/test/reference/browser.ts";
import { startProgram } from "../../server/test/support/program.ts";
import { dashboardRig } from "./rig.ts";

const program = await startProgram({ config: { carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }] } });
afterAll(program.stop);
const get = (path: string, headers = {}) => program.api.request("GET", path, { key: null, headers });
const page = await get("/dashboard");
const files = [...page.text.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, path]) => `/${path}`);

describe("the page", () => {
  test("comes without a key, and may load and ask nothing but its own server", () => {
    expect(page).toMatchObject({ status: 200, headers: { "content-type": "text/html; charset=utf-8" } });
    const policy = page.headers["content-security-policy"] as string;
    const rules = Object.fromEntries(policy.split("; ").map((rule) => rule.split(/ (.*)/, 2)));
    expect(rules).toMatchObject({
      "default-src": "'none'",
      "script-src": "'self'",
      "style-src": "'self'",
      "connect-src": "'self'",
      "form-action": "'none'",
      "frame-ancestors": "'none'",
    });
    expect(policy).not.toContain("unsafe");
  });

  test("is asked for again each time, and not sent again to whoever has it", async () => {
    expect(page.headers["cache-control"]).toBe("no-cache");
    const again = await get("/dashboard", { "if-none-match": page.headers.etag });
    expect(again).toMatchObject({ status: 304, text: "" });
  });

  test("names a script and a style, which are kept for good, below 80 KB in all", async () => {
    expect(files.map((path) => path.split(".").at(-1)).sort()).toEqual(["css", "js"]);
    const answers = await Promise.all(files.map((path) => get(path)));
    for (const { status, headers } of answers) {
      expect({ status, kept: headers["cache-control"] }).toEqual({
        status: 200,
        kept: "public, max-age=31536000, immutable",
      });
    }
    const size = [page, ...answers].reduce((sum, { text }) => sum + gzipSync(text).length, 0);
    expect(size).toBeLessThan(80_000);
  });

  test("has no sender's words in its address: there is nothing below it but its files", async () => {
    for (const path of ["nothing-1.js", "..%2findex.html", "%2e%2e%2findex.html", "index.html", "x.map"]) {
      const { status, body } = await get(`/dashboard/assets/${path}`);
      expect({ path, status, type: body.type }).toEqual({ path, status: 404, type: "/docs#problem-not-found" });
    }
    expect(await program.api.request("POST", "/dashboard", { key: null })).toMatchObject({ status: 405 });
  });
});

test("a server without it says what is to be done", async () => {
  const app = fastify();
  dashboardRoutes(app, () => "/nowhere");
  const { statusCode, body } = await app.inject("/dashboard");
  expect(statusCode).not.toBe(200);
  expect(body).toContain("npm run build");
});

test("has the colours of the reference", () => {
  const palette = readFileSync(new URL("../src/style/palette.css", import.meta.url), "utf8");
  const [light, dark] = palette.split("@media").map(coloursOf) as [Colours, Colours];
  const [theirLight, theirDark] = STYLE.split("* {")[0]!.split("@media").map(coloursOf) as [Colours, Colours];
  expect(Object.keys(light).length).toBeGreaterThan(8);
  // What waits has the colour of PUT.
  for (const [own, theirs] of [[light, theirLight] as const, [dark, theirDark] as const]) {
    const { "--wait": wait, ...rest } = own;
    expect(theirs).toMatchObject(rest);
    expect(wait).toBe(theirs["--put"]);
  }
});

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

type Colours = Record<string, string>;

function coloursOf(style: string): Colours {
  return Object.fromEntries([...style.matchAll(/(--[a-z]+): ([^;]+);/g)].map(([, name, value]) => [name!, value!]));
}
