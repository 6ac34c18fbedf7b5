import type { ChannelPlan } from "../../message/channel.ts";
import type { CodedContent } from "../../message/coded-content.ts";
import type { Member } from "../bundle.ts";
import type { BundleBatch, BundleMessage } from "./bundle-content.ts";

/** A message in memory to be sent, whole. */
export interface WaitingMessage {
  id: string;
  accountId: number;
  destination: string;
  sender: string;
  body: string;
  parts: number;
  /** Epoch milliseconds. */
  expiresAt: number;
  /** The carrier that a node had begun to submit it to when it died: it may have been sent. */
  begun?: number;
  /** Of a message of a bundle, which has no row yet; undefined where there is one. */
  bundled?: Bundled;
  /** Not there where it goes by SMS alone. */
  plan?: ChannelPlan;
  /** Optional parameters of its submits (`TlvValues`), as JSON. */
  tlvs?: string;
  /** Not there where it is a text. */
  coded?: CodedContent;
  /** RCS shows rich content in place of the text, which stays in the store until it is submitted (find-rich.ts). */
  rich?: true;
  /** Where another channel is to be tried after this one: when, in epoch milliseconds. The sender sets it. */
  deliverBy?: number;
  /** Carriers' answers to earlier submits: lines of its story (message/story.ts) that no row has yet. */
  said?: string;
}

/** Where a message without a row stands: its bundle, and its place in it. */
export interface Bundled extends Member {
  message: BundleMessage;
  batch: BundleBatch | null;
}
