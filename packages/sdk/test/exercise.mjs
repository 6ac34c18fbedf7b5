// What is tried in every runtime: a request, a problem, a list, a webhook. Nothing but the web's standards is used here.
import { MessagingPlus, ProblemError, parseWebhook } from "../dist/index.js";

export async function exercise({ baseUrl, key, secret, webhook }) {
  const client = new MessagingPlus({ baseUrl, key });
  const from = { type: "custom", value: "MyShop" };
  const { messages } = await client.messages.send({ messages: [{ from, to: "+447700900123", body: "Hello" }] });
  const problem = await client.batches.cancel(messages[0].batchUuid).catch((error) => error);
  const pending = [];
  for await (const batch of client.batches.pending()) pending.push(batch);
  const gone = await client.server.live({ signal: AbortSignal.abort("gone") }).catch((reason) => reason);
  const request = new Request("http://127.0.0.1/", { method: "POST", ...webhook });
  const { kind } = await parseWebhook(request, { secrets: [secret] });
  const forged = new Request("http://127.0.0.1/", { method: "POST", ...webhook, body: "{}" });
  const refused = await parseWebhook(forged, { secrets: [secret] }).catch((error) => error.name);
  return {
    to: messages[0].to,
    problem: problem instanceof ProblemError && problem.problem,
    pending,
    gone,
    kind,
    refused,
  };
}
