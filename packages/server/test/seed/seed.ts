import { setTimeout as sleep } from "node:timers/promises";
import { MessagingPlus, ProblemError } from "@messaging-plus/sdk";
import { Random } from "../support/random.ts";
import { anyNumber, type PlannedAccount, planAccounts, planMessage } from "./plan.ts";
import { type SeedReceivers, seedReceivers } from "./receivers.ts";

export interface SeedOptions {
  /** Of a running program. */
  url: string;
  organizationKey: string;
  /** Makes further organizations; null: all accounts are of one. */
  operatorKey: string | null;
  seed: number;
  accounts: number;
  messages: number;
  say: (line: string) => void;
}

interface SeededAccount extends PlannedAccount {
  index: number;
  identifier: string;
  client: MessagingPlus;
  organization: MessagingPlus;
}

/** How many messages of one request, and of one batch; a batch's numbers differ. */
const REQUEST = 200;
const BATCH = 200;
/** Webhooks to a receiver whose webhooks are to be exhausted. */
const FEW = 12;
/** Accounts that handsets answer. */
const ANSWERED = 5;
const CONCURRENCY = 5;
/** How long what is under way is waited for at the end. */
const SETTLE_MS = 40_000;
const DAY_MS = 86_400_000;

/** Fills a store by the API with what a page may have to show. The same seed sends the same. */
export async function seed(options: SeedOptions): Promise<void> {
  const { say } = options;
  const random = new Random(options.seed);
  const receivers = await seedReceivers();
  try {
    const accounts = await makeAccounts(options, planAccounts(random, options.accounts, options.messages));
    say(`${accounts.length} accounts`);
    await prepare(accounts, receivers);
    const plans = accounts.map((account) => ({ account, requests: plan(account, random, receivers) }));
    await inParallel(plans, async ({ requests }) => {
      for (const request of requests) await request();
    });
    say(`${accounts.reduce((sum, { messages }) => sum + messages, 0)} messages accepted`);
    await answers(accounts.slice(0, ANSWERED), receivers, say);
    await endSome(accounts);
    await settled(accounts, say);
  } finally {
    await receivers.close();
  }
}

async function makeAccounts(options: SeedOptions, planned: readonly PlannedAccount[]): Promise<SeededAccount[]> {
  const client = (key: string) => new MessagingPlus({ baseUrl: options.url, key });
  const organizations = [client(options.organizationKey)];
  if (options.operatorKey !== null) {
    const { operator } = client(options.operatorKey);
    for (const organization of [
      { name: "Riverside Group", credits: true, balance: 1_000_000 },
      { name: "Old Town Services" },
    ]) {
      organizations.push(client((await operator.createOrganization(organization)).apiKey));
    }
  }
  const accounts: SeededAccount[] = [];
  for (const [index, plan] of planned.entries()) {
    // Half are the default organization's.
    const organization = organizations[index % 2 === 0 ? 0 : (index >> 1) % organizations.length]!;
    const { identifier, apiKey } = await organization.accounts.create(plan.name);
    // Only an organization with a balance can give some.
    await organization.accounts.topUp(identifier, plan.messages * 5 + 100).catch(ignoreProblem);
    accounts.push({ ...plan, index, identifier, organization, client: client(apiKey) });
  }
  return accounts;
}

/** Senders, secrets, further keys, and where accounts hear of answers and of their endpoints. */
async function prepare(accounts: readonly SeededAccount[], receivers: SeedReceivers): Promise<void> {
  for (const { index, identifier, organization, receiver } of accounts) {
    const url = receivers.callback(receiver, index);
    if (index < ANSWERED) {
      await organization.senders.register({ value: numberOf(index), account: identifier }).catch(ignoreProblem);
      const inbound = receivers.callback("good", index)?.replace("receipts", "inbound") ?? null;
      await organization.accountWebhooks.setUrls(identifier, { inbound_url: inbound, events_url: inbound });
    } else if (index % 4 === 0 && url !== undefined) {
      await organization.accountWebhooks.setUrls(identifier, { events_url: url.replace("receipts", "events") });
    }
    if (index % 3 === 0) await organization.accountWebhooks.createSecret(identifier);
    if (index % 5 === 0) await organization.accounts.createKey(identifier, { name: "Reports", scope: "read" });
  }
}

/** The number that handsets answer an account at. */
const numberOf = (index: number): string => String(447_700_900_710 + index);

