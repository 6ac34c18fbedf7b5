import { describe, expect, test } from "vitest";
import { storyWith } from "../messages/stories.ts";
import { Provider } from "./provider.ts";
import { finalOf, handset, httpRig, post, send, sentTo } from "./rig.ts";

const basic = { username: "them", password: "p:ä" };
const SECRET = "Zx81vQ2m-7TpLw04nRk";

/** An API of forms and queries, whose receipts name messages by our own id. */
const rig = await httpRig(
  new Provider(
    ({ form, query }) => String(form.get("dest") ?? query.get("dest")),
    () => ({ body: "OK" }),
  ),
  ({ url }) => {
    const form = { receipts: { id: "ref", state: "state" }, errors: { BLOCKED: "58" } };
    const withForm = { url: `${url}/send`, body: { dest: "{to}", txt: "{text}", ref: "{id}", cb: "{receiptUrl}" } };
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const withQuery = { method: "GET", url: `${url.replace("//", "//me:pass%20word@")}/send?dest={to}&txt={text}` };
    const when = { "/kind": ["dlr"] };
    return [
      { id: "basic", type: "http", ...form, submit: { ...withForm, headers }, auth: { basic } },
      { id: "secret", type: "http", ...form, submit: withQuery, auth: { secret: SECRET } },
      {
        id: "lists",
        type: "http",
        submit: { url: `${url}/send`, body: "dest={to}&cb={receiptUrl}" },
        receipts: { each: "/results/*", when, id: "/ref", state: "/state", answer: "ACK" },
      },
    ];
  },
  {
    server: { publicUrl: "https://sms.example.com/sub", port: 0 },
    routes: [
      { to: "4477", carriers: ["basic"] },
      { to: "33", carriers: ["secret"] },
      { to: "49", carriers: ["lists"] },
    ],
  },
);
const { program } = rig;
const form = (id: string, state = "delivered") => new URLSearchParams({ ref: id, state });
const authorization = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
});

describe("Basic authentication", () => {
  const path = "/carriers/basic/receipts";

  test("lets on whoever has the user name and the password, and nobody else", async () => {
    const text = "a&b=c +%\r\nX: y";
    const { sent, asked } = await sentTo(rig, handset(), { body: text });
    expect(Object.fromEntries(asked.form)).toEqual({
      dest: sent.to,
      txt: text,
      ref: sent.messageUuid,
      cb: `https://sms.example.com/sub${path}`,
    });
    for (const headers of [{}, authorization("them", "p"), authorization("me", "p:ä"), { authorization: "Basic !" }]) {
      expect(await post(program, path, `{"broken": ${"x".repeat(1_000)}`, headers)).toBe(401);
    }
    const answer = await fetch(new URL(path, program.url), { method: "POST", body: form(sent.messageUuid) });
    expect(answer.headers.get("www-authenticate")).toMatch(/^Basic realm=/);
    expect(await answer.json()).toMatchObject({ type: "/docs#problem-wrong-credentials", status: 401 });
    expect(await post(program, path, form(sent.messageUuid), authorization("them", "p:ä"))).toBe(200);
    expect(await finalOf(rig, sent)).toBe("delivered 00");
  });
});

describe("a secret in the path", () => {
  test("opens it, by POST and by GET, and without it there is nothing", async () => {
    const { sent, asked } = await sentTo(rig, "33612345001", { body: "où & ça" });
    expect(asked).toMatchObject({
      method: "GET",
      body: "",
      path: "/send?dest=33612345001&txt=o%C3%B9%20%26%20%C3%A7a",
    });
    expect(asked.headers).toMatchObject(authorization("me", "pass word"));
    const query = form(sent.messageUuid);
    for (const secret of ["", "/", "/Zx81vQ2m-7TpLw04nRx", `/${SECRET}/x`]) {
      const url = new URL(`/carriers/secret/receipts${secret}?${query}`, program.url);
      expect({ secret, status: (await fetch(url)).status }).toEqual({ secret, status: 404 });
    }
    expect((await fetch(new URL(`/carriers/secret/receipts/${SECRET}?${query}`, program.url))).status).toBe(200);
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    const again = await send(rig, "33612345002");
    expect(await post(program, `/carriers/secret/receipts/${SECRET}`, form(again.messageUuid, "EXPIRED"))).toBe(200);
    expect(await finalOf(rig, again)).toBe("failed 46");
  });

  test("has what it is told by GET and in a form in the messages' stories", async () => {
    const opened = new URL(`/carriers/secret/receipts/${SECRET}`, program.url);
    for (const [to, inQuery] of [
      ["33612345003", true],
      ["33612345004", false],
    ] as const) {
      const sent = await send(rig, to);
      const said = `${form(sent.messageUuid)}&cell=%C3%A9+%2B`;
      const answer = inQuery
        ? await fetch(`${opened}?${said}`)
        : await fetch(opened, { method: "POST", body: new URLSearchParams(said) });
      expect(answer.status).toBe(200);
      const { events } = await storyWith(program.api, sent.messageUuid, "delivered");
      expect(events.find(({ kind }) => kind === "receipt")).toMatchObject({ text: said, error: null });
    }
  });

  test("is not in the log", () => {
    expect(program.output().stderr).not.toContain(SECRET);
  });
});

describe("several receipts in one request", () => {
  const path = "/carriers/lists/receipts";

  test("count each for itself, answered with the text that the provider wants", async () => {
    const [one, two] = [await send(rig, "4915112345001"), await send(rig, "4915112345002")];
    const results = [
      { ref: one.messageUuid, state: "delivered" },
      { ref: null },
      { ref: two.messageUuid, state: "rejected" },
    ];
    expect(await post(program, path, { kind: "other", results })).toBe(200);
    const answer = await fetch(new URL(path, program.url), {
      method: "POST",
      body: JSON.stringify({ kind: "dlr", results }),
    });
    expect({ status: answer.status, text: await answer.text() }).toEqual({ status: 200, text: "ACK" });
    expect({ one: await finalOf(rig, one), two: await finalOf(rig, two) }).toEqual({
      one: "delivered 00",
      two: "failed 56",
    });
  });
});
