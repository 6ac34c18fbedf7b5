import pg from "pg";
import { messageDays } from "../../dist/store/upkeep/day-indexes.js";
import { ensurePartitions } from "../../dist/store/upkeep/partitions.js";
import { percentile, say } from "./figures.ts";
import { singleId } from "./history.ts";
import { openLoop } from "./load.ts";
import type { Program } from "./program.ts";
import { Side } from "./side.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 30;
/** Accounts; the first three have all but one message in a thousand. */
const ACCOUNTS = 1_000;
const RATE = 500;
/** Times that each search is asked. */
const TIMES = 60;
const CSV_ROWS = 1_000_000;

/** One in 20 failed, one in 5,000 with a code of its own, by a carrier of its own, and from a sender of its own. */
async function fillDay(pool: pg.Pool, name: string, day: number, count: number, first: number): Promise<void> {
  await pool.query({
    text: `
INSERT INTO ${name} (id, expires_at, final_at, destination, account_id, leased_by, endpoint, state, parts, carrier, code, sender,
                     body, callback, carrier_message_id, events, submitted_at)
SELECT ${singleId("$1::float8 + n * $2::float8")}, to_timestamp($1 / 1000) + interval '3 days', to_timestamp(($1 + n * $2) / 1000),
       447700000000 + (n::bigint * 7919 + $4) % 10000000,
       CASE WHEN n % 1000 = 999 THEN 4 + (n / 1000) % ($5 - 3) ELSE 1 + n % 3 END, 0, 1,
       CASE WHEN n % 20 = 0 OR n % 5000 = 1 THEN 3 ELSE 2 END, 1, CASE WHEN n % 5000 = 2 THEN 3 WHEN n % 20 = 1 THEN 2 ELSE 1 END,
       CASE WHEN n % 5000 = 1 THEN 98 WHEN n % 20 = 0 THEN 67 ELSE 0 END, CASE WHEN n % 5000 = 3 THEN 'Rare' ELSE 'Shop' END,
       'Your code is ' || n, 'http://127.0.0.1:8090/', 'h' || to_hex(n + $4),
       E's' || 'mh8f0a1c' || E'\\t2\\nDmh8f0bcd\\t2611230900\\t', extract(epoch FROM to_timestamp(($1 + n * $2) / 1000))
FROM generate_series(0, $3::int - 1) n`,
    values: [day, DAY_MS / count, count, first, ACCOUNTS],
  });
}

/** The sums of those days of ten accounts, with two countries, three codes and two carriers. */
async function fillSums(pool: pg.Pool, begin: number): Promise<void> {
  await pool.query({
    text: `
WITH spans AS (
  SELECT * FROM (VALUES ('h', interval '1 hour', 24 * ${DAYS}), ('d', interval '1 day', ${DAYS})) AS s (span, step, steps)
), groups AS (
  SELECT false AS total, carrier, code, country, 'sms' AS channel
  FROM unnest(ARRAY[1, 2]) carrier, unnest(ARRAY[0, 67, 98]) code, unnest(ARRAY['GB', 'DE']) country
  UNION ALL SELECT true, 0, -1, '', ''
)
INSERT INTO stat (span, account_id, at, accepted, submitted, delivered, failed, parts, carrier, code, country, channel, receipts, webhooks)
SELECT (CASE WHEN total THEN upper(span) ELSE span END)::"char", owner, to_timestamp($1::float8 / 1000) + step * t,
       100, 100, 95, 5, 100, carrier, code, country, channel,
       '30:2,31:9,32:40,33:30,34:9,35:4,36:1', '3:20,4:40,5:30,6:5,12:1'
FROM spans, LATERAL generate_series(0, steps - 1) t, generate_series(-1, 10) owner, groups
ON CONFLICT DO NOTHING`,
    values: [begin],
  });
  await pool.query("VACUUM (ANALYZE) stat");
}

