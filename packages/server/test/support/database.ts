import { randomBytes } from "node:crypto";
import { createConnection } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { inject } from "vitest";
import { createPool } from "../../src/store/pool.ts";
import { type TestServer, urlOf, withDatabase } from "./server-connection.ts";

export interface TestDatabase {
  config: pg.ClientConfig;
  pool: pg.Pool;
  /** The same as `config`, for programs that a test starts (DATABASE_URL). */
  url: string;
  /** Closes `pool`, drops the database, and rejects if a connection to it was left open or not given back. */
  close(): Promise<void>;
}

let server: Promise<TestServer> | undefined;

/** A database of its own for a test file: a copy of the migrated template, made in about 40 ms. Close it in afterAll. */
export async function testDatabase(options: { max?: number } = {}): Promise<TestDatabase> {
  server ??= askForServer();
  const { connection, template, copying } = await server;
  const name = `test_${randomBytes(8).toString("hex")}`;
  const own = new pg.Client(connection);
  await own.connect();
  try {
    await own.query(`CREATE DATABASE ${name} TEMPLATE ${template} ${copying}`);
  } catch (error) {
    await own.end();
    throw error;
  }
  const config = withDatabase(connection, name);
  const pool = createPool(config, { max: options.max ?? 10, applicationName: "test" });
  const close = async () => {
    const held = pool.totalCount - pool.idleCount;
    if (held === 0) await pool.end();
    const leaked = await remainingConnections(own, name);
    await own.query(`DROP DATABASE ${name} WITH (FORCE)`).finally(() => own.end());
    if (held > 0) throw new Error(`${held} clients of the pool were not released`);
    if (leaked.length > 0) throw new Error(`connections were left open: ${leaked.join("; ")}`);
  };
  return { config, pool, url: urlOf(config), close };
}

/** What others still have open, once those that were closed had a second to go. */
async function remainingConnections(client: pg.Client, database: string): Promise<string[]> {
  const giveUpAt = Date.now() + 1000;
  for (;;) {
    const { rows } = await client.query<{ application_name: string; query: string }>(
      "SELECT application_name, query FROM pg_stat_activity WHERE datname = $1",
      [database],
    );
    if (rows.length === 0 || Date.now() > giveUpAt) {
      return rows.map(({ application_name, query }) => `${application_name || "unnamed"}, last: ${query}`);
    }
    await sleep(10);
  }
}

async function askForServer(): Promise<TestServer> {
  const answer = JSON.parse(await text(createConnection(inject("testServerSocket")))) as
    | TestServer
    | { failure: string };
  if ("failure" in answer) throw new Error(`no test server: ${answer.failure}`);
  return answer;
}
