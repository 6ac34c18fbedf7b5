import { afterAll, expect, test } from "vitest";
import { NOT_DUE } from "../../src/store/webhooks/leased-by.ts";
import { testDatabase } from "../support/database.ts";
import { type SmppProgram, startSmppProgram, submitOf } from "../support/smpp-program.ts";
import { until } from "../support/until.ts";

const database = await testDatabase();
afterAll(database.close);
const carriers = [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }];
const program = await startSmppProgram({ database, config: { carriers } });
afterAll(program.stop);
const other = await startSmppProgram({ database, config: { carriers, roles: ["api"] } });
afterAll(other.stop);

/** The commit of a try in vain waits for this lock, and puts the next try off for a day. */
const LOCK = 17;
await database.pool.query(`
CREATE FUNCTION put_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.leased_by = ${NOT_DUE} AND (TG_OP = 'INSERT' OR NEW.tries > OLD.tries) THEN
    PERFORM pg_advisory_xact_lock_shared(${LOCK});
    NEW.next_at := now() + interval '1 day';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER put_off BEFORE INSERT OR UPDATE ON webhook FOR EACH ROW EXECUTE FUNCTION put_off()`);

test.each<[string, SmppProgram]>([
  ["this program", program],
  ["another program", other],
])("a receipt comes at once although its customer binds at %s while a try in vain is recorded", async (_, bound) => {
  const { credential } = await program.account();
  const client = await database.pool.connect();
  await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
  const transmitter = await program.bound(credential, {}, "bind_transmitter");
  const { message_id } = await transmitter.ask("submit_sm", submitOf({ registered_delivery: 1 }));
  await until("the record of a try in vain", async () => {
    const text = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted";
    return (await database.pool.query({ text, values: [LOCK] })).rowCount === 1;
  });
  const receiver = await bound.bound(credential, {}, "bind_receiver");
  // With that the program makes due what waits in the store.
  await until("the store to know", async () => {
    return (await database.pool.query("SELECT FROM node WHERE receiver_endpoints <> '{}'")).rowCount === 1;
  });
  await client.query("SELECT pg_advisory_unlock($1)", [LOCK]);
  client.release();
  const receipt = await until("the receipt", () => receiver.delivered[0]);
  expect(receipt.tlvs.receipted_message_id).toBe(message_id);
  transmitter.end();
  receiver.end();
  await until("the store to know", async () => {
    return (await database.pool.query("SELECT FROM node WHERE receiver_endpoints <> '{}'")).rowCount === 0;
  });
});