/** Which searches of how many messages take how long, while messages go through; and a CSV. */
export async function find(messages: number): Promise<void> {
  const side = await new Side().start({ smsc: ["delay=2000"] });
  const { program } = side;
  const connect = () => new pg.Pool({ host: program.socket, user: "mplus", database: "mplus", max: 1 });
  const pool = connect();
  const midnight = Date.now() - (Date.now() % DAY_MS);
  const begin = midnight - DAYS * DAY_MS;
  await pool.query(
    `INSERT INTO account (identifier, organization_id, name) SELECT gen_random_uuid(), 1, 'a' || n
     FROM generate_series(1, ${ACCOUNTS} - (SELECT count(*) FROM account)) n`,
  );
  await pool.query("INSERT INTO carrier (id) VALUES ('second'), ('third') ON CONFLICT DO NOTHING");
  await ensurePartitions(pool, begin, midnight);
  const perDay = Math.ceil(messages / DAYS);
  const days = (await messageDays(pool)).filter(({ day }) => day >= begin && day < midnight);
  const filled = performance.now();
  for (const { name, day } of days) await fillDay(pool, name, day, perDay, ((day - begin) / DAY_MS) * perDay);
  await fillSums(pool, begin);
  say(`  ${perDay * DAYS} messages made in ${Math.round((performance.now() - filled) / 1_000)} s`);
  await pool.query("VACUUM (ANALYZE) message");
  await pool.end();
  // The indexes of days that are over are made at the start.
  await program.stop();
  const indexing = performance.now();
  await program.start();
  const again = connect();
  // A day gets its indexes an hour after its end.
  const isOver = ({ day }: { day: number }) => day + DAY_MS + HOUR_MS < Date.now();
  while ((await messageDays(again)).some((each) => isOver(each) && !each.indexed)) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  say(`  their days indexed in ${Math.round((performance.now() - indexing) / 1_000)} s`);
  await again.end();

  const load = openLoop(program.port, RATE, RATE * 120, () => side.single());
  await searches(program, begin, midnight);
  await csv(program);
  await load;
  await side.arrived();
  await side.stop();
}

async function searches(program: Program, begin: number, end: number): Promise<void> {
  const get = async <Body>(path: string, key: string): Promise<Body> => {
    const asked = `${path}${path.includes("?") ? "&" : "?"}key=${key}`;
    const response = await fetch(`http://127.0.0.1:${program.port}${asked}`);
    if (response.status !== 200) throw new Error(`void: ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Body;
  };
  const { key, organizationKey } = program;
  const somewhere = () => new Date(begin + DAY_MS + Math.random() * (end - begin - DAY_MS)).toISOString();
  const number = () => 447_700_000_000 + Math.floor(Math.random() * 10_000_000);
  const { items } = await get<{ items: { message_uuid: string }[] }>("/message?limit=1000", key);
  const span = `since=${new Date(begin).toISOString()}&until=${new Date(end).toISOString()}&by=hour`;
  const ways: Record<string, () => [string, string]> = {
    "a number": () => [`/message?to=${number()}`, key],
    "a number that is nobody's": () => [`/message?to=${number() + 100_000_000_000}`, key],
    "six digits, an organization's": () => [`/message?to=*${String(number()).slice(-6)}`, organizationKey],
    "the newest": () => ["/message", key],
    "failed, anywhere": () => [`/message?state=failed&until=${somewhere()}`, key],
    "a usual code, anywhere": () => [`/message?code=43&until=${somewhere()}`, key],
    "a rare code, anywhere": () => [`/message?code=62&until=${somewhere()}`, organizationKey],
    "a code that nobody has": () => ["/message?code=51", organizationKey],
    "a rare carrier, anywhere": () => [`/message?carrier=third&until=${somewhere()}`, organizationKey],
    "the usual sender, anywhere": () => [`/message?from=Shop&until=${somewhere()}`, key],
    "a rare sender, anywhere": () => [`/message?from=Rare&until=${somewhere()}`, key],
    "the story of one": () => [`/message/${items[Math.floor(Math.random() * items.length)]!.message_uuid}`, key],
    "30 days by the hour, an account's": () => [`/stats?${span}`, key],
    "the same by carrier and code": () => [`/stats?${span}&group=carrier,code`, key],
    "30 days by the hour, an organization's": () => [`/stats?${span}`, organizationKey],
    "the same by country": () => [`/stats?${span}&group=country`, organizationKey],
  };
  for (const [name, way] of Object.entries(ways)) {
    const times: number[] = [];
    for (let time = 0; time < TIMES; time++) {
      const begun = performance.now();
      await get(...way());
      times.push(performance.now() - begun);
    }
    const [middle, most, worst] = [0.5, 0.99, 1].map((share) => percentile(times, share).toFixed(1));
    say(`  ${name}: p50 ${middle}, p99 ${most}, worst ${worst} ms`);
  }
}

async function csv(program: Program): Promise<void> {
  const resident = program.nodeMemory().resident;
  let [octets, most] = [0, resident];
  const begun = performance.now();
  const response = await fetch(`http://127.0.0.1:${program.port}/message?format=csv&key=${program.organizationKey}`);
  if (response.status !== 200) throw new Error(`void: a CSV: ${response.status} ${await response.text()}`);
  let lines = 0;
  for await (const chunk of response.body!) {
    octets += chunk.length;
    for (const octet of chunk) if (octet === 10) lines++;
    most = Math.max(most, program.nodeMemory().resident);
    if (lines > CSV_ROWS) break;
  }
  const seconds = (performance.now() - begun) / 1_000;
  say(
    `  CSV: ${lines - 1} rows, ${Math.round(octets / 1e6)} MB, ${Math.round((lines - 1) / seconds)} a second; ${Math.round(most - resident)} MB more memory`,
  );
}
