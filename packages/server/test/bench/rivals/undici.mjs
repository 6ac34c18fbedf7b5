/** The ceiling: the same bodies, posted by undici and nothing else; nothing is signed, recorded or would be tried again. */
import { Agent, request } from "undici";
import { drive, task } from "./delivery.mjs";

const agent = new Agent({ connections: task.concurrency, pipelining: 1 });
const { origin, pathname: path } = new URL(task.url);
const headers = { "content-type": "application/json" };
let webhooks = [];

/** The API for programs. */
async function byRequest({ body }) {
  const { body: answer } = await request(task.url, { method: "POST", dispatcher: agent, headers, body });
  await answer.dump();
}

/** The one below it, which makes no promise and no stream for an answer. */
function byDispatch({ body }) {
  return new Promise((resolve, reject) => {
    agent.dispatch(
      { origin, path, method: "POST", headers, body },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd: () => resolve(undefined),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

await drive({
  async fill(all) {
    webhooks = all;
  },
  async drain() {
    const post = task.api === "dispatch" ? byDispatch : byRequest;
    let next = 0;
    const caller = async () => {
      while (next < webhooks.length) await post(webhooks[next++]);
    };
    await Promise.all(Array.from({ length: task.concurrency }, caller));
  },
});
