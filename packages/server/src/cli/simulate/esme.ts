import { readFile } from "node:fs/promises";
import { readCarrierTls, TlsFileFault } from "../../runtime/tls-files.ts";
import { bindFault } from "./esme-fault.ts";
import type { EsmeMessages, EsmeOptions } from "./esme-options.ts";
import { EsmeRun } from "./esme-run.ts";
import { submitsOf } from "./esme-submits.ts";
import { EsmeTally, sum, summaryLines } from "./esme-tally.ts";
import { sayer } from "./say.ts";

/** The bits of registered_delivery that ask for a final receipt (SMPP 3.4 §5.2.17, SMPP 5.0 §4.7.21). */
const FINAL = 0x03;
const EVERY_RECEIPT = 1;
const PROGRESS_MS = 500;
const CLOSE_MS = 5_000;

/**
 * Plays a customer's software: binds, submits `count` messages, and ends when each has its receipt or nothing came for
 * `wait` seconds; with a `count` of 0 it stays bound until it is told to stop. The exit code is 1 unless every submit was
 * accepted and every receipt came.
 * @throws Error with a sentence for the person who gave the options
 */
export async function simulateEsme(options: EsmeOptions): Promise<void> {
  const { host, port, systemId, password, bind, binds, window, rate, wait, json, print, registeredDelivery } = options;
  const messages: EsmeMessages = { ...options, to: await numbersOf(options.to), texts: await textsOf(options.text) };
  // Whatever cannot be written is a fault before the first bind.
  for (const _ of submitsOf({ ...messages, count: messages.texts.length }));
  const say = sayer(json);
  const receives = bind !== "transmitter";
  const tally = new EsmeTally(receives && (registeredDelivery & FINAL) !== 0);
  const progress = process.stderr.isTTY === true && json !== true && print !== true;
  const tls = tlsOf(options);
  const run = new EsmeRun({
    link: { host, port, system_id: systemId, password, bind, window, tls },
    binds,
    faultOf: (error) => bindFault(error, { tls: tls !== false, cert: options.cert }),
    rate,
    silenceMs: wait * 1_000,
    tally,
    tell: print === true ? say : () => {},
    onTrouble: (what) => process.stderr.write(`${progress ? CLEARED : ""}${what}\n`),
  });
  const stop = (): void => run.stop();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const showing = setInterval(() => {
    if (progress) process.stderr.write(`${CLEARED}${progressText(tally, messages.count)}`);
  }, PROGRESS_MS);
  try {
    await run.bind();
    const times = binds === 1 ? "" : ` ${binds} times`;
    say({ event: "bound", system_id: systemId, bind, binds }, `bound as ${bind} ${JSON.stringify(systemId)}${times}`);
    if (bind === "receiver" || messages.count === 0) await run.listen();
    else if (!(await run.submit(submitsOf(messages)))) process.exitCode = 1;
  } finally {
    clearInterval(showing);
    if (progress) process.stderr.write(CLEARED);
    await run.close(CLOSE_MS);
  }
  if (json === true) say({ event: "summary", ...tally.summary }, "");
  else process.stdout.write(`${summaryLines(tally.summary).join("\n")}\n`);
  const isReceiptMissing = registeredDelivery === EVERY_RECEIPT && tally.awaited > 0;
  if (tally.accepted < tally.submitted || isReceiptMissing) process.exitCode = 1;
}

/** Begins the terminal's line anew. */
const CLEARED = "\r\x1b[K";

function progressText({ submitted, accepted, receipts, awaited }: EsmeTally, count: number): string {
  return `${submitted} of ${count} submitted, ${accepted} accepted, ${sum(receipts.values())} receipts, ${awaited} to come`;
}

function tlsOf({ tls, servername, ca, cert, key }: EsmeOptions) {
  const isWanted = tls === true || [servername, ca, cert, key].some((option) => option !== undefined);
  if (!isWanted) return false;
  try {
    return readCarrierTls({ servername: servername ?? null, ca: ca ?? null, cert: cert ?? null, key: key ?? null });
  } catch (error) {
    if (!(error instanceof TlsFileFault)) throw error;
    throw new RangeError(`--${error.at}: ${error.message}`);
  }
}

async function numbersOf(option: string): Promise<string[]> {
  return given(option.startsWith("@") ? await readFile(option.slice(1), "utf8") : option, /[\s,]+/, "--to");
}

async function textsOf(option: string): Promise<string[]> {
  return option.startsWith("@") ? given(await readFile(option.slice(1), "utf8"), /\r?\n/, "--text") : [option];
}

function given(list: string, between: RegExp, option: string): string[] {
  const items = list.split(between).filter((item) => item !== "");
  if (items.length === 0) throw new RangeError(`${option} names nothing`);
  return items;
}
