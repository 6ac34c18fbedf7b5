import { readFile } from "node:fs/promises";
import { readCarrierTls, TlsFileFault } from "../../runtime/tls-files.ts";
import { printLines, tell } from "../output.ts";
import { progressText, withProgress } from "../progress.ts";
import { bindFault } from "./esme-fault.ts";
import type { EsmeMessages, EsmeOptions } from "./esme-options.ts";
import { EsmeRun } from "./esme-run.ts";
import { submitsOf } from "./esme-submits.ts";
import { EsmeTally, sum, summaryLines } from "./esme-tally.ts";
import { sayer } from "./say.ts";

/** The bits of registered_delivery that ask for a final receipt (SMPP 3.4 §5.2.17, SMPP 5.0 §4.7.21). */
const FINAL = 0x03;
const EVERY_RECEIPT = 1;
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
  const tls = tlsOf(options);
  const run = new EsmeRun({
    link: { host, port, system_id: systemId, password, bind, window, tls },
    binds,
    faultOf: (error) => bindFault(error, { tls: tls !== false, cert: options.cert }),
    rate,
    silenceMs: wait * 1_000,
    tally,
    tell: print === true ? say : () => {},
    onTrouble: tell,
  });
  const stop = (): void => run.stop();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const play = async (): Promise<void> => {
    await run.bind();
    const times = binds === 1 ? "" : ` ${binds} times`;
    say({ event: "bound", system_id: systemId, bind, binds }, `bound as ${bind} ${JSON.stringify(systemId)}${times}`);
    if (bind === "receiver" || messages.count === 0) await run.listen();
    else if (!(await run.submit(submitsOf(messages)))) process.exitCode = 1;
  };
  try {
    await withProgress((seconds) => soFar(tally, messages.count, seconds), play);
  } finally {
    await run.close(CLOSE_MS);
  }
  if (json === true) say({ event: "summary", ...tally.summary }, "");
  else printLines(summaryLines(tally.summary));
  const isReceiptMissing = registeredDelivery === EVERY_RECEIPT && tally.awaited > 0;
  if (tally.accepted < tally.submitted || isReceiptMissing) process.exitCode = 1;
}

function soFar({ submitted, accepted, receipts, awaited }: EsmeTally, count: number, seconds: number): string {
  const answered = `${accepted} accepted, ${sum(receipts.values())} receipts, ${awaited} to come`;
  return `${progressText("submitted", submitted, count, seconds)}, ${answered}`;
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
