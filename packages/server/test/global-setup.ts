import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { type EmbeddedDatabase, startEmbedded } from "../src/store/embedded/embedded.ts";
import { isRunning, readPostmasterFile } from "../src/store/embedded/postmaster-file.ts";
import { MIGRATIONS, migrate } from "../src/store/upkeep/migrate.ts";
import { type TestServer, withDatabase } from "./support/server-connection.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A socket that answers every connection with a TestServer as JSON, or with `{failure}`. */
    testServerSocket: string;
  }
}

const FOLDER = /^mplus-test-(\d+)-/;

/**
 * One PostgreSQL for the whole run, started when the first test file asks for it: those that need none do not wait.
 * MPLUS_TEST_DATABASE_URL names another server to use, in which databases may be made.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers();
  const folder = await mkdtemp(join(tmpdir(), `mplus-test-${process.pid}-`));
  await chmod(folder, 0o755);
  let embedded: Promise<EmbeddedDatabase> | undefined;
  let ready: Promise<TestServer> | undefined;
  let endServer = (): unknown => undefined;
  const start = async (): Promise<TestServer> => {
    const url = process.env.MPLUS_TEST_DATABASE_URL;
    if (url !== undefined) return { ...(await prepareTemplate({ connectionString: url })), copying: "" };
    // A crash of this server ends the run. Every copy of a database begins with a checkpoint, after which all would write whole
    // pages, and in every naptime autovacuum visits each database.
    const settings = { fsync: "off", full_page_writes: "off", autovacuum_naptime: "60s", max_connections: "300" };
    embedded = startEmbedded({ dataDir: folder, log: () => {}, settings });
    // 40 ms instead of 120, as long as nothing is flushed; PostgreSQL 15 and later.
    const { pid, connection } = await embedded;
    endServer = () => process.kill(pid, "SIGQUIT");
    // A run that is interrupted ends without its teardown.
    process.once("exit", endServer);
    return { ...(await prepareTemplate(connection)), copying: "STRATEGY file_copy" };
  };
  const socket = join(folder, "ask");
  const server = createServer((caller) => {
    caller.on("error", () => {});
    ready ??= start();
    ready.then(
      (testServer) => caller.end(JSON.stringify(testServer)),
      (error: Error) => caller.end(JSON.stringify({ failure: error.message })),
    );
  });
  await new Promise<void>((listening) => server.listen(socket, listening));
  project.provide("testServerSocket", socket);
  return async () => {
    await new Promise((closed) => server.close(closed));
    const testServer = await ready?.catch(() => undefined);
    if (testServer !== undefined) await dropTemplate(testServer);
    process.off("exit", endServer);
    await (await embedded?.catch(() => undefined))?.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

async function prepareTemplate(connection: pg.ClientConfig): Promise<Omit<TestServer, "copying">> {
  const template = `mplus_template_${process.pid}_${Date.now().toString(36)}`;
  await query(connection, `CREATE DATABASE ${template}`);
  await migrate(withDatabase(connection, template), MIGRATIONS, () => {});
  return { connection, template };
}

async function dropTemplate({ connection, template }: TestServer): Promise<void> {
  await query(connection, `DROP DATABASE IF EXISTS ${template}`);
}

async function query(connection: pg.ClientConfig, sql: string): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** The folders of runs that were killed, and their servers, which outlived them. Another user's are that user's. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const runner = Number(FOLDER.exec(name)?.[1]);
    if (runner > 0 && !isRunning(runner)) await removeLeftover(join(tmpdir(), name)).catch(() => {});
  }
}

async function removeLeftover(folder: string): Promise<void> {
  const found = await readPostmasterFile(join(folder, "postgres", "data"));
  if (found.state === "running") process.kill(found.pid, "SIGQUIT");
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
