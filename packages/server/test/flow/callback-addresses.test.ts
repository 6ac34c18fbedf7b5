import { afterAll, expect, onTestFinished, test } from "vitest";
import { newKey, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { goOnWith } from "../support/rewrite.ts";
import { until } from "../support/until.ts";

/** A carrier that is never reached: what it is is all that counts here. */
const SMPP = { id: "acme", type: "smpp", host: "127.0.0.1", port: 1, systemId: "x" };

const LOOPBACK = [
  "http://127.0.0.1/hook",
  "http://127.1.2.3:8080/",
  "http://[::1]:8090/",
  "http://localhost:8090/",
  "https://hook.localhost/",
  "http://2130706433/",
  "http://0x7f.1/",
];
const PRIVATE = [
  "http://10.1.2.3/",
  "http://172.16.0.1/",
  "http://192.168.1.1/",
  "http://169.254.169.254/latest/meta-data",
  "http://100.64.0.1/",
  "http://0.0.0.0/",
  "http://224.0.0.1/",
  "http://[fd00::1]/",
  "http://[fe80::1]/",
  "http://[::ffff:10.0.0.1]/",
  "http://intranet/",
  "http://printer.local/",
  "http://db.internal/",
];
const NEVER = ["http://user:secret@hooks.example.com/", "http://@hooks.example.com/", "ftp://hooks.example.com/"];
const PUBLIC = ["https://hooks.example.com/a?b=c", "http://93.184.215.14:8080/", "http://[2606:2800:21f:cb07::1]/"];

const operatorKey = newKey();
const program = await startProgram({ config: { operatorKey } });
afterAll(program.stop);
const { api } = program;
/** The same program goes on with another configuration: where webhooks may go is read anew. */
const configured = (config: Record<string, unknown>) => goOnWith(program, { operatorKey, ...config });

/** Which of the URLs are accepted, in a dry run: nothing is dialled. */
async function accepted(urls: readonly string[]): Promise<string[]> {
  const to = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };
  const answers = await Promise.all(
    urls.map((callback) => api.request("POST", "/message?dryRun=true", { body: { messages: [{ ...to, callback }] } })),
  );
  answers.forEach(({ status, body }, index) => {
    if (status === 200) return;
    const url = urls[index];
    expect({ url, status, paths: body.errors?.map(({ path }) => path) }).toEqual({
      url,
      status: 400,
      paths: ["messages[0].callback"],
    });
    // What is wrong with the URL, and nothing about the network behind.
    expect(body.errors?.[0]?.message).not.toMatch(/\d+\.\d+/);
  });
  return urls.filter((_, index) => answers[index]?.status === 200);
}

test("by default a fresh machine's loopback is allowed, and nothing else that is not public", async () => {
  await configured({});
  expect(await accepted(LOOPBACK)).toEqual(LOOPBACK);
  expect(await accepted([...PRIVATE, ...NEVER])).toEqual([]);
  expect(await accepted(PUBLIC)).toEqual(PUBLIC);
});

test("by default loopback is closed once there is a real carrier", async () => {
  await configured({ carriers: [{ id: "sim", type: "simulator" }, SMPP] });
  expect(await accepted([...LOOPBACK, ...PRIVATE, ...NEVER])).toEqual([]);
  expect(await accepted(PUBLIC)).toEqual(PUBLIC);
});

test("with the guard on, loopback is closed on a fresh machine too, but for the networks that are named", async () => {
  await configured({ callbacks: { allowPrivateAddresses: false, allowNetworks: ["10.1.0.0/16", "::1"] } });
  const named = ["http://10.1.2.3/", "http://[::1]:8090/"];
  expect(await accepted([...LOOPBACK, ...PRIVATE, ...NEVER])).toEqual([named[1], named[0]]);
  expect(await accepted(PUBLIC)).toEqual(PUBLIC);
});

test("with the guard off, every address is allowed, but no other kind of URL", async () => {
  await configured({ carriers: [SMPP], callbacks: { allowPrivateAddresses: true } });
  expect(await accepted([...LOOPBACK, ...PRIVATE])).toEqual([...LOOPBACK, ...PRIVATE]);
  expect(await accepted(NEVER)).toEqual([]);
});

test("a batch's callback is looked at like a message's", async () => {
  await configured({});
  const body = { from: "MyShop", message: "x", destinations: ["447700900123"], callback: "http://10.0.0.1/" };
  const refused = await api.request("POST", "/batch", { body });
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: "callback" }] } });
});

test("what shows only at the connection is a failed try: confined to loopback, nothing else is dialled or looked up", async () => {
  await configured({
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
    callbacks: { allowPrivateAddresses: true, retryDelays: [] },
  });
  const hooks = await receiver();
  onTestFinished(hooks.close);
  const { port } = new URL(hooks.url("/"));
  const urls = {
    "http://192.0.2.1/": "refused_address",
    "http://hooks.invalid/": "refused_address",
    "http://[2001:db8::1]/": "refused_address",
    [`http://localhost:${port}/local`]: null,
    [`http://hook.localhost:${port}/local`]: null,
  };
  const messages = Object.keys(urls).map((callback) => {
    return { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x", callback };
  });
  await api.send({ messages });
  const rows = await until("every webhook to be settled", async () => {
    const found = await program.database.pool.query("SELECT url, state, attempts FROM webhook WHERE state <> 0");
    return found.rows.length === messages.length && found.rows;
  });
  const faults = rows.map(({ url, attempts }) => [url, attempts.map((attempt: string) => JSON.parse(attempt).fault)]);
  expect(Object.fromEntries(faults)).toEqual(
    Object.fromEntries(Object.entries(urls).map(([url, fault]) => [url, [fault]])),
  );
});
