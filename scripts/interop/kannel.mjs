// Kannel as a customer: bearerbox binds, smsbox takes messages over HTTP and passes receipts and answers of handsets on.
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { freePort } from "../servers.mjs";
import { startKannel } from "./kannel-running.mjs";
import { all, judge, until } from "./shared.mjs";

const TEXT = "Grüße";
/** Handsets of the simulator that answer, and the longer answer. */
const [ANSWERS, ANSWERS_LONG] = ["447700900911", "447700900915"];
const LONG_ANSWER = "This answer is longer than one message. ".repeat(9).trim();
/** Kannel's values of %d: delivered and failed at last. */
const ENDS = { 1: "delivered", 2: "failed" };

export async function kannel({ host, port, system_id, password, number, folder, messages, binds }) {
  const heard = [];
  const receiver = createServer((request, response) => {
    heard.push(Object.fromEntries(new URL(request.url, "http://localhost").searchParams));
    response.end();
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const own = `http://127.0.0.1:${receiver.address().port}`;
  const http = await freePort();
  const getUrl = `${own}/inbound?from=%p&text=%b`;
  const stop = await startKannel({ host, port, system_id, password, folder: join(folder, "kannel"), getUrl, http });
  const send = async (to, text) => {
    const query = new URLSearchParams({
      username: "tester",
      password: "foobar",
      from: number,
      to: `+${to}`,
      text,
      charset: "UTF-8",
      "dlr-mask": "19",
      "dlr-url": `${own}/dlr?to=${to}&end=%d`,
    });
    const answer = await fetch(`http://127.0.0.1:${http}/cgi-bin/sendsms?${query}`);
    if (answer.status !== 202) throw new Error(`smsbox answered ${answer.status}`);
  };
  const receipts = () => heard.filter(({ end }) => ENDS[end] !== undefined).map(({ to, end }) => `${to} ${ENDS[end]}`);
  const inbound = () => heard.filter(({ text }) => text !== undefined).map(({ from, text }) => `${from} ${text}`);
  try {
    const bound = await until(async () => (await all(binds())).find((bind) => bind.system_id === system_id));
    const ends = new Map([
      ["447700900123", "delivered"],
      ["447700900534", "failed"],
      ["447700900124", "delivered"],
      [ANSWERS, "delivered"],
      [ANSWERS_LONG, "delivered"],
    ]);
    const long = "x".repeat(200);
    for (const to of ends.keys()) await send(to, to === "447700900124" ? long : TEXT);
    await until(() => receipts().length >= ends.size && inbound().length >= 2);
    const sent = await all(messages.list());
    const bodies = (number) => sent.filter(({ to }) => to === number).map(({ body }) => body);
    return {
      bind: judge(bound?.kind, "transceiver"),
      submit: judge(bodies("+447700900123"), [TEXT]),
      "long text": judge(bodies("+447700900124").sort(), [long.slice(0, 47), long.slice(0, 153)]),
      receipts: judge(receipts().sort(), [...ends].map(([to, end]) => `${to} ${end}`).sort()),
      inbound: judge(inbound().sort(), [`+${ANSWERS} Hello`, `+${ANSWERS_LONG} ${LONG_ANSWER}`]),
      query: "it has none",
    };
  } finally {
    await stop();
    receiver.close();
    receiver.closeAllConnections();
  }
}
