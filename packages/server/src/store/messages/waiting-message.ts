import type { ChannelPlan } from "../../message/channel.ts";
import type { LotBatch, LotMessage } from "./lot-content.ts";
import type { OpenRow } from "./open-rows.ts";

/** A message in hand to be sent, whole. */
export interface WaitingMessage {
  id: string;
  accountId: number;
  destination: string;
  sender: string;
  body: string;
  parts: number;
  /** Epoch milliseconds. */
  expiresAt: number;
  /** The carrier that a worker had begun to submit it to when it died: it may have been sent. */
  begun?: number;
  /** Of a message of a lot, which has no row yet; undefined where there is one. */
  unwritten?: Unwritten;
  /** Not there where it goes by SMS alone. */
  plan?: ChannelPlan;
  /** Where another channel is to be tried after this one: when, in epoch milliseconds. The sender sets it. */
  deliverBy?: number;
}

/** What stands in for the row that a message of a lot does not have yet. */
export interface Unwritten {
  lot: OpenRow;
  message: LotMessage;
  batch: LotBatch | null;
}
