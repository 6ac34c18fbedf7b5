import { afterAll, expect, test } from "vitest";
import { addOptOuts } from "../../src/store/handsets/opt-outs.ts";
import { mplus } from "../support/mplus.ts";
import { testOrganization } from "../support/organization.ts";
import { newKey, startProgram } from "../support/program.ts";

const operatorKey = newKey();
const program = await startProgram({ config: { operatorKey } });
afterAll(program.stop);
const operator = program.api.as(operatorKey);
const { pool } = program.database;

interface OptOuts {
  items: { account_uuid: string; number: string; at: string }[];
}

test("an organization sees which of its accounts a handset has opted out of, and takes it back with a trace", async () => {
  const { api } = await testOrganization(operator);
  const { body: made } = await api.request<{ identifier: string }>("POST", "/account", { body: { name: "a" } });
  const { rows } = await pool.query<{ id: number; mine: boolean }>(
    "SELECT id, identifier = $1 AS mine FROM account ORDER BY id",
    [made.identifier],
  );
  // Another organization's account too.
  const handset = "447700900123";
  const ids = rows.filter(({ mine }, index) => mine || index === 0).map(({ id }) => id);
  await addOptOuts(
    pool,
    ids.map((accountId) => ({ accountId, handset })),
  );
  const list = async (query: string) => (await api.request<OptOuts>("GET", `/opt-outs${query}`)).body.items;
  for (const number of [handset, `+${handset}`, `%2B${handset}`]) {
    expect(await list(`?number=${number}`)).toMatchObject([{ account_uuid: made.identifier, number: `+${handset}` }]);
  }
  expect(await list("?number=447700900124")).toEqual([]);
  for (const query of ["", "?number=x", "?number=&limit=1"]) {
    expect((await api.request("GET", `/opt-outs${query}`)).status).toBe(400);
  }
  const options = ["--url", program.url, "--key", api.key];
  expect((await mplus(["optouts", handset, ...options])).stdout).toContain(made.identifier);
  const removed = await mplus(["optouts", handset, "--delete", "--yes", "--json", ...options]);
  expect({ code: removed.code, said: JSON.parse(removed.stdout) }).toEqual({
    code: 0,
    said: { accounts: 1 },
  });
  expect(await list(`?number=${handset}`)).toEqual([]);
  const again = await api.request("DELETE", `/opt-outs/${handset}`);
  expect({ status: again.status, body: again.body }).toEqual({
    status: 200,
    body: { number: `+${handset}`, accounts: 0 },
  });
  const { body } = await api.request<{ items: object[] }>("GET", "/audit?limit=2");
  // What changed nothing is no change.
  expect(body.items).toMatchObject([{ action: "opt-out.delete", object: "*0123" }, { action: "account.create" }]);
  const left = await pool.query("SELECT count(*)::int AS count FROM opt_out");
  expect(left.rows).toEqual([{ count: ids.length - 1 }]);
});
