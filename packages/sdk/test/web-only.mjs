// Runs the built client in a context that has what the web's standards name, and nothing of Node's.
// Arguments: the folder of the built package, a server's URL, an account's key, a secret. Prints what it came to as JSON.
import { readFile } from "node:fs/promises";
import { createContext, SourceTextModule } from "node:vm";

const [folder, baseUrl, key, secret] = process.argv.slice(2);
const WEB = {
  AbortController,
  DOMException,
  Headers,
  Request,
  Response,
  TextDecoder,
  TextEncoder,
  URL,
  atob,
  btoa,
  clearTimeout,
  crypto,
  fetch,
  setTimeout,
};
const context = createContext({ ...WEB });
const modules = new Map();

async function load(url) {
  const known = modules.get(url.href);
  if (known !== undefined) return known;
  const module = new SourceTextModule(await readFile(url, "utf8"), { identifier: url.href, context });
  modules.set(url.href, module);
  return module;
}

const main = new SourceTextModule(
  `import { MessagingPlus, parseWebhook, ProblemError } from "./index.js";
  export async function run(baseUrl, key, secret, request) {
    const client = new MessagingPlus({ baseUrl, key });
    const from = { type: "custom", value: "MyShop" };
    const { messages } = await client.messages.send({ messages: [{ from, to: "+447700900123", body: "Hello" }] });
    const problem = await client.batches.cancel(messages[0].batchUuid).catch((error) => error);
    const pending = [];
    for await (const batch of client.batches.pending()) pending.push(batch);
    const { kind } = await parseWebhook(request, { secrets: [secret] });
    return { to: messages[0].to, problem: problem instanceof ProblemError && problem.problem, pending, kind };
  }`,
  { identifier: `${folder}/main.js`, context },
);
await main.link((name, { identifier }) => {
  if (!name.startsWith("./") && !name.startsWith("../")) throw new Error(`${identifier} imports ${name}`);
  return load(new URL(name, identifier));
});
await main.evaluate();

const body = '{"mo_uuid":"x"}';
const timestamp = Math.floor(Date.now() / 1_000);
const { Webhook } = await import("standardwebhooks");
const request = new Request("http://127.0.0.1/", {
  method: "POST",
  body,
  headers: {
    "webhook-id": "x",
    "webhook-timestamp": String(timestamp),
    "webhook-signature": new Webhook(secret).sign("x", new Date(timestamp * 1_000), body),
  },
});
console.log(JSON.stringify(await main.namespace.run(baseUrl, key, secret, request)));
