import { afterAll, expect, test } from "vitest";
import type { Acceptance } from "../../src/accept/acceptance.ts";
import { Acceptor, type HandOff } from "../../src/accept/acceptor.ts";
import { SharedPool } from "../../src/accept/shared-pool.ts";
import { planOf } from "../../src/message/channel.ts";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { DELIVERED, FAILED, SUBMITTED } from "../../src/message/lifecycle.ts";
import { Attempts } from "../../src/notify/attempts.ts";
import { createLog } from "../../src/runtime/log.ts";
import { messagesOfBundle } from "../../src/store/messages/bundles.ts";
import { claimMessages } from "../../src/store/messages/claim-messages.ts";
import type { NewMessage } from "../../src/store/messages/insert-messages.ts";
import { releasePending } from "../../src/store/messages/release-pending.ts";
import type { WaitingMessage } from "../../src/store/messages/waiting-message.ts";
import { enterNode, expireNodes, freeOrphans } from "../../src/store/nodes.ts";
import { foldCounts } from "../../src/store/stats/fold-counts.ts";
import { Partitions } from "../../src/store/upkeep/partition-names.ts";
import { BEFORE_ALL, claimWebhooks, ripenWebhooks } from "../../src/store/webhooks/claim-webhooks.ts";
import { chances } from "../support/chances.ts";
import { testDatabase } from "../support/database.ts";
import { newMessage } from "../support/new-message.ts";
import { CARRIER, progressOf, receiptOf, recordOutcome } from "../support/progress.ts";
import { Random } from "../support/random.ts";

const { pool, close } = await testDatabase();
afterAll(close);
await pool.query("INSERT INTO organization (identifier, name) VALUES (gen_random_uuid(), 'one')");
for (const priced of [false, false, true]) {
  await pool.query(
    `INSERT INTO account (identifier, organization_id, name, priced, balance, overdraft)
     VALUES (gen_random_uuid(), 1, 'a', $1, 0, true)`,
    [priced],
  );
}
const log = createLog({ level: "silent", name: "test", readable: false });
const HANDSETS = ["447700900123", "12045550123", "12025550123", "4915112345678", "88312345678"];
const URL = "http://127.0.0.1:9/hook";
let clock = Date.now() - 600_000;

/** A program: what it has in memory is gone when it dies. */
async function program() {
  const node = await enterNode(pool, "host", 1);
  const { progress, finals } = progressOf(pool, node);
  const messages: WaitingMessage[] = [];
  const handOff: HandOff = {
    offer: (count) => ({ node, count, at: 0 }),
    send: (_, taken) => void messages.push(...taken),
    sendBundle: (_, bundle) => void messages.push(...messagesOfBundle(bundle)),
    wake: () => {},
  };
  const store = { mustCommit: () => {}, mustTake: () => {}, held: false };
  const acceptor = new Acceptor(pool, handOff, store, new SharedPool(pool, [], 1), true);
  const partitions = new Partitions();
  const attempts = new Attempts({ pool, partitions, log, stop: new AbortController().signal, node: () => node });
  return { node, progress, finals, messages, acceptor, attempts };
}
type Program = Awaited<ReturnType<typeof program>>;

