// Runs the exercise in a context that has what the web's standards name, and nothing of Node's. Argument: what it is to be
// given, as JSON. Prints what came of it.
import { readFile } from "node:fs/promises";
import { createContext, SourceTextModule } from "node:vm";

const WEB = {
  AbortController,
  AbortSignal,
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

async function load(name, { identifier }) {
  if (!/^\.\.?\//.test(name)) throw new Error(`${identifier} imports ${name}`);
  const url = new URL(name, identifier);
  if (!modules.has(url.href)) {
    modules.set(url.href, new SourceTextModule(await readFile(url, "utf8"), { identifier: url.href, context }));
  }
  return modules.get(url.href);
}

const main = await load("./exercise.mjs", { identifier: import.meta.url });
await main.link(load);
await main.evaluate();
console.log(JSON.stringify(await main.namespace.exercise(JSON.parse(process.argv[2]))));
