import { timeOf } from "../../message/id.ts";
import { systemIdOf } from "../../message/smpp-origin.ts";
import type { AttemptOutcome } from "../client/outcome.ts";
import type { Webhook } from "../webhook.ts";
import { inboundPdus } from "./inbound.ts";
import { type DeliverText, intermediatePdu, isWanted, receiptPdu } from "./receipt.ts";

/** A receipt or text for the binds of a system_id of an account. */
export interface SmppDelivery {
  systemId: string;
  accountId: number;
  pdus: readonly DeliverText[];
}

/** The command_status of the answer, or the reason why there is none. */
export type SmppDelivered = number | "unbound" | "timeout";

/** Delivers over any receiving bind of this program. */
export type DeliverOverSmpp = (delivery: SmppDelivery) => Promise<SmppDelivered>;

/** Seconds between tries; the last for all further ones. A new bind has all waiting deliveries tried at once. */
const WAITS = { unbound: [5, 30, 120, 600, 3_600], refused: [1, 2, 5, 15, 60, 300] };

/** Delivers receipts and texts over SMPP, with the rows, tries and fairness of webhooks. */
export class SmppDeliveries {
  readonly #deliver: DeliverOverSmpp;
  readonly #keepMs: number;

  /** @param keepReceipts seconds */
  constructor(deliver: DeliverOverSmpp, keepReceipts: number) {
    this.#deliver = deliver;
    this.#keepMs = keepReceipts * 1_000;
  }

  /** One try. */
  async try(webhook: Webhook, startedAt: number): Promise<AttemptOutcome> {
    const { kind, url, accountId, message } = webhook;
    if (kind === "receipt" && message !== null && !isWanted(url, message)) {
      return outcomeOf(0, 0, "The submit asked for no such receipt.");
    }
    if (kind === "intermediate" && message === null) return outcomeOf(0, 0, "The message was erased.");
    const pdus = pdusOf(webhook, startedAt);
    const began = performance.now();
    const delivered = await this.#deliver({ systemId: systemIdOf(url), accountId, pdus });
    return outcomeOf(delivered, performance.now() - began, null);
  }

  /** The time of the next try, epoch milliseconds; null if there is none. */
  nextAt({ id, kind, tries, message }: Webhook, { result, fault }: AttemptOutcome, now: number): number | null {
    if (result === "delivered") return null;
    const since = kind === "receipt" ? (message?.finalAt ?? now) : timeOf(id);
    const waits = WAITS[fault === "unbound" ? "unbound" : "refused"];
    const next = now + waits[Math.min(tries, waits.length - 1)]! * 1_000;
    const last = since + this.#keepMs;
    return now >= last ? null : Math.min(next, last);
  }
}

function pdusOf({ id, kind, url, message, body }: Webhook, startedAt: number): DeliverText[] {
  if (message === null) return inboundPdus(body as string);
  if (kind === "intermediate") return [intermediatePdu(body as string, url, message, timeOf(id))];
  return [receiptPdu(id, url, message, message.finalAt ?? startedAt)];
}

function outcomeOf(delivered: SmppDelivered, totalMs: number, answer: string | null): AttemptOutcome {
  const status = typeof delivered === "number" ? delivered : null;
  return {
    result: status === 0 ? "delivered" : "failed",
    status,
    fault: typeof delivered === "number" ? null : delivered,
    detail: null,
    retryAfterMs: null,
    fresh: false,
    answer,
    phases: { connectMs: null, firstByteMs: null, totalMs },
  };
}