/** A request in one of the ways that they are stored: plain, priced, in a transaction, as a batch, scheduled. */
function request(random: Random): Acceptance {
  const way = random.pick({ plain: 4, priced: 2, planned: 3, batch: 2, pending: 2 });
  const accountId = way === "priced" ? 3 : random.between(1, 2);
  const id = newBatchId(clock++);
  const message = (number: number): NewMessage => {
    const plan = way === "planned" ? planOf(["rcs", "sms"]) : null;
    const callback = { callback: URL, endpoint: 7 };
    const own = { ...callback, ...(plan === null ? {} : { plan }) };
    const ofBatch = { batchId: id, sender: null, body: null };
    return newMessage({
      id: messageId(id, number),
      accountId,
      destination: HANDSETS[random.between(0, HANDSETS.length - 1)] as string,
      parts: random.between(1, 3),
      ...(way === "batch" ? ofBatch : own),
    });
  };
  const messages = Array.from({ length: way === "batch" ? random.between(1, 30) : random.between(1, 3) }, (_, index) =>
    message(index + 1),
  );
  const batch = { id, accountId, parts: 2, sender: "MyShop", body: "x", callback: URL, endpoint: 7, givenId: null };
  const rest = { bundles: [], givenIds: [], idempotency: null, sharedLocks: null, priced: way === "priced", accountId };
  if (way === "pending") {
    const destinations = messages.map(({ destination }) => destination);
    const total = destinations.length;
    const times = { at: Date.now() - 1, expiresAt: Date.now() + 600_000, receiptBy: null, tlvs: null };
    const pending = {
      id,
      accountId,
      ...times,
      total,
      cost: 0,
      givenId: null,
      destinations,
      batch: { ...batch, total },
    };
    return { ...rest, batch: null, messages: [], pending: [pending] };
  }
  const total = messages.length;
  return { ...rest, batch: way === "batch" ? { ...batch, total } : null, messages, pending: [] };
}

/** What is known of the messages that a carrier has: their ids there, in the order of the submits. */
interface World {
  random: Random;
  submitted: { id: string; destination: string; planned: boolean }[];
  /** Outcomes that were recorded as taken. */
  taken: number;
}

async function submit({ random, submitted }: World, program: Program): Promise<void> {
  const some = program.messages.splice(0, random.between(1, 12));
  await Promise.all(
    some.map(async ({ id, destination, bundled, plan }) => {
      const planned = plan !== undefined && plan.fallback !== null;
      const receiptBy = planned ? { receiptBy: Date.now() + 600_000 } : {};
      const common = { id, carrier: CARRIER, bundled, ...receiptBy };
      if (random.chance(0.15)) {
        const refused = { ...common, state: FAILED, code: "43", carrierMessageIds: [] } as const;
        return recordOutcome(program.progress, refused);
      }
      submitted.push({ id, destination, planned });
      const taken = recordOutcome(program.progress, {
        ...common,
        state: SUBMITTED,
        code: null,
        carrierMessageIds: [id],
      });
      // Some receipts meet the outcome.
      if (random.chance(0.3)) await receive({ random, submitted: [submitted.at(-1)!], taken: 0 }, program);
      return taken;
    }),
  );
}

async function receive({ random, submitted }: World, program: Program): Promise<void> {
  const one = submitted[random.between(0, submitted.length - 1)];
  if (one === undefined) return;
  const delivered = random.chance(0.7);
  const receipt = receiptOf(one.id, delivered ? DELIVERED : FAILED, delivered ? "00" : "46");
  const numbered = { ...receipt, destination: one.destination, numbers: () => [one.destination] };
  await Promise.all(Array.from({ length: random.between(1, 2) }, () => program.progress.recordReceipt(numbered)));
}

/** Tries webhooks of what became final here, or of what waits in the store: some fail, and some are tried again. */
async function tell({ random }: World, { node, finals, attempts }: Program): Promise<void> {
  const own = finals.splice(0).flatMap((final) => {
    const { id, accountId, url, endpoint, bundle } = final;
    if (url === null || endpoint === null || bundle === undefined) return [];
    const rest = {
      kind: "receipt",
      tries: 0,
      retry: false,
      body: null,
      message: final,
      final,
      finalAt: Date.now(),
    } as const;
    return [{ id, accountId, url, endpoint, bundle, ...rest }];
  });
  await ripenWebhooks(pool, 500);
  const waiting = await claimWebhooks(pool, node, 500, 500, [], BEFORE_ALL);
  const phases = { connectMs: 1, firstByteMs: 2, totalMs: 3 };
  const rest = { fault: null, detail: null, retryAfterMs: null, fresh: false, answer: null, phases };
  await Promise.all(
    [...own, ...waiting].map((webhook) => {
      const fine = random.chance(0.6);
      const outcome = { result: fine ? "delivered" : "failed", status: fine ? 200 : 500, ...rest } as const;
      return new Promise((done) => {
        attempts.add({ ...webhook, origin: "http://127.0.0.1:9" }, Date.now(), outcome, fine ? null : Date.now(), done);
      });
    }),
  );
}

