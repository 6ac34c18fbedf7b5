import type { WaitingMessage } from "../store/messages/waiting-message.ts";

/** A carrier's answer to the submit of one part. */
export interface PartSaid {
  /** From 0. */
  part: number;
  /** Milliseconds until the answer; until it was given up where none came. */
  ms: number;
  answer: "taken" | "refused" | "uncertain";
  /** The part's id, where it was taken and has one. */
  id: string | null;
  /** The carrier's status by its name, where it was refused; null where the part could not be written for it. */
  status: string | null;
}

/** The end of handing one message to a carrier, and the carrier's answer to each part that was submitted. */
export type Submission = { said?: readonly PartSaid[] } & SubmissionEnd;

type SubmissionEnd =
  /** Taken: the id that the carrier gave for each part, null where it gave none. */
  | { kind: "submitted"; ids: (string | null)[] }
  /**
   * Refused for good, with the receipt code that says why. `partly`: it has taken some of a long message's parts.
   * `other`: another carrier is to have it, where there is one.
   */
  | { kind: "refused"; code: string; partly?: boolean; other?: boolean }
  /**
   * Not taken now, the same again later; `code` is what it fails with if its validity ends first, null where the carrier
   * said nothing about it. `throttled`: it asked to slow down. `partly`, `other`: as above.
   */
  | { kind: "later"; code: string | null; throttled?: boolean; partly?: boolean; other?: boolean }
  /** Sent, and the answer never came. */
  | { kind: "uncertain" };

/** A far end that takes messages for handsets. */
export interface Carrier {
  readonly id: string;
  /** Its number in the store. */
  readonly number: number;
  /** A message that was submitted before goes to the handset no second time: it is known again by its id. */
  readonly ignoresRepeats: boolean;
  /** A link is up and bound. */
  readonly up: boolean;
  /** Messages that it takes right now. */
  readonly free: number;
  /** It asked for less than it is allowed to get. */
  readonly slowed: boolean;
  /**
   * Calls `done` once, never before this returns; a callback and not a promise, since it is so for every message. Call
   * it only while `free` is more than 0. A message that is submitted again is the same object: what is known of earlier
   * tries (the parts that were taken) is kept with it.
   */
  submit(message: WaitingMessage, done: (submission: Submission) => void): void;
  start(): Promise<void>;
  /** Takes nothing more, waits at most `timeoutMs` for answers under way, unbinds. */
  close(timeoutMs: number): Promise<void>;
}

/** How a carrier does, for the operator. */
export interface CarrierStatus {
  id: string;
  type: string;
  /**
   * `slowed`: it is up, and asked for less than it is allowed to get. `no-receiver`: it takes messages, and none of the
   * binds is up that its receipts come over.
   */
  state: "up" | "slowed" | "no-receiver" | "down";
  /** The operator has it take nothing. The engine says so. */
  paused?: boolean;
  /** Since when it takes messages, or takes none; ISO 8601. */
  since: string;
  /** Why a bind of it is not up; null where all are. Names no address. */
  why: string | null;
  /** The status of its last answer to a bind, by its name in SMPP 3.4 §5.1.3; of a platform over HTTP, of its last answer. */
  last_status: string | null;
  /** When a bind that is not up is tried again; null where none is, or one is tried now. ISO 8601. */
  next_try_at: string | null;
  binds: { up: number; of: number };
  /** Tries to bind since the program began, by how each ended, and the binds that were lost. */
  bind_counts: Record<"bound" | "refused" | "failed" | "lost", number>;
  /** Submits that may be under way now, and those that are. */
  window: number;
  under_way: number;
  /** Submits a second at most, as configured; 0 for no limit. */
  throughput: number;
  /** Messages since the program began, by what became of each submit, and what the carrier sent of its own accord. */
  counts: Record<Submission["kind"] | "received", number>;
}

/** One that says how it does, once it is started. */
export interface WatchedCarrier extends Carrier {
  readonly status: CarrierStatus;
  /** What its platform tells over HTTP, as JSON has it. Resolves with whether what it says is committed. */
  takeEvent?(event: unknown): Promise<boolean>;
}

/** What a carrier tells of its own accord. */
export interface CarrierEvents {
  /** There is room again, or a link came up, or one is gone and what waits for it may go by another carrier. */
  onFree(): void;
  /**
   * A deliver_sm or data_sm, or what says the same. Calls `answer` with the command_status of the answer once what it
   * says is committed; a callback and not a promise, since it is so for every receipt.
   */
  onDeliver(carrier: Carrier, delivery: Delivery, answer: (command_status: number) => void): void;
}

/** The fields of a deliver_sm or data_sm that the stages read; what another protocol reports is put into the same. */
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
  /** The receipt code that the carrier's own error stands for, where a state says no more than delivered or failed. */
  code?: string;
  /** How the carrier names a text from a handset: what it sends again under one name is told once. */
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
