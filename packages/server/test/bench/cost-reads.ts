/** The cost of the dearest reads, of a store that has something of everything. */
import {
  ask,
  end,
  fresh,
  from,
  measure,
  measureConnections,
  measureMemory,
  OPERATOR_KEY,
  post,
  program,
} from "./cost-rig.js";

const callback = `http://127.0.0.1:1/${"a".repeat(1_900)}`;
const messages = Array.from({ length: 1_000 }, (_, index) => {
  return { from, to: `4477009${10_000 + index}`, body: "é\n".repeat(765), callback };
});

/** Of a day of a busy account: 40 sums a minute. */
const SUMS = `
INSERT INTO stat (span, account_id, at, carrier, code, country, channel, accepted, submitted, delivered, failed, parts,
                  receipts, webhooks)
SELECT 'm', 1, date_trunc('minute', now()) - m * interval '1 minute', 1, c % 2, 'C' || c / 2, 'sms', 9, 9, 9, 0, 9, '3:4,5:5', ''
FROM generate_series(1, 1490) AS m, generate_series(0, 39) AS c`;

/** A thousand endpoints that fail, with 200 webhooks each. */
const ENDPOINTS = `
WITH states AS (
  INSERT INTO endpoint_state (account_id, endpoint, origin, state, since, last_at)
  SELECT 1, e, 'http://127.0.0.1:' || e, 1, now(), now() FROM generate_series(1, 1000) AS e
)
INSERT INTO webhook (account_id, id, state, next_at, url, endpoint, tries, leased_by)
SELECT 1, gen_random_uuid(), 0, now() + interval '1 day', 'http://127.0.0.1:9/', e, 0, -2
FROM generate_series(1, 1000) AS e, generate_series(1, 200) AS w`;

const AUDIT = `
INSERT INTO audit (organization_id, key, action, object)
SELECT id, 'operator', 'account.change', gen_random_uuid() FROM organization, generate_series(1, 2000)`;

export async function measureReads(): Promise<void> {
  const csv = () => `GET /message?format=csv&key=${program.key} HTTP/1.1\r\nhost: a\r\n\r\n`;
  await measureConnections("GET /message as CSV that nobody reads", csv, { count: 300, prepare: fill });
  await measureMemory("memory: GET /message, a page of the longest texts", async () => {
    await fill();
    return { path: "/message?limit=1000" };
  });
  await measureMemory("memory: GET /message as CSV, 5,000 of the longest texts", async () => {
    await fill();
    return { path: "/message?format=csv" };
  });
  await fresh();
  await fill();
  const batch = {
    ...{ from: "MyShop", message: "x" },
    destinations: Array.from({ length: 100_000 }, (_, index) => `4477${10_000_000 + index}`),
  };
  await ask(post("/batch", JSON.stringify(batch)));
  await program.query(SUMS);
  await program.query(ENDPOINTS);
  await program.query(AUDIT);
  const organization = { key: program.organizationKey };
  const [found] = (JSON.parse((await ask({ path: "/message?limit=1" })).text) as { items: { message_uuid: string }[] })
    .items;
  await measure("GET /message, a page", { path: "/message?limit=1000" });
  await measure("GET /message, a page, organization", { path: "/message?limit=1000", ...organization });
  await measure("GET /message by the end of a number", { path: "/message?to=*999999" });
  await measure("GET /message from nobody", { path: "/message?from=Nobody" });
  await measure("GET /message/{uuid}", { path: `/message/${found?.message_uuid}` });
  await measure("GET /message as CSV, all", { path: "/message?format=csv" });
  await measure("HEAD /message as CSV, all", { path: "/message?format=csv", method: "HEAD" });
  await measure("GET /batch?all, a page", { path: "/batch?all=true&limit=1000" });
  const groups = "group=account,carrier,country,channel,code";
  await measure("GET /stats, 20,000 items", { path: `/stats?by=minute&${groups}&since=${ago(490)}` });
  await measure("GET /stats, 60,000 sums, refused", { path: `/stats?by=minute&${groups}&since=${ago(1_490)}` });
  await measure("GET /stats, 60,000 sums in 1,490", { path: `/stats?by=minute&since=${ago(1_490)}` });
  await measure("GET /endpoints, a page", { path: "/endpoints?limit=1000" });
  await measure("GET /webhooks, a page", { path: "/webhooks?limit=1000" });
  await measure("GET /audit, a page", { path: "/audit?limit=1000", ...organization });
  await measure("GET /opt-outs", { path: "/opt-outs?number=447700900123", ...organization });
  await measure("GET /me", { path: "/me" });
  await measure("GET /carriers", { path: "/carriers", key: OPERATOR_KEY });
  await measure("GET /route", { path: "/route?to=447700900123", key: OPERATOR_KEY });
  await end();
}

async function fill(): Promise<void> {
  for (let request = 0; request < 5; request++) await ask(post("/message", JSON.stringify({ messages })));
  // Messages under way would count for the request that is measured.
  const isDone = async () => (await program.query("SELECT FROM message WHERE state < 2 LIMIT 1")).length === 0;
  for (let look = 0; look < 600 && !(await isDone()); look++) await new Promise((resolve) => setTimeout(resolve, 100));
}

function ago(minutes: number): string {
  return `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 16)}Z`;
}
