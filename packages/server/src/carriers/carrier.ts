import type { RcsAnswer } from "../message/inbound.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";

/** A carrier's answer to the submit of one part. */
export interface PartSaid {
  /** From 0. */
  part: number;
  /** Milliseconds until the answer, or until the submit was given up. */
  ms: number;
  answer: "taken" | "refused" | "uncertain";
  /** The part's id; null if the carrier refused it or gave none. */
  id: string | null;
  /** The name of the status of a refusal; null if the part could not be written for the carrier. */
  status: string | null;
}

/** The result of handing one message to a carrier, with the carrier's answer to each submitted part. */
export type Submission = { said?: readonly PartSaid[] } & SubmissionEnd;

type SubmissionEnd =
  /** Taken, with the carrier's id for each part, null if it gave none. */
  | { kind: "submitted"; ids: (string | null)[] }
  /**
   * Refused for good, with the receipt code of the reason. `partly`: the carrier has taken some parts of a long message.
   * `other`: another carrier should get it, if there is one.
   */
  | { kind: "refused"; code: string; partly?: boolean; other?: boolean }
  /**
   * Not taken now; the same again later. If its validity ends first the message fails with `code`, null if the carrier gave
   * no reason. `throttled`: the carrier asked to slow down. `partly`, `other`: as above.
   */
  | { kind: "later"; code: string | null; throttled?: boolean; partly?: boolean; other?: boolean }
  /** Sent, and the answer never came. */
  | { kind: "uncertain" };

/** A far end that takes messages for handsets. */
export interface Carrier {
  readonly id: string;
  /** Its number in the store. */
  readonly number: number;
  /** The carrier knows a repeated message by its id, so that the handset never gets it twice. */
  readonly ignoresRepeats: boolean;
  /** A link is up and bound. */
  readonly up: boolean;
  /** Messages that it takes right now. */
  readonly free: number;
  /** It asked for less than its window or throughput. */
  readonly slowed: boolean;
  /**
   * Calls `done` once, never before this returns; a callback and not a promise, because every message comes here. Call it
   * only while `free` is more than 0. A message that is submitted again is the same object: results of earlier tries (the
   * parts that were taken) are kept with it.
   */
  submit(message: WaitingMessage, done: (submission: Submission) => void): void;
  start(): Promise<void>;
  /** Takes nothing more, waits at most `timeoutMs` for answers under way, unbinds. */
  close(timeoutMs: number): Promise<void>;
}

/** The state of a carrier, for the operator. */
export interface CarrierStatus {
  id: string;
  type: string;
  /**
   * `slowed`: up, and has asked for less than its window or throughput. `no-receiver`: takes messages, but no bind for its
   * receipts is up.
   */
  state: "up" | "slowed" | "no-receiver" | "down";
  /** Paused by the operator; the engine sets it. */
  paused?: boolean;
  /** When it began to take messages, or stopped; ISO 8601. */
  since: string;
  /** Why a bind is down; null if all are up. Names no address. */
  why: string | null;
  /** The name of the status of its last answer to a bind (SMPP 3.4 §5.1.3); over HTTP, of its last answer. */
  last_status: string | null;
  /** The next try of a bind that is down; null if none is down, or one is being tried. ISO 8601. */
  next_try_at: string | null;
  binds: { up: number; of: number };
  /** Tries to bind since the program began, by their result, and lost binds. */
  bind_counts: Record<"bound" | "refused" | "failed" | "lost", number>;
  /** Most submits under way now, and those under way. */
  window: number;
  under_way: number;
  /** Submits a second at most, as configured; 0 for no limit. */
  throughput: number;
  /** Messages since the program began, by the result of each submit, and deliveries of the carrier. */
  counts: Record<Submission["kind"] | "received", number>;
}

/** A carrier that reports its state, once it is started. */
export interface WatchedCarrier extends Carrier {
  readonly status: CarrierStatus;
  /** Takes an event of its platform over HTTP, as JSON. Resolves with whether the event's content is committed. */
  takeEvent?(event: unknown): Promise<boolean>;
}

/** Callbacks of a carrier. */
export interface CarrierEvents {
  /** There is room again, or a link came up, or one is gone and its messages may go by another carrier. */
  onFree(): void;
  /**
   * Takes a deliver_sm or data_sm, or its equal in another protocol. Calls `answer` with the command_status once the content
   * is committed; a callback and not a promise, because every receipt comes here.
   */
  onDeliver(carrier: Carrier, delivery: Delivery, answer: (command_status: number) => void): void;
}

/** The fields of a deliver_sm or data_sm that the stages read; reports of other protocols are put into the same form. */
export interface Delivery {
  source: string;
  destination: string;
  esmClass: number;
  dataCoding: number;
  /** short_message or message_payload. */
  body: Buffer;
  /** The body may be cut at its end. */
  bodyDoubtful?: boolean;
  /** Octets that were left out because they are no whole TLV. */
  dropped?: number;
  /** The carrier's own words for the story, where the body has none: its error, and the report as it came. */
  said?: { error: string | null; text: string };
  /** The receipt code of the carrier's own error, where the state only says delivered or failed. */
  code?: string;
  /** The handset's owner has read the message, which was delivered. */
  read?: true;
  /** The report's own time where its body has none, in epoch milliseconds. */
  doneAt?: number;
  /** The content of a message to the agent `destination` of an RCS platform; its text is the body. */
  rcs?: RcsAnswer;
  /** The carrier's id of a text from a handset: a repetition under the same id is passed on once. */
  inboundId?: string;
  tlvs: {
    receipted_message_id?: string | undefined;
    message_state?: number | undefined;
    network_error_code?: { type: number; code: number } | undefined;
    user_message_reference?: number | undefined;
    sar_msg_ref_num?: number | undefined;
    sar_total_segments?: number | undefined;
    sar_segment_seqnum?: number | undefined;
  };
}