/** An account's requests, in their order. What they hold is decided here, so that it depends on the seed alone. */
function plan(account: SeededAccount, random: Random, receivers: SeedReceivers): (() => Promise<unknown>)[] {
  const { client, sender, receiver, index } = account;
  const callback = receivers.callback(receiver, index);
  const rest = callback === undefined ? {} : { callback };
  // An endpoint is only probed once twenty in a row have failed: fewer come to the end of their tries.
  let told = receiver === "gone" || receiver === "refused" ? FEW : Number.POSITIVE_INFINITY;
  const requests: (() => Promise<unknown>)[] = [];
  let left = account.messages;
  while (left > 0) {
    if (told > FEW && left >= 2 * BATCH && random.chance(0.3)) {
      const first = random.between(0, 499 - BATCH);
      const destinations = Array.from({ length: BATCH }, (_, at) => String(447_700_900_000 + first + at));
      requests.push(() =>
        client.batches.send({ from: sender, message: "Our shop is open on Sunday.", destinations, ...rest }),
      );
      left -= BATCH;
      continue;
    }
    const count = Math.min(REQUEST, left);
    const messages = Array.from({ length: count }, () => {
      const { fate: _, ...message } = planMessage(random);
      return told-- > 0 ? { ...message, ...rest } : message;
    });
    const defaults = { from: { type: "custom", value: sender } as const };
    requests.push(() => client.messages.send({ messages, defaults }));
    left -= count;
  }
  if (index % 4 === 0) {
    const at = random.between(1, 30);
    const to = anyNumber(random);
    const message = { from: { type: "custom", value: sender } as const, to, body: "We miss you: 10 % until Sunday." };
    requests.push(() =>
      client.messages.send({ messages: [{ ...message, send_at: new Date(Date.now() + at * DAY_MS) }] }),
    );
  }
  // Throttled twice, then taken. The carrier is asked more slowly for a while: so these come once.
  if (index === 0) {
    const from = { type: "custom", value: sender } as const;
    requests.push(() => client.messages.send({ messages: [{ from, to: "447700900905", body: "Slowly, please." }] }));
  }
  return requests;
}

/** Handsets that answer: with a text, a long one, STOP and START; and a message to the one that has opted out. */
async function answers(
  accounts: readonly SeededAccount[],
  receivers: SeedReceivers,
  say: (line: string) => void,
): Promise<void> {
  const handsets = ["447700900911", "447700900912", "447700900914", "447700900915"];
  await inParallel(accounts, async ({ client, index }) => {
    const callback = receivers.callback("good", index) as string;
    const send = (to: string) =>
      client.messages.send({
        messages: [{ from: { type: "custom", value: numberOf(index) }, to, body: "How was it?", callback }],
      });
    for (const handset of handsets) await send(handset);
    const answered = async () => (await client.inbound.list().page()).items.length >= handsets.length || undefined;
    if (!(await waitFor(SETTLE_MS, answered, false))) say(`not every handset has answered account ${index}`);
    await send("447700900912").catch(ignoreProblem);
    const shared = { from: { type: "shared" } as const, to: anyNumber(new Random(index)), body: "From the pool" };
    await client.messages.send({ messages: [{ ...shared, callback }] }).catch(ignoreProblem);
  });
  say("handsets have answered");
}

/** An account that is deactivated, a scheduled batch that is cancelled. */
async function endSome(accounts: readonly SeededAccount[]): Promise<void> {
  const last = accounts.at(-1)!;
  await last.organization.accounts.deactivate(last.identifier);
  const { client, sender } = accounts[0]!;
  const send_at = new Date(Date.now() + DAY_MS);
  const { identifier } = await client.batches.send({
    from: sender,
    message: "Never mind",
    destinations: ["447700900001"],
    send_at,
  });
  await client.batches.cancel(identifier);
}

/** Waits until no webhook is under way but those of endpoints that are held back. */
async function settled(accounts: readonly SeededAccount[], say: (line: string) => void): Promise<void> {
  const live = accounts.slice(0, -1);
  const done = await waitFor(
    SETTLE_MS,
    async () => {
      for (const { client } of live) {
        const { items } = await client.webhooks.list({ state: "pending", limit: 100 }).page();
        if (items.some(({ held }) => held === null)) return undefined;
      }
      return true;
    },
    false,
  );
  say(done ? "no webhook is under way any more" : "some webhooks are still under way");
}

async function waitFor<Value, Otherwise>(
  limitMs: number,
  look: () => Promise<Value | undefined>,
  otherwise: Otherwise,
): Promise<Value | Otherwise> {
  const giveUpAt = Date.now() + limitMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > giveUpAt) return otherwise;
    await sleep(250);
  }
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
}

/** A refusal that a store may give which is not as it was seeded: a number that is taken, a balance that is short. */
function ignoreProblem(error: unknown): void {
  if (!(error instanceof ProblemError)) throw error;
}
