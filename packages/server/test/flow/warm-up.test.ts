import { expect, test } from "vitest";
import { startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

test("each process warms up before its port opens, sends nothing, and leaves nothing in the store", async () => {
  const program = await startProgram({ config: { server: { workers: 2 }, log: { level: "debug", format: "json" } } });
  const done = () =>
    program
      .output()
      .stderr.split("\n")
      .filter((line) => line.includes("warm"))
      .map((line) => JSON.parse(line) as { process: string; msg: string; requests: number; connections: number })
      .map(({ process, msg, requests, connections }) => ({ process, msg, requests, connections }))
      .sort((left, right) => (left.process < right.process ? -1 : 1));
  await until("the log to tell of it", () => done().length === 3);
  expect(done()).toEqual([
    { process: "api-1", msg: "warmed up", requests: 200, connections: 3 },
    { process: "api-2", msg: "warmed up", requests: 200, connections: 3 },
    { process: "engine", msg: "warmed up", requests: 0, connections: 3 },
  ]);
  const { rows } = await program.database.pool.query(
    `SELECT (SELECT count(*) FROM message_bundle) + (SELECT count(*) FROM message) + (SELECT count(*) FROM webhook)
            + (SELECT count(*) FROM batch) + (SELECT count(*) FROM batch_count) + (SELECT count(*) FROM parked_receipt)
            + (SELECT count(*) FROM shared_lock) + (SELECT count(*) FROM webhook_bundle)
            + (SELECT count(*) FROM stat_flush) AS rows`,
  );
  expect(rows).toEqual([{ rows: 0 }]);
  await program.stop();
});