const ROWS = `
SELECT coalesce(m.channel, 'sms') AS channel, m.account_id, coalesce(m.carrier, 0)::int AS carrier,
       left(m.destination::text, 4) AS four, m.state, coalesce(m.code, -1)::int AS code, count(*)::int AS messages,
       sum(m.parts)::int AS parts, count(m.submitted_at)::int AS submitted
FROM message m GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6`;

/** Sums of an organization, of everybody, and of all groups together, that are not what their parts give. */
const APART = `
WITH counted AS (
  SELECT span, account_id, at, carrier, code, country, channel, accepted, submitted, delivered, failed, parts,
         (SELECT coalesce(sum(split_part(d, ':', 2)::int), 0) FROM string_to_table(receipts || ',' || webhooks, ',') AS d
          WHERE d <> '') AS timed
  FROM stat
), expected AS (
  SELECT g.span, w.owner, c.at, g.carrier, g.code, g.country, g.channel, sum(accepted), sum(submitted), sum(delivered),
         sum(failed), sum(parts), sum(timed)
  FROM counted c JOIN account a ON a.id = c.account_id
  CROSS JOIN LATERAL (VALUES (c.account_id), (-a.organization_id), (0)) AS w (owner)
  CROSS JOIN LATERAL (VALUES (c.span::text, c.carrier, c.code, c.country, c.channel),
                             (upper(c.span::text), 0, -1, '', '')) AS g (span, carrier, code, country, channel)
  WHERE c.span IN ('m', 'h', 'd')
  GROUP BY 1, 2, 3, 4, 5, 6, 7
), found AS (
  SELECT span::text, account_id, at, carrier, code, country, channel, accepted, submitted, delivered, failed, parts, timed
  FROM counted
)
(SELECT 'missing' AS what, e.* FROM (TABLE expected EXCEPT TABLE found) AS e)
UNION ALL (SELECT 'too much', f.* FROM (TABLE found EXCEPT TABLE expected) AS f)`;

interface Row {
  channel: string;
  account_id: number;
  carrier: number;
  four: string;
  state: number;
  code: number;
  messages: number;
  parts: number;
}

const COUNTRIES: Record<string, string> = { "4477": "GB", "1204": "CA", "1202": "US", "4915": "DE", "8831": "" };

/** Sums of rows by some of their columns, as text: `columns: messages`. */
function sums<Of>(rows: readonly Of[], name: (row: Of) => string, count: (row: Of) => number): string[] {
  const totals = new Map<string, number>();
  for (const row of rows) totals.set(name(row), (totals.get(name(row)) ?? 0) + count(row));
  return [...totals]
    .filter(([, total]) => total > 0)
    .map(([key, total]) => `${key}: ${total}`)
    .sort();
}

