import type { BatchStatus } from "./api.ts";
import type { Program } from "./program.ts";
import type { Receiver } from "./receiver.ts";
import { until } from "./until.ts";

/** A message that was sent with a callback of its own. */
export interface Sent {
  to: string;
  batchUuid: string;
  messageUuid: string;
  /** The callback's. */
  path: string;
}

interface Ends {
  program: Program;
  hooks: Receiver;
}

/** Sends one message with a callback of its own. */
export async function sendTo({ program, hooks }: Ends, to: string, extra: Record<string, unknown>): Promise<Sent> {
  const path = `/${to}`;
  const from = { type: "custom", value: "MyShop" };
  const messages = [{ from, to, body: "Hello", callback: hooks.url(path), ...extra }];
  const [sent] = await program.api.send({ messages });
  return { to, path, batchUuid: sent!.batchUuid, messageUuid: sent!.messageUuid };
}

/** Waits for the message's final state, and that one webhook says the same. */
export async function finalOf({ program, hooks }: Ends, { batchUuid, path }: Sent): Promise<string> {
  const detail = await until<BatchStatus["details"][number]>("the message to be final", async () => {
    const [row] = (await program.api.status(batchUuid)).details;
    return row !== undefined && (row.delivered || row.failed) && row;
  });
  const [hook] = await hooks.waitFor(path, 1);
  const told = JSON.parse(hook!.body);
  if (told.delivered !== detail.delivered || told.receiptInfo.code !== detail.info?.code) {
    throw new Error(`the webhook says ${hook!.body}, and the status ${JSON.stringify(detail)}`);
  }
  return `${detail.delivered ? "delivered" : "failed"} ${detail.info?.code}`;
}
