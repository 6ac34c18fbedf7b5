import { Esme } from "./esme.ts";
import { machine, median, percentile, perMessage, perSecond, say } from "./figures.ts";
import { Kannel, kannelRound } from "./kannel.ts";
import { freePort } from "./ports.ts";
import { Side } from "./side.ts";

interface Credential {
  system_id: string;
  password: string;
}

const CONNECTIONS = 32;
const WARM_UP = 20_000;
/** Ways of a customer's software to bind. */
const WAYS = [
  { name: "1 bind, window 100", binds: 1, window: 100, registered: 1 },
  { name: "8 binds, window 50", binds: 8, window: 50, registered: 1 },
  { name: "1 bind, window 100, no receipts", binds: 1, window: 100, registered: 0 },
] as const;

/**
 * Messages of a customer over SMPP, from the submit_sm to the answered deliver_sm of the receipt, in turn with single
 * messages over HTTP and with Kannel; then the latency at 1,000 a second.
 */
export async function smpp(rounds: number, scale: number): Promise<void> {
  const count = Math.round(80_000 * scale);
  const rates = new Map<string, number[]>();
  const add = (name: string, rate: number): void => void rates.set(name, [...(rates.get(name) ?? []), rate]);
  for (let round = 1; round <= rounds; round++) {
    say(`  round ${round}; ${machine()}`);
    if (Kannel.isInstalled) add("Kannel", await kannelRound(Math.round(20_000 * scale), CONNECTIONS));
    const side = await new CustomerSide().start();
    add("HTTP singles", await side.measured("HTTP singles", count, () => side.side.singles(count)));
    for (const way of WAYS) {
      const esme = await side.esme(way);
      add(way.name, await side.measured(way.name, count, () => side.submit(esme, count, way.registered)));
      esme.close();
    }
    await side.stop();
  }
  const [kannel, http] = ["Kannel", "HTTP singles"].map((name) => median(rates.get(name) ?? []));
  for (const [name, values] of rates) {
    const ratios = `${(median(values) / http!).toFixed(2)} × HTTP, ${(median(values) / kannel!).toFixed(2)} × Kannel`;
    say(`  ${name}: median ${median(values)} a second (${values.join(", ")}), ${ratios}`);
  }
  await latency(Math.round(20_000 * scale));
}

/** Open loop at 1,000 a second over two binds, timed from the planned moment. */
async function latency(count: number): Promise<void> {
  const customer = await new CustomerSide().start(["sent"]);
  const esme = await customer.esme({ binds: 2, window: 1_000, registered: 1 }, true);
  const answers = await esme.openLoop(1_000, count, () => customer.number());
  await esme.arrived(count);
  const sent = await customer.side.smsc.times("sent");
  const ways = [...esme.arrivals].map(([number, at]) => at - (sent.get(number) ?? Number.NaN));
  const line = (values: number[]) =>
    `p50 ${percentile(values, 0.5).toFixed(1)}, p99 ${percentile(values, 0.99).toFixed(1)}, worst ${percentile(values, 1).toFixed(1)} ms`;
  say(`  submit_sm_resp: ${line(answers)}; in the first second ${line(answers.slice(0, 1_000))}`);
  say(`  receipt to deliver_sm: ${line(ways)}`);
  esme.close();
  customer.count(esme, count, 1);
  await customer.stop();
}

/** A program that customers bind to, between its far ends, warmed up for both ways in. */
class CustomerSide {
  readonly side = new Side();
  readonly #told = { told: 0, untold: 0, repeats: 0 };
  #port = 0;
  #credential: Credential | undefined;
  #next = 0;

  /** @param smsc the SMSC's mode */
  async start(smsc: string[] = []): Promise<this> {
    this.#port = await freePort();
    await this.side.start({ smsc, settings: { smpp: { port: this.#port } } });
    const { program } = this.side;
    const { accounts } = (await program.organize("GET", "/account")) as { accounts: { identifier: string }[] };
    const path = `/account/${accounts[0]!.identifier}/smpp`;
    this.#credential = (await program.organize("POST", path, { binds: 8, window: 1_000 })) as Credential;
    const esme = await this.esme({ binds: 1, window: 100, registered: 1 });
    await this.submit(esme, WARM_UP, 1);
    esme.close();
    return this;
  }

  esme(way: { binds: number; window: number; registered: 0 | 1 }, arrivals = false): Promise<Esme> {
    const { system_id: systemId, password } = this.#credential!;
    return new Esme({ port: this.#port, systemId, password, ...way, arrivals }).bind();
  }

  /** Numbers that no other message of the run has. */
  number(): string {
    return String(447_800_000_000 + this.#next++);
  }

  /** Resolves when their receipts have come, or where none was asked for, when the carrier has sent its own. */
  async submit(esme: Esme, count: number, registered: 0 | 1): Promise<void> {
    const before = (await this.side.smsc.counts()).receipts!;
    await esme.closedLoop(count, () => this.number());
    if (registered === 1) await esme.arrived(count);
    else while ((await this.side.smsc.counts()).receipts! < before + count) await new Promise(setImmediate);
    this.count(esme, count, registered);
  }

  count(esme: Esme, count: number, registered: 0 | 1): void {
    this.#told[registered === 1 ? "told" : "untold"] += count;
    this.#told.repeats += esme.repeats;
  }

  async measured(name: string, count: number, run: () => Promise<void>): Promise<number> {
    const before = this.side.cpu();
    const rate = await perSecond(count, run);
    say(`    ${name}: ${rate} a second; ${perMessage(before, this.side.cpu(), count)}`);
    return rate;
  }

  stop(): Promise<void> {
    return this.side.stop(this.#told);
  }
}
