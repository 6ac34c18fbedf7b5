import type { PoolClient } from "pg";
import { batchOf, messageId, newBatchId } from "../message/id.ts";
import { inboundBody } from "../message/inbound.ts";
import { KIND_LETTERS } from "../message/webhook.ts";
import {
  accountsOf,
  firstAccounts,
  type InboundRow,
  inboundTargets,
  insertInbound,
} from "../store/handsets/inbound.ts";
import { addOptOuts, type OptOut, removeOptOuts } from "../store/handsets/opt-outs.ts";
import { findLatestMessages } from "../store/messages/latest-messages.ts";
import { insertWebhooks } from "../store/webhooks/insert-webhooks.ts";
import type { AgentOwner } from "./agent-owners.ts";
import { lookBack } from "./look-back.ts";
import type { OptOutWord } from "./opt-out-words.ts";
import type { InboundText } from "./read.ts";

/** The results for the texts of a flush. */
export interface PassedOn {
  messages: number;
  webhooks: number;
  optedOut: readonly OptOut[];
}

/** A whole text, and whose it is. */
export type OwnedText = InboundText & AgentOwner;

/** Stores texts from handsets, in order, each with its webhook if its account has an `inbound_url`. */
export async function passOn(
  client: PoolClient,
  texts: readonly OwnedText[],
  now: number,
  optOut: "shared" | "all" | "off",
  optOutWord: (text: string) => OptOutWord,
): Promise<PassedOn> {
  if (texts.length === 0) return { messages: 0, webhooks: 0, optedOut: [] };
  const bySms = texts.filter(({ toAgent }) => toAgent === null);
  const latest = await lookBack(bySms, now, (open, since) => findLatestMessages(client, open, since));
  const unasked = texts.filter((text) => text.accountId === null && !latest.has(text));
  const first =
    unasked.length === 0 ? new Map<number, number>() : await firstAccounts(client, organizationsOf(unasked));
  const flush = newBatchId(now);
  const rows: InboundRow[] = [];
  const changes = new Map<string, OptOut & { word: "stop" | "start" }>();
  for (const text of texts) {
    const { handset, number, toAgent } = text;
    const answered = text.answered ?? latest.get(text);
    const accountId = text.accountId ?? answered?.accountId ?? first.get(text.organizationId);
    // An organization without any account has nobody who could be notified.
    if (accountId === undefined) continue;
    rows.push({
      // In order: a reader goes on from the last one that it has read.
      id: messageId(flush, rows.length + 1),
      accountId,
      receivedAt: new Date(now),
      handset,
      number: text.answered?.sender ?? number,
      batchId: answered === undefined ? null : (answered.batchId ?? batchOf(answered.id)),
      messageId: answered?.messageId ?? null,
      message: text.text,
      rcs: toAgent?.rcs ?? null,
    });
    const word = optOut === "all" || (optOut === "shared" && text.shared) ? optOutWord(text.text) : null;
    if (word === null) continue;
    // A number of the organization counts for all its accounts.
    const accounts = text.accountId === null ? await accountsOf(client, text.organizationId) : [accountId];
    for (const each of accounts) changes.set(`${each} ${handset}`, { accountId: each, handset, word });
  }
  await insertInbound(client, rows);
  const webhooks = await owe(client, rows);
  const optedOut = [...changes.values()].filter(({ word }) => word === "stop");
  const optedIn = [...changes.values()].filter(({ word }) => word === "start");
  if (optedOut.length > 0) await addOptOuts(client, optedOut);
  if (optedIn.length > 0) await removeOptOuts(client, optedIn);
  return { messages: rows.length, webhooks, optedOut };
}

/** Stores the webhooks of messages whose accounts have a URL; returns how many. */
async function owe(client: PoolClient, rows: readonly InboundRow[]): Promise<number> {
  const targets = await inboundTargets(client, [...new Set(rows.map(({ accountId }) => accountId))]);
  const webhooks = rows.flatMap((row) => {
    const { identifier, url, endpoint } = targets.get(row.accountId) ?? { identifier: "", url: null, endpoint: null };
    if (url === null || endpoint === null) return [];
    const body = JSON.stringify(inboundBody(identifier, row));
    return [{ id: row.id, accountId: row.accountId, kind: KIND_LETTERS.inbound, url, endpoint, body }];
  });
  if (webhooks.length > 0) await insertWebhooks(client, webhooks);
  return webhooks.length;
}

function organizationsOf(texts: readonly OwnedText[]): number[] {
  return [...new Set(texts.map(({ organizationId }) => organizationId))];
}
