import { pino } from "pino";
import { onTestFinished } from "vitest";
import { SmppCarrier, type SmppCarrierOptions } from "../../src/carriers/smpp.ts";
import { USUAL_LINK } from "../../src/carriers/usual-link.ts";
import type { Failover } from "../../src/config/config.ts";
import { OptOuts } from "../../src/inbound/opt-outs.ts";
import { codeText } from "../../src/message/code-number.ts";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { DELIVERED, FAILED } from "../../src/message/lifecycle.ts";
import { countParts } from "../../src/message/segment.ts";
import type { Receipt } from "../../src/receipt/receipt.ts";
import { createReceiver, type ReceiptProfile } from "../../src/receipt/receiver.ts";
import { Routes } from "../../src/route/routes.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { Sender } from "../../src/send/sender.ts";
import { enterCarriers } from "../../src/store/carriers.ts";
import { insertMessages } from "../../src/store/messages/insert-messages.ts";
import { enterNode, leaveNode } from "../../src/store/nodes.ts";
import { Partitions } from "../../src/store/upkeep/partition-names.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { atFileEnd } from "../support/file-end.ts";
import { Smsc } from "../support/pdu-smsc.ts";
import { progressOf } from "../support/progress.ts";
import { route } from "../support/route.ts";
import { until } from "../support/until.ts";

export interface LineOptions {
  /** Settings of the carrier that are not as usual. */
  carrier?: Partial<SmppCarrierOptions["config"]>;
  /** What makes a message go on to the next carrier; without it there are no routes. */
  failover?: Failover[];
  /** Carriers in order of preference, each with an SMSC of its own. Default 1. */
  carriers?: number;
  /** The carrier's port is the one of its settings, and its SMSC no part of this. */
  ownPort?: boolean;
  /** The carriers' ids are of one space. */
  sharedIds?: boolean;
  onUncertain?: "resend" | "fail";
  waits?: SmppCarrierOptions["waits"];
  /** Stands between carrier and SMSC. */
  connect?: SmppCarrierOptions["connect"];
}

/** What is sent, where it is not as usual. */
export interface Text {
  body?: string;
  sender?: string;
  accountId?: number;
  /** Milliseconds. */
  validity?: number;
}

export interface Line {
  /** The first carrier's SMSC. */
  smsc: Smsc;
  smscs: Smsc[];
  carriers: SmppCarrier[];
  sender: Sender;
  /** Every line of the log so far. */
  logged: { level: number; msg: string; err?: { message: string } }[];
  receipts: Receipt[];
  uncertain(): number;
  /** Receipts of which octets were left out. */
  dropped(): number;
  /** Accepts texts; answers their ids. */
  send(...texts: Text[]): Promise<string[]>;
  /** Waits until the message is final and nothing is in memory: `delivered 00`. */
  finalOf(id: string): Promise<string>;
  /** Its state and its carrier's id now. */
  row(id: string): Promise<{ state: number; carrier_message_id: string | null }>;
}

let database: Promise<TestDatabase> | undefined;
const PAUSE_MS = 20;
let lines = 0;
let handsets = 0;

function ownDatabase(): Promise<TestDatabase> {
  if (database === undefined) {
    database = testDatabase();
    atFileEnd(async () => {
      const ended = database;
      database = undefined;
      await (await ended)?.close();
    });
  }
  return database;
}

/**
 * Send and receipt as the program puts them together, over loopback SMPP, on a database of the test file's own; the
 * carrier answers within 10 s, so that a busy machine alone makes no submit uncertain.
 */
