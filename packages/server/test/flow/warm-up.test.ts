import { expect, test } from "vitest";
import { startProgram } from "../support/program.ts";

test("the warm-up before the port opens runs to its end, sends nothing, and leaves nothing in the store", async () => {
  const program = await startProgram({ config: { log: { level: "debug" } } });
  const { stdout, stderr } = program.output();
  expect(stdout + stderr).not.toContain("broken off");
  const { rows } = await program.database.pool.query(
    `SELECT (SELECT count(*) FROM message_bundle) + (SELECT count(*) FROM message) + (SELECT count(*) FROM webhook)
            + (SELECT count(*) FROM batch) + (SELECT count(*) FROM batch_count) + (SELECT count(*) FROM parked_receipt)
            + (SELECT count(*) FROM shared_lock) AS rows`,
  );
  expect(rows).toEqual([{ rows: 0 }]);
  await program.stop();
});
