import { afterAll, expect, test } from "vitest";
import { Handset } from "../support/handset.ts";
import { startProgram } from "../support/program.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const program = await startProgram({ config: { carriers: [smsc.carrier()] } });
afterAll(program.stop);
const { pool } = program.database;
const number = "447700900801";
await program.api.as(program.organizationKey).request("POST", "/sender", { body: { value: number } });
const handset = new Handset(smsc, "447700900123");

/** The server process that waits to store a message, while nobody may. */
async function waiting(): Promise<number> {
  return until("a message that waits to be stored", async () => {
    const { rows } = await pool.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO inbound %'",
    );
    return rows[0]?.pid;
  });
}

test("a message is acknowledged to the carrier only once it is committed", async () => {
  const client = await pool.connect();
  await client.query("BEGIN; LOCK TABLE inbound IN ACCESS EXCLUSIVE MODE");
  let answered = false;
  const written = handset.write(number, "Hello").then((status) => {
    answered = true;
    return status;
  });
  await waiting();
  expect(answered).toBe(false);
  await client.query("COMMIT");
  client.release();
  expect(await written).toBe(0);
  expect((await pool.query("SELECT message FROM inbound")).rows).toEqual([{ message: "Hello" }]);
});

test("what cannot be stored is to be sent again by the carrier, and is then stored once", async () => {
  const client = await pool.connect();
  await client.query("BEGIN; LOCK TABLE inbound IN ACCESS EXCLUSIVE MODE");
  const written = handset.write(number, "Again");
  await pool.query("SELECT pg_terminate_backend($1)", [await waiting()]);
  expect(await written).toBe(0x64);
  await client.query("COMMIT");
  client.release();
  expect(await handset.write(number, "Again")).toBe(0);
  expect((await pool.query("SELECT FROM inbound WHERE message = 'Again'")).rowCount).toBe(1);
});