export async function line(options: LineOptions = {}): Promise<Line> {
  const { pool } = await ownDatabase();
  const logged: Line["logged"] = [];
  const log = pino({ level: "debug" }, { write: (text: string) => void logged.push(JSON.parse(text)) });
  const node = await enterNode(pool, "test", process.pid);
  const smscs = Array.from({ length: options.carriers ?? 1 }, () => new Smsc());
  const ids = smscs.map((_, index) => `line${++lines}.${index}`);
  const numbers = new Map((await enterCarriers(pool, ids)).map((row) => [row.id, row.number]));
  const settings = { ...USUAL, ...options.carrier };
  const profileOf = (id: string): ReceiptProfile => ({
    ...settings,
    learnt: null,
    sharesIdsWith: options.sharedIds ? [...numbers.values()].filter((number) => number !== numbers.get(id)) : [],
  });
  const receipts: Receipt[] = [];
  let uncertain = 0;
  let dropped = 0;

  const partitions = new Partitions();
  await partitions.refresh(pool);
  const { progress } = progressOf(pool, node, { node: 0, full: [] }, partitions);
  const onDeliver = createReceiver({
    log,
    clock: systemClock,
    profiles: new Map(ids.map((id) => [id, profileOf(id)])),
    record: (receipt, done) => {
      receipts.push(receipt);
      progress.pushReceipt(receipt, done);
    },
    inbound: async () => 0x66,
    countReceipt: () => {},
    countDropped: () => void dropped++,
  });
  const carriers = await Promise.all(
    smscs.map(
      async (smsc, index) =>
        new SmppCarrier({
          config: {
            ...settings,
            id: ids[index] as string,
            port: options.ownPort ? settings.port : await smsc.listen(),
          },
          number: numbers.get(ids[index] as string) as number,
          log,
          clock: systemClock,
          events: { onFree: () => sender.pump(), onDeliver },
          connect: options.connect,
          ...(options.waits === undefined ? {} : { waits: options.waits }),
        }),
    ),
  );
  const sender: Sender = new Sender({
    engines: 1,
    routes: {
      sms: new Routes(
        options.failover === undefined ? [] : [route({ carriers: ids, failover: options.failover })],
        ids,
      ),
      rcs: new Routes([], []),
    },
    isPaused: () => false,
    carriers: new Map(carriers.map((carrier) => [carrier.id, carrier])),
    clock: systemClock,
    log,
    onUncertain: options.onUncertain ?? "resend",
    fallbackAfterMs: 300_000,
    fallBacks: { note: async () => false },
    optOuts: new OptOuts(pool),
    holdsLease: () => true,
    intents: null,
    record: (outcome, done) => progress.pushOutcome(outcome, done),
    countUncertain: () => void uncertain++,
    countSetAside: () => {},
    onRoom: () => {},
  });
  onTestFinished(async () => {
    for (const smsc of smscs) await smsc.close();
    for (const carrier of carriers) await carrier.close(0);
    await sender.stop();
    await progress.drain();
    await leaveNode(pool, node);
  });

  const row = async (id: string) => {
    const { rows } = await pool.query("SELECT state, code, carrier_message_id FROM message WHERE id = $1", [id]);
    return rows[0] as { state: number; code: number | null; carrier_message_id: string | null };
  };
  return {
    smsc: smscs[0] as Smsc,
    smscs,
    carriers,
    sender,
    logged,
    receipts,
    uncertain: () => uncertain,
    dropped: () => dropped,
    row,
    send: async (...texts) => {
      const messages = texts.map(({ body = "Hello", sender: from = "MyShop", accountId = 1, validity = 600_000 }) => ({
        id: messageId(newBatchId(Date.now()), 1),
        accountId,
        destination: `4477009${++handsets + 10_000}`,
        sender: from,
        body,
        parts: countParts(body),
        expiresAt: Date.now() + validity,
      }));
      const stored = {
        receiptBy: null,
        leasedBy: node,
        batchId: null,
        givenId: null,
        callback: null,
        endpoint: null,
      };
      await insertMessages(
        pool,
        messages.map((message) => ({ ...stored, ...message })),
      );
      sender.take(messages);
      return messages.map(({ id }) => id);
    },
    finalOf: async (id) => {
      const { state, code } = await until(
        "a final state",
        async () => {
          sender.sweepExpired();
          const found = await row(id);
          return (found.state === DELIVERED || found.state === FAILED) && sender.buffered === 0 && found;
        },
        () => row(id),
      );
      return `${state === DELIVERED ? "delivered" : "failed"} ${codeText(code as number)}`;
    },
  };
}

/** The same once the carriers' links stand. */
export async function boundLine(options: LineOptions = {}): Promise<Line> {
  const made = await line(options);
  for (const carrier of made.carriers) await carrier.start();
  await until("the binds", () => made.carriers.every((carrier) => carrier.up));
  return made;
}

/** Waits for what a clock of the test's own must pass for, step by step. */
export async function untilLater<Value>(
  what: string,
  clock: { advance(ms: number): void },
  stepMs: number,
  look: () => Value | undefined | false,
): Promise<Value> {
  return until(what, async () => {
    const value = look();
    if (value !== undefined && value !== false) return value;
    clock.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    return undefined;
  });
}

const USUAL: SmppCarrierOptions["config"] = {
  id: "",
  host: "127.0.0.1",
  port: 0,
  systemId: "esme",
  password: "secret",
  systemType: "",
  bind: "transceiver",
  binds: 1,
  window: 10,
  throughput: 0,
  tls: false,
  longMessages: "udh8",
  nationalLanguages: [],
  senderEncoding: "latin1",
  ...USUAL_LINK,
  longMessageReceipts: "all",
  messageIds: "auto",
  accepted: "intermediate",
  errorCodes: {},
  responseTimeout: 10,
  enquireLink: 30,
};
