import { afterAll } from "vitest";
import type { TestDatabase } from "../support/database.ts";
import { type Program, startProgram } from "../support/program.ts";
import { type Receiver, receiver } from "../support/receiver.ts";
import { type Sent, sendTo } from "../support/sent.ts";
import { until } from "../support/until.ts";
import { type Asked, Provider } from "./provider.ts";

export { finalOf, type Sent } from "../support/sent.ts";

export interface HttpRig {
  provider: Provider;
  hooks: Receiver;
  program: Program;
}

/** An API as none of the presets has it. */
export function ownApi(): Provider {
  return new Provider(
    ({ json }) => String(json?.to),
    (_, count) => ({ status: 202, body: { data: { id: `m-${count}` } } }),
  );
}

/** How its carrier is configured by hand. */
export function byHand(
  { url }: Pick<Provider, "url">,
  settings: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    id: "own",
    type: "http",
    submit: {
      url: `${url}/sms?ref={id}`,
      headers: { authorization: "Bearer {credentials.token}", "x-sender": "{from}" },
      body: '{"to": "{to}", "text": "{text}", "parts": {parts}, "ttl": {validity}, "receipts": "{receiptUrl}"}',
    },
    credentials: { token: "t0ken" },
    accepted: { status: 202, id: "/data/id", error: "/error/code" },
    errors: { E7: "4A", "410": "5C", absent: "22" },
    again: ["E9"],
    receipts: {
      id: "/id",
      state: "/state",
      error: "/reason",
      states: { ok: "delivered", bad: "failed", gone: "expired", moving: "enroute", barred: "58" },
    },
    inbound: { from: "from", to: "to", text: "text", id: "ref" },
    ...settings,
  };
}

/** A program between a customer and a provider. */
export async function httpRig(
  provider: Provider,
  carriers: (provider: Provider) => Record<string, unknown>[],
  config: Record<string, unknown> = {},
  database?: TestDatabase,
): Promise<HttpRig> {
  const hooks = await receiver();
  afterAll(hooks.close);
  await provider.listen();
  afterAll(() => provider.close());
  const program = await startProgram({
    config: { carriers: carriers(provider), callbacks: { allowPrivateAddresses: true }, ...config },
    ...(database === undefined ? {} : { database }),
  });
  afterAll(program.stop);
  return { provider, hooks, program };
}

let next = 447700903000;

/** A number that no other test uses. */
export function handset(): string {
  return String(next++);
}

/** Sends one message with a callback of its own. */
export function send(
  rig: Pick<HttpRig, "program" | "hooks">,
  to = handset(),
  extra: Record<string, unknown> = {},
): Promise<Sent> {
  return sendTo(rig, to, extra);
}

/** Sends and waits until the provider has it. */
export async function sentTo(
  rig: HttpRig,
  to?: string,
  extra?: Record<string, unknown>,
): Promise<{ sent: Sent; asked: Asked }> {
  const sent = await send(rig, to, extra);
  const [asked] = await rig.provider.waitFor(sent.to);
  return { sent, asked: asked! };
}

/** Posts to a carrier's endpoint: text as it is, an object as JSON; answers the status. */
export async function post(
  program: Pick<Program, "url">,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<number> {
  const raw = typeof body === "string" || body instanceof URLSearchParams;
  const answer = await fetch(new URL(path, program.url), {
    method: "POST",
    headers: { ...(raw ? {} : { "content-type": "application/json" }), ...headers },
    body: raw ? body : JSON.stringify(body),
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** Waits until the store has the message as submitted. */
export async function submitted({ program }: HttpRig, { messageUuid }: Sent): Promise<void> {
  await until("the submit to be recorded", async () => {
    const text = "SELECT carrier_message_id FROM message WHERE id = $1 AND state = 1";
    return (await program.database.pool.query(text, [messageUuid])).rows.length === 1;
  });
}
