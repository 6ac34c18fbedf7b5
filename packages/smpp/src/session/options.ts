import { type Clock, systemClock } from "../transport/clock.ts";

/** How a session behaves; `sessionDefaults` says what applies where nothing is said. */
export interface SessionOptions {
  /** Requests of ours that may be without an answer at one time. */
  window: number;
  /** How long an answer is awaited, ms. */
  responseTimeoutMs: number;
  /** Silence after which the peer is asked whether it lives, ms. 0: never. */
  enquireLinkMs: number;
  /** Silence after which the session is ended with unbind, ms; 0: it is cut once an enquire_link had no answer. */
  idleMs: number;
  /** Requests of the peer that may be without an answer at one time; beyond, they are answered ESME_RX_T_APPN. */
  maxUnanswered: number;
  /** Octets of such requests; beyond, further ones are answered the same. */
  maxUnansweredBytes: number;
  /** The longest PDU that is taken, octets. */
  maxPduLength: number;
  /** Octets that may wait for a peer that does not read. */
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
