import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { Written } from "./figures.ts";
import { cpuOf, endWithUs, family, type Memory, memoryOf } from "./processes.ts";

const CHECKOUT = fileURLToPath(new URL("../../../..", import.meta.url));
const ACCOUNT_KEY = "0123456789abcdef0123456789abcdef";
const ORGANIZATION_KEY = "fedcba9876543210fedcba9876543210";
const START_MS = 30_000;

/** Messaging Plus under load: on an embedded database of its own in a fresh folder, bound to loopback alone. */
export class Program {
  readonly folder: string;
  readonly key = ACCOUNT_KEY;
  readonly organizationKey = ORGANIZATION_KEY;
  port = 0;
  #child: ChildProcess | undefined;
  readonly #smscPort: number;
  readonly #settings: Record<string, unknown>;
  readonly #node: string;
  readonly #mplus: string;

  /**
   * @param node the Node.js that runs it
   * @param checkout the checkout of the repository whose build it is
   */
  constructor(
    smscPort: number,
    settings: Record<string, unknown> = {},
    node = process.execPath,
    checkout: string = CHECKOUT,
  ) {
    this.folder = mkdtempSync(join(tmpdir(), "mplus-bench-"));
    // Where root runs this, the database has a user of its own, who must be able to reach it.
    chmodSync(this.folder, 0o755);
    this.#smscPort = smscPort;
    this.#settings = settings;
    this.#node = node;
    this.#mplus = join(checkout, "packages/server/bin/mplus.js");
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async start(): Promise<this> {
    const config = {
      server: { port: 0 },
      network: "loopback",
      dataDir: this.folder,
      accountKey: ACCOUNT_KEY,
      organizationKey: ORGANIZATION_KEY,
      log: { level: "warn" },
      callbacks: { allowPrivateAddresses: true },
      // A bind for each engine.
      carriers: [{ ...carrierAt(this.#smscPort), binds: this.#settings.engines ?? 1 }],
      ...this.#settings,
    };
    const file = join(this.folder, "config.json");
    writeFileSync(file, JSON.stringify(config));
    // As `npm start` runs it. For a profile: BENCH_NODE_ARGS="--cpu-prof --cpu-prof-dir=…".
    const nodeArgs = (process.env.BENCH_NODE_ARGS ?? "").split(" ").filter((arg) => arg !== "");
    const args = [
      "--max-semi-space-size=16",
      "--max-old-space-size=512",
      ...nodeArgs,
      this.#mplus,
      "serve",
      "--config",
      file,
    ];
    const child = spawn(this.#node, args, { stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    endWithUs(child);
    let said = "";
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`not ready: ${said}`)), START_MS);
      child.once("exit", (code) => reject(new Error(`ended with ${code}: ${said}`)));
      child.stdout!.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        const port = /127\.0\.0\.1:(\d+)/.exec(said)?.[1];
        if (port === undefined) return;
        this.port = Number(port);
        clearTimeout(limit);
        resolve();
      });
    });
    return this;
  }

  /** The key of another account. */
  async otherAccount(): Promise<string> {
    const { apiKey } = (await this.organize("POST", "/account", { name: "other" })) as { apiKey: string };
    return apiKey;
  }

  /** The answer to a request with the organization's key. */
  async organize(method: "GET" | "POST", path: string, body?: object): Promise<unknown> {
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`http://127.0.0.1:${this.port}${path}?key=${ORGANIZATION_KEY}`, init);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return response.json();
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGTERM");
    await gone;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** CPU time so far by kind of process, in µs. */
  cpu(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const { pid, name } of family(this.pid, this.folder)) sums[name] = (sums[name] ?? 0) + cpuOf(pid);
    return sums;
  }

  /** Memory of the Node processes in all. */
  nodeMemory(): Memory {
    return family(this.pid, this.folder)
      .filter(({ name }) => name !== "postgres")
      .map(({ pid }) => memoryOf(pid))
      .reduce((sum, each) => ({
        resident: sum.resident + each.resident,
        proportional: sum.proportional + each.proportional,
      }));
  }

  /**
   * What the embedded database has written so far. By the end of the log and the next transaction number, which are
   * exact at once: the statistics (pg_stat_wal, pg_stat_database) lag by up to ten seconds.
   */
  async written(): Promise<Written> {
    const [row] = await this.query<{ bytes: string; commits: string }>(
      `SELECT pg_current_wal_insert_lsn() - '0/0' AS bytes, pg_snapshot_xmax(pg_current_snapshot()) AS commits`,
    );
    return { bytes: Number(row!.bytes), commits: Number(row!.commits) };
  }

  /** Rows of a query to the embedded database. */
  async query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ host: this.socket, user: "mplus", database: "mplus" });
    await client.connect();
    try {
      return (await client.query(text, values)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  /** The embedded database's socket folder. */
  get socket(): string {
    const lines = readFileSync(join(this.folder, "postgres/data/postmaster.pid"), "utf8").split("\n");
    return lines[4] as string;
  }

  /** How another program reaches the embedded database. */
  get url(): string {
    return `postgres://mplus@/mplus?host=${encodeURIComponent(this.socket)}`;
  }
}

/** What a program's configuration says of an SMSC of loopback. */
export function carrierAt(port: number, window = 1_000): Record<string, unknown> {
  return { id: "bench", type: "smpp", host: "127.0.0.1", port, systemId: "bench", window };
}
