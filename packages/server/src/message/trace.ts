import { randomBytes } from "node:crypto";
import { numberOf } from "./id.ts";

/**
 * Traces as OpenTelemetry has them. A message's trace follows from its identifier, so that each process and each restart
 * finds it without storing anything: the trace's id is the UUID, and each of its spans has an id made of it.
 */

/** A span; times are epoch milliseconds. */
export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  name: string;
  kind: "internal" | "server" | "client";
  start: number;
  end: number;
  attributes: Readonly<Record<string, string | number>>;
  /** Why it failed; null if it did not. */
  error: string | null;
  events?: readonly { name: string; at: number }[];
  links?: readonly SpanContext[];
}

export interface SpanContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
}

/** Numbers of a message's spans: its own, its submits and receipts, and the tries of its webhook from here on. */
export const ROOT = 0;
export const FIRST_TRY = 0x8000;

/** A span of a message's trace. The last 20 bits number the messages of a batch; those above them are random. */
export function messageSpan(id: string, number: number): SpanContext {
  const low = BigInt(`0x${id.slice(19, 23)}${id.slice(24)}`);
  const spanId = (low ^ (BigInt(number) << 20n)).toString(16).padStart(16, "0");
  return { traceId: id.replaceAll("-", ""), spanId };
}

export function newSpanId(): string {
  return randomBytes(8).toString("hex");
}

/** Whether a message is among the share that is traced: the same everywhere and always. @param share from 0 to 1 */
export function isTraced(id: string, share: number): boolean {
  // Fibonacci hashing: the messages of a batch differ in their numbers alone.
  const mixed = Math.imul(Number.parseInt(id.slice(24, 31), 16) ^ Math.imul(numberOf(id), 0x85ebca6b), 0x9e3779b1);
  return (mixed >>> 0) / 2 ** 32 < share;
}

/** `traceparent` of W3C Trace Context, §3.2. */
export function traceparent({ traceId, spanId }: SpanContext, sampled: boolean): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-[\da-f]([\da-f])(?:-|$)/;

/** The caller's span; null for a header that is none, or where the caller records nothing (§3.2.2.5). */
export function readTraceparent(header: string | undefined): SpanContext | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(header ?? "") ?? [];
  if (traceId === undefined || spanId === undefined || (Number.parseInt(flags ?? "0", 16) & 1) === 0) return null;
  return { traceId, spanId };
}
