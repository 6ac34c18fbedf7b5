/** graphile-worker with batched fetching and completion; attempts are inserted many at once. */
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import pg from "pg";
import { deliver, drive, fresh, task } from "./delivery.mjs";

const CHUNK = 5_000;
const pgPool = new pg.Pool({ ...task.postgres, max: 10 });
pgPool.on("error", (error) => console.error(error));
pgPool.on("connect", (client) => client.on("error", (error) => console.error(error)));
const schema = fresh();
const attempts = `${schema}.attempt`;
const logger = new Logger(() => () => {});
let recorded = 0;

/** One insert at a time, of all that came meanwhile. */
const line = [];
let inserting = false;
function record(id, attempt) {
  return new Promise((resolve, reject) => {
    line.push({ id, attempt: JSON.stringify(attempt), resolve, reject });
    if (!inserting) void flush();
  });
}
async function flush() {
  inserting = true;
  while (line.length > 0) {
    const rows = line.splice(0, 1_000);
    const text = `INSERT INTO ${attempts} SELECT * FROM unnest($1::uuid[], $2::text[])`;
    const values = [rows.map(({ id }) => id), rows.map(({ attempt }) => attempt)];
    await pgPool.query({ name: "attempts", text, values }).then(
      () => rows.forEach(({ resolve }) => void resolve(undefined)),
      (error) => rows.forEach(({ reject }) => void reject(error)),
    );
    recorded += rows.length;
  }
  inserting = false;
}

await drive({
  async fill(webhooks) {
    const utils = await makeWorkerUtils({ pgPool, schema, logger });
    await utils.migrate();
    await pgPool.query(`CREATE TABLE ${attempts} (webhook uuid NOT NULL, attempt text NOT NULL)`);
    for (let from = 0; from < webhooks.length; from += CHUNK) {
      const chunk = webhooks.slice(from, from + CHUNK);
      await utils.addJobs(chunk.map((payload) => ({ identifier: "deliver", payload, maxAttempts: 6 })));
    }
    await utils.release();
    await pgPool.query(`VACUUM ANALYZE ${schema}._private_jobs`);
  },
  async drain() {
    const taskList = { deliver: async (webhook) => record(webhook.id, await deliver(webhook)) };
    const worker = {
      concurrentJobs: task.concurrency,
      localQueue: { size: 2 * task.concurrency },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
      schema,
      logger,
    };
    const runner = await run({ pgPool, taskList, noHandleSignals: true, preset: { worker } });
    while (recorded < task.count) await new Promise((resolve) => setTimeout(resolve, 5));
    await runner.stop();
    const { rows } = await pgPool.query(`SELECT count(*)::int AS left FROM ${schema}._private_jobs`);
    if (rows[0].left !== 0) throw new Error(`${rows[0].left} jobs are left`);
    await pgPool.query(`DROP SCHEMA ${schema} CASCADE`);
  },
});
