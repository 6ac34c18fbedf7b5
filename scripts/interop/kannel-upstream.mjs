// Kannel as an HTTP carrier: a second server of this build gives its messages to smsbox by the preset, and bearerbox submits
// them to the first, whose simulator sends the receipts and the answers of handsets back the same way.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { MessagingPlus } from "../../packages/sdk/dist/index.js";
import { freePort } from "../servers.mjs";
import { startKannel } from "./kannel-running.mjs";
import { ORGANIZATION_KEY, startServer } from "./server.mjs";
import { all, judge, until } from "./shared.mjs";

const ACCOUNT_KEY = "fedcba9876543210fedcba9876543210";
const SECRET = "a-secret-of-this-run";
const [PLAIN, UNICODE, LONG] = ["447700900125", "447700900126", "447700900127"];
const TEXTS = { [PLAIN]: "Grüße & 100 % {€}", [UNICODE]: "Привет 👋 + 1", [LONG]: "x".repeat(200) };
/** Numbers of the simulator. */
const ENDS = { [PLAIN]: "delivered", [UNICODE]: "delivered", [LONG]: "delivered", 447700900534: "failed" };
const ANSWERS = { 447700900911: "Hello", 447700900914: "Grüße 👋" };

export async function kannelUpstream({ host, port, system_id, password, number, folder, messages, binds }) {
  const [http, gatewayPort] = [await freePort(), await freePort()];
  const files = join(folder, "upstream");
  mkdirSync(files);
  const credentials = { origin: `http://127.0.0.1:${http}`, username: "tester", password: "foobar" };
  const gateway = await startServer(files, {
    server: { port: gatewayPort },
    accountKey: ACCOUNT_KEY,
    carriers: [{ id: "kannel", type: "http", preset: "kannel", credentials, auth: { secret: SECRET } }],
  });
  const getUrl = `${gateway.url}/carriers/kannel/inbound/${SECRET}?from=%p&to=%P&text=%b&charset=%C&id=%I`;
  const far = { host, port, system_id, password };
  let stopKannel;
  try {
    stopKannel = await startKannel({ ...far, folder: join(files, "kannel"), getUrl, http });
    const organization = new MessagingPlus({ baseUrl: gateway.url, key: ORGANIZATION_KEY });
    const [account] = (await organization.accounts.list()).accounts;
    await organization.senders.register({ value: number, account: account.identifier });
    const own = new MessagingPlus({ baseUrl: gateway.url, key: ACCOUNT_KEY });
    const bound = await until(async () => (await all(binds())).find((bind) => bind.system_id === system_id));
    const from = { type: "custom", value: number };
    const sent = Object.keys({ ...ENDS, ...ANSWERS }).map((to) => ({ from, to, body: TEXTS[to] ?? "Hello" }));
    await own.messages.send({ messages: sent });
    const story = async () => Object.fromEntries((await all(own.messages.list())).map(({ to, state }) => [to, state]));
    const answers = async () =>
      Object.fromEntries((await all(own.inbound.list())).map(({ from, message }) => [from, message]));
    const isOver = (state) => state === "delivered" || state === "failed";
    await until(async () => Object.values(await story()).filter(isOver).length === sent.length);
    await until(async () => Object.keys(await answers()).length === Object.keys(ANSWERS).length);
    const arrived = await all(messages.list());
    const bodies = (to) => arrived.filter((one) => one.to === `+${to}`).map(({ body }) => body);
    const ends = { ...ENDS, ...Object.fromEntries(Object.keys(ANSWERS).map((to) => [to, "delivered"])) };
    return {
      bind: judge(bound?.kind, "transceiver"),
      submit: judge([...bodies(PLAIN), ...bodies(UNICODE)], [TEXTS[PLAIN], TEXTS[UNICODE]]),
      "long text": judge(
        bodies(LONG)
          .map(({ length }) => length)
          .sort(),
        [153, 47],
      ),
      receipts: judge(await story(), Object.fromEntries(Object.entries(ends).map(([to, end]) => [`+${to}`, end]))),
      inbound: judge(await answers(), ANSWERS),
      query: "it has none",
    };
  } finally {
    await stopKannel?.();
    await gateway.stop();
  }
}
