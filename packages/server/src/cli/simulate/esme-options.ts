import type { BindType } from "@messaging-plus/smpp";

/** Values of data_coding for texts; `auto` is 0 where the alphabet has the text, else 8 (SMPP 3.4 §5.2.19). */
export const DATA_CODINGS = ["auto", "0", "1", "3", "8"] as const;
/** Meanings of data_coding 0. */
export const ALPHABETS = ["gsm", "latin1", "ascii"] as const;
/** Forms of a text that is too long for one part: a user data header, the TLVs sar_*, or message_payload. */
export const LONG_FORMS = ["udh8", "udh16", "sar", "payload"] as const;

/** The messages that a simulated ESME submits. */
export interface EsmeMessages {
  from: string;
  /** Numbers, and texts, in turn; `{n}` in a text is the message's number. */
  to: readonly string[];
  texts: readonly string[];
  count: number;
  dataCoding: (typeof DATA_CODINGS)[number];
  alphabet: (typeof ALPHABETS)[number];
  long: (typeof LONG_FORMS)[number];
  registeredDelivery: number;
}

/** The options of `mplus simulate esme`. */
export interface EsmeOptions extends Omit<EsmeMessages, "to" | "texts"> {
  host: string;
  port: number;
  systemId: string;
  password: string;
  bind: BindType;
  binds: number;
  window: number;
  /** Submits a second, over all binds. */
  rate?: number;
  /** Numbers with commas between, or `@FILE` with one a line. */
  to: string;
  /** A text, or `@FILE` with one a line. */
  text: string;
  /** Seconds without an answer or a receipt after which it waits no longer. */
  wait: number;
  print?: boolean;
  json?: boolean;
  tls?: boolean;
  servername?: string;
  ca?: string;
  cert?: string;
  key?: string;
}
