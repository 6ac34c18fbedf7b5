import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { fastify } from "fastify";
import { afterAll, describe, expect, test } from "vitest";
import { dashboardRoutes } from "../../server/src/http/routes/dashboard.ts";
import { STYLE } from "../../server/src/reference/page/style.ts";
import { startProgram } from "../../server/test/support/program.ts";

const program = await startProgram();
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

type Colours = Record<string, string>;

function coloursOf(style: string): Colours {
  return Object.fromEntries([...style.matchAll(/(--[a-z]+): ([^;]+);/g)].map(([, name, value]) => [name!, value!]));
}
