import { afterAll, expect, test } from "vitest";
import { endpointNumber } from "../../src/message/endpoint.ts";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { smppUrl } from "../../src/message/smpp-origin.ts";
import { enterNode, tellReceivers } from "../../src/store/nodes.ts";
import { testDatabase } from "../support/database.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const database = await testDatabase();
afterAll(database.close);
const { pool } = database;
const web = await receiver();
afterAll(web.close);

const ACCOUNT = 1;

/** The webhook of a handset's text, due now, after three tries. */
async function due(url: string, origin: string): Promise<string> {
  const id = messageId(newBatchId(Date.now()), 1);
  await pool.query(
    `INSERT INTO webhook (id, next_at, account_id, leased_by, endpoint, tries, url, kind, body, attempts)
     VALUES ($1, now(), $2, 0, $3, 3, $4, 'i', '{}', '{"{}","{}","{}"}')`,
    [id, ACCOUNT, endpointNumber(ACCOUNT, origin), url],
  );
  return id;
}

test("a program that starts leaves a customer who is bound to another what is his", async () => {
  const smpp = smppUrl("bank");
  const other = await enterNode(pool, "another", 1);
  await tellReceivers(pool, other, [{ accountId: ACCOUNT, endpoint: endpointNumber(ACCOUNT, smpp) }]);
  await pool.query("UPDATE node SET heartbeat_at = now() + interval '1 hour' WHERE id = $1", [other]);
  const his = await due(smpp, smpp);
  const url = web.url("/inbound");
  const told = await due(url, new URL(url).origin);
  const program = await startProgram({ database, config: { callbacks: { allowPrivateAddresses: true } } });
  await web.waitFor("/inbound", 1);
  const tries = async (id: string): Promise<number | undefined> => {
    const { rows } = await pool.query<{ tries: number }>("SELECT tries FROM webhook WHERE id = $1", [id]);
    return rows[0]?.tries;
  };
  // Claimed at once with it, a try in vain would be recorded no later: nobody is asked.
  await until("the record of the other's try", async () => (await tries(told)) === 4);
  expect(await tries(his)).toBe(3);
  await program.stop();
});
