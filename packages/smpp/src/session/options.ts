import { type Clock, systemClock } from "../transport/clock.ts";

/** The behaviour of a session; `sessionDefaults` has the defaults. */
export interface SessionOptions {
  /** Most requests of ours without an answer. */
  window: number;
  /** How long to wait for an answer, in ms. */
  responseTimeoutMs: number;
  /** Silence after which the peer gets an enquire_link, in ms. 0: never. */
  enquireLinkMs: number;
  /** Silence after which the session is ended with unbind, in ms; 0: it is cut once an enquire_link has no answer. */
  idleMs: number;
  /** Most requests of the peer without an answer; further ones are answered ESME_RX_T_APPN. */
  maxUnanswered: number;
  /** Most octets of such requests; beyond, further ones are answered the same. */
  maxUnansweredBytes: number;
  /** The longest PDU accepted, in octets. */
  maxPduLength: number;
  /** Most octets that may wait for a peer that does not read. */
  maxBufferedBytes: number;
  clock: Clock;
}

export const sessionDefaults: SessionOptions = {
  window: 100,
  responseTimeoutMs: 10_000,
  enquireLinkMs: 30_000,
  idleMs: 0,
  maxUnanswered: 10_000,
  maxUnansweredBytes: 32 * 1024 * 1024,
  maxPduLength: 65_536,
  maxBufferedBytes: 8 * 1024 * 1024,
  clock: systemClock,
};
