import { afterAll, expect, test } from "vitest";
import { readSums } from "../../src/store/stats/read-sums.ts";
import { FIRST_ENDPOINTS, listEndpoints, MOST_WAITING } from "../../src/store/webhooks/endpoint-states.ts";
import { testDatabase } from "../support/database.ts";

const { pool, close } = await testDatabase();
afterAll(close);
await pool.query("INSERT INTO organization (identifier, name) VALUES (gen_random_uuid(), 'one')");
await pool.query("INSERT INTO account (identifier, organization_id, name) VALUES (gen_random_uuid(), 1, 'a')");
const mine = { accountId: 1, organizationId: 1 };

test("of more sums than an answer shows no more are read", async () => {
  await pool.query(
    `INSERT INTO stat (span, account_id, at, carrier, code, country, channel, accepted,
                       submitted, delivered, failed, parts, receipts, webhooks)
     SELECT 'M', 1, to_timestamp(n * 60), 0, -1, '', '', 1, 0, 0, 0, 1, '', '' FROM generate_series(0, 99) AS n`,
  );
  const asked = { span: "m", since: 0, until: 100 * 60_000, groups: [], ...mine } as const;
  expect({
    few: (await readSums(pool, asked, 10)).length,
    all: (await readSums(pool, asked, 1_000)).length,
  }).toEqual({ few: 10, all: 100 });
});

test("of an endpoint's webhooks no more are counted than is said", async () => {
  await pool.query(
    `INSERT INTO webhook (account_id, id, state, next_at, url, endpoint, tries, leased_by)
     SELECT 1, gen_random_uuid(), 0, now(), 'http://127.0.0.1:9/', e, 0, 0
     FROM unnest(ARRAY[1, 2], ARRAY[3, $1 + 1]) AS w (e, count) CROSS JOIN LATERAL generate_series(1, w.count)`,
    [MOST_WAITING],
  );
  await pool.query(
    `INSERT INTO endpoint_state (account_id, endpoint, origin, state, since, last_at)
     SELECT 1, e, 'http://127.0.0.1:9', 1, now(), now() FROM unnest(ARRAY[1, 2]) AS e`,
  );
  const endpoints = await listEndpoints(pool, mine, FIRST_ENDPOINTS, 10);
  expect(endpoints.map(({ waiting }) => waiting)).toEqual([3, MOST_WAITING]);
});