test.each(Array.from({ length: chances(8) }, (_, seed) => seed))(
  "sums are what a count of the rows gives, whoever dies and whatever comes twice or late (seed %i)",
  async (seed) => {
    await pool.query(
      "TRUNCATE message_bundle, webhook_bundle, message, webhook, batch, node, stat, stat_flush, parked_receipt",
    );
    const world: World = { random: new Random(seed), submitted: [], taken: 0 };
    const { random } = world;
    let programs = [await program(), await program()];
    const anyOf = () => programs[random.between(0, 1)] as Program;
    const claim = async (one: Program) => {
      one.messages.push(...(await claimMessages(pool, one.node, 500, 500)));
      one.messages.push(...(await releasePending(pool, one.node, 500, 500)));
    };
    const steps = {
      accept: async () =>
        void (await Promise.all([request(random), request(random)].map((one) => anyOf().acceptor.accept(one)))),
      submit: () => submit(world, anyOf()),
      receive: () => receive(world, anyOf()),
      tell: () => tell(world, anyOf()),
      claim: () => claim(anyOf()),
      fold: async () => void (await foldCounts(pool)),
      // Killed amid whatever it does, and what it had is taken over; or only believed dead, and it still reports.
      die: async () => {
        const dead = programs.shift() as Program;
        const doing = [submit(world, dead), tell(world, dead)];
        await expireNodes(pool, [dead.node]);
        await freeOrphans(pool);
        programs = [...programs, await program()];
        await claim(anyOf());
        await Promise.all(doing);
        if (random.chance(0.5)) await submit(world, dead);
        dead.messages.splice(0);
      },
    };
    for (let step = 0; step < 60; step++) {
      await steps[random.pick({ accept: 5, submit: 8, receive: 8, tell: 4, claim: 2, fold: 2, die: 1 })]();
    }
    await Promise.all(Array.from({ length: 3 }, () => foldCounts(pool)));
    const { rows } = await pool.query<Row & { submitted: number }>(ROWS);
    for (const span of ["m", "h", "d"]) {
      const { rows: stats } = await pool.query<Row & { what: number; country: string }>(
        `SELECT channel, account_id, carrier, country, what, code, messages::int, CASE what WHEN 0 THEN parts ELSE 0 END::int AS parts
         FROM stat CROSS JOIN LATERAL (
           VALUES (0, accepted), (1, submitted), (2, delivered), (3, failed),
                  (4, (SELECT coalesce(sum(split_part(d, ':', 2)::int), 0) FROM string_to_table(webhooks, ',') AS d))
         ) AS v (what, messages)
         WHERE span = $1 AND account_id > 0 AND messages > 0`,
        [span],
      );
      const whole = ({ account_id, carrier, code, channel }: Row, what: number, country: string) =>
        `${what} ${account_id} ${country} ${carrier} ${code} ${channel}`;
      const ended = stats.filter(({ what }) => what === DELIVERED || what === FAILED);
      expect(
        sums(
          ended,
          (row) => whole(row, row.what, row.country),
          ({ messages }) => messages,
        ),
      ).toEqual(
        sums(
          rows.filter(({ state }) => state >= DELIVERED),
          (row) => whole(row, row.state, COUNTRIES[row.four] as string),
          ({ messages }) => messages,
        ),
      );
      const acceptedOnes = stats.filter(({ what }) => what === 0);
      const bundled = (
        await pool.query<Row>(
          `SELECT account_id, left(destination::text, 4) AS four, 1 AS messages, parts FROM bundled_message b
           WHERE NOT EXISTS (SELECT FROM message m WHERE m.id = b.id)`,
        )
      ).rows;
      for (const of of ["messages", "parts"] as const) {
        expect(
          sums(
            acceptedOnes,
            (row) => `${row.account_id} ${row.country}`,
            (row) => row[of],
          ),
        ).toEqual(
          sums(
            [...rows, ...bundled],
            (row) => `${row.account_id} ${COUNTRIES[row.four]}`,
            (row) => row[of],
          ),
        );
      }
      // One that fell back was submitted at each of its channels; where it is at its last, that shows in its row.
      const submitted = stats.filter(({ what, channel }) => what === SUBMITTED && channel === "sms");
      const usual = (
        await pool.query<Row>(
          "SELECT account_id, count(*)::int AS messages FROM message WHERE carrier IS NOT NULL AND submitted_at IS NOT NULL AND channel IS NULL AND (state = 1 OR carrier_message_id IS NOT NULL) GROUP BY 1",
        )
      ).rows;
      expect(
        sums(
          submitted,
          (row) => `${row.account_id}`,
          (row) => row.messages,
        ),
      ).toEqual(
        sums(
          usual,
          (row) => `${row.account_id}`,
          (row) => row.messages,
        ),
      );
      const told = (
        await pool.query<Row>("SELECT account_id, count(*)::int AS messages FROM webhook WHERE state = 1 GROUP BY 1")
      ).rows;
      expect(
        sums(
          stats.filter(({ what }) => what === 4),
          (row) => `${row.account_id}`,
          (row) => row.messages,
        ),
      ).toEqual(
        sums(
          told,
          (row) => `${row.account_id}`,
          (row) => row.messages,
        ),
      );
    }
    expect((await pool.query(APART)).rows).toEqual([]);
    // The run has seen all that it is about.
    expect(rows.some(({ state }) => state === DELIVERED) && rows.some(({ state }) => state === FAILED)).toBe(true);
  },
);
