import { describe, expect, test } from "vitest";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { claimMessages } from "../../src/store/messages/claim-messages.ts";
import { findRich } from "../../src/store/messages/find-rich.ts";
import { insertBatches } from "../../src/store/messages/insert-batches.ts";
import { insertPlannedMessages } from "../../src/store/messages/insert-messages.ts";
import { testDatabase } from "../support/database.ts";
import { newMessage } from "../support/new-message.ts";
import { until } from "../support/until.ts";
import { event } from "./platform.ts";
import { finalOf, handset, rcsRig, send } from "./rig.ts";

const rig = await rcsRig();
const { platform, smsc, program } = rig;
const { api, database, url } = program;

const FROM = { type: "custom", value: "MyShop" } as const;
const BOTH = ["rcs", "sms"];
const rcs = { text: "Hi", suggestions: [{ reply: "Yes", postback: "yes" }] };
/** The same as the platform gets it. */
const CONTENT = { text: "Hi", suggestions: [{ reply: { text: "Yes", postbackData: "yes" } }] };

async function contentOf(to: string): Promise<unknown> {
  return (await platform.waitFor(to))[0]!.body.contentMessage;
}

async function story(messageUuid: string): Promise<{ body: string | null; rcs?: unknown }> {
  const { body } = await api.request<{ body: string | null; rcs?: unknown }>("GET", `/message/${messageUuid}`);
  return body;
}

/** How many there are of everything that a request may store. */
async function stored(): Promise<unknown> {
  const text = `SELECT (SELECT count(*) FROM message) AS messages, (SELECT count(*) FROM message_bundle) AS bundles,
    (SELECT count(*) FROM batch) AS batches, (SELECT count(*) FROM pending_batch) AS pending`;
  return (await database.pool.query(text)).rows[0];
}

describe.concurrent("rich content", () => {
  test("is what RCS shows in place of the text, and is told in the message's story", async () => {
    const sent = await send(rig, handset(), { rcs });
    expect(await contentOf(sent.to)).toEqual(CONTENT);
    expect(await story(sent.messageUuid)).toMatchObject({ body: "Hello", rcs });
    const plain = await send(rig, handset());
    expect(await contentOf(plain.to)).toEqual({ text: "Hello" });
    expect(await story(plain.messageUuid)).not.toHaveProperty("rcs");
  });

  test("is no part of the SMS to a handset without RCS", async () => {
    const to = handset();
    platform.script(to, 404);
    const sent = await send(rig, to, { rcs: { card: { title: "A card" } } });
    expect(await finalOf(rig, sent)).toBe("delivered 00");
    expect(smsc.to(to).map(({ text }) => text)).toEqual(["Hello"]);
  });

  test("is taken whole from defaults, or from the message", async () => {
    const [inherits, own] = [handset(), handset()] as const;
    const messages = [
      { to: inherits, body: "x" },
      { to: own, body: "x", rcs: { suggestions: rcs.suggestions } },
    ];
    await api.send({ messages, defaults: { from: FROM, channels: BOTH, rcs } } as never);
    expect(await contentOf(inherits)).toEqual(CONTENT);
    expect(await contentOf(own)).toEqual({ ...CONTENT, text: "x" });
  });

  test("of a batch goes to each of its handsets, and is told with its content", async () => {
    const destinations = [handset(), handset()];
    const batch = { from: "MyShop", message: "Hello", destinations, channel: "rcs", fallback_channels: ["sms"], rcs };
    const identifier = await api.sendBatch(batch as never);
    for (const to of destinations) expect(await contentOf(to)).toEqual(CONTENT);
    const { body } = await api.request("GET", `/batch/${identifier}?content=true`);
    expect(body).toMatchObject({ content: { message: "Hello", rcs } });
  });

  test("of what is held for its time goes with it then", async () => {
    const send_at = new Date(Date.now() + 3_600_000).toISOString();
    const [single, ofBatch] = [handset(), handset()] as const;
    const sent = await send(rig, single, { rcs, send_at });
    const batch = { from: "MyShop", message: "Hello", destinations: [ofBatch], channel: "rcs", rcs, send_at };
    const identifier = await api.sendBatch(batch as never);
    const held = await api.request("GET", `/batch/${sent.batchUuid}?content=true`);
    expect(held.body).toMatchObject({ content: { state: "pending", rcs } });
    await database.pool.query("UPDATE pending_batch SET at = now() WHERE id = ANY ($1)", [
      [sent.batchUuid, identifier],
    ]);
    for (const to of [single, ofBatch]) expect(await contentOf(to)).toEqual(CONTENT);
  });

  test("is erased with the text", async () => {
    const [single, ofBatch] = [handset(), handset()] as const;
    const sent = await send(rig, single, { rcs });
    const batch = { from: "MyShop", message: "Hello", destinations: [ofBatch], channel: "rcs", rcs };
    const identifier = await api.sendBatch(batch as never);
    const rich = async () => {
      const text = `SELECT count(*)::int AS rich FROM (SELECT rich FROM message WHERE id = $1 UNION ALL
        SELECT rich FROM batch WHERE id = $2) AS all_of_it WHERE rich IS NOT NULL`;
      return (await database.pool.query(text, [sent.messageUuid, identifier])).rows[0].rich;
    };
    for (const to of [single, ofBatch]) {
      const [message] = await platform.waitFor(to);
      expect(await event(url, "DELIVERED", message!)).toBe(200);
    }
    await until("their ends", async () => {
      const all = [await api.status(sent.batchUuid), await api.status(identifier)];
      return all.every(({ counts }) => counts.delivered === 1);
    });
    expect(await rich()).toBe(2);
    for (const to of [single, ofBatch]) await api.as(program.organizationKey).request("DELETE", `/handset/${to}`);
    await until("the erasure", async () => (await rich()) === 0);
    expect(await story(sent.messageUuid)).not.toHaveProperty("rcs");
  });
});

test("it is found for a message that nobody has in memory, in its own row and in its batch's", async () => {
  const store = await testDatabase();
  try {
    const plan = { channel: "rcs", fallback: null } as const;
    const own = messageId(newBatchId(Date.now()), 1);
    const batchId = newBatchId(Date.now());
    const shared = { batchId, sender: null, body: null };
    const batch = {
      id: batchId,
      accountId: 1,
      total: 2,
      parts: 1,
      sender: "MyShop",
      body: "x",
      rich: JSON.stringify(rcs),
    };
    await insertBatches(store.pool, [{ ...batch, callback: null, endpoint: null, givenId: null }]);
    const ids = [own, messageId(batchId, 1), messageId(newBatchId(Date.now()), 1)];
    await insertPlannedMessages(store.pool, [
      newMessage({ id: ids[0]!, plan, rich: JSON.stringify(rcs) }),
      newMessage({ id: ids[1]!, plan, ...shared }),
      newMessage({ id: ids[2]!, plan }),
    ]);
    const claimed = await claimMessages(store.pool, 1, 10, 10);
    const rich = new Map(claimed.map((message) => [message.id, message.rich]));
    expect(ids.map((id) => rich.get(id))).toEqual([true, true, undefined]);
    expect(await Promise.all(ids.map((id) => findRich(store.pool, id)))).toEqual([rcs, rcs, null]);
  } finally {
    await store.close();
  }
});

describe("what is at fault is named by its path, and nothing is taken", () => {
  const to = handset();
  const message = { from: FROM, to, body: "x", channels: BOTH };
  const tap = { reply: "Yes", postback: "yes" };

  test.each<[string, object, string, string]>([
    ["no channel but SMS", { channels: ["sms"], rcs }, "rcs", "needs rcs among the channels"],
    ["no channels at all", { channels: undefined, rcs }, "rcs", "needs rcs among the channels"],
    ["no content", { rcs: {} }, "rcs", "needs one of text, card, carousel, file, or suggestions"],
    ["null", { rcs: null }, "rcs", "must be an object"],
    ["a list", { rcs: [] }, "rcs", "must be an object"],
    ["an unknown field", { rcs: { text: "x", buttons: [] } }, "rcs.buttons", "is not known here"],
    ["two contents", { rcs: { text: "x", file: { url: "https://example.com/" } } }, "rcs.file", "stands beside text"],
    ["a long text", { rcs: { text: "x".repeat(3_073) } }, "rcs.text", "must have at most 3072 characters"],
    ["an empty text", { rcs: { text: "" } }, "rcs.text", "must not be empty"],
    ["a list of nothing", { rcs: { text: "x", suggestions: [] } }, "rcs.suggestions", "must not be empty"],
    [
      "12 suggestions",
      { rcs: { text: "x", suggestions: Array(12).fill(tap) } },
      "rcs.suggestions",
      "at most 11 entries",
    ],
    [
      "five on a card",
      { rcs: { card: { title: "x", suggestions: Array(5).fill(tap) } } },
      "rcs.card.suggestions",
      "at most 4 entries",
    ],
    [
      "a tap without a postback",
      { rcs: { suggestions: [{ reply: "x" }] } },
      "rcs.suggestions[0].postback",
      "is required",
    ],
    [
      "one card",
      { rcs: { carousel: { width: "SMALL", cards: [{ title: "x" }] } } },
      "rcs.carousel.cards",
      "must have at least 2 entries",
    ],
    [
      "eleven",
      { rcs: { carousel: { width: "SMALL", cards: Array(11).fill({ title: "x" }) } } },
      "rcs.carousel.cards",
      "at most 10 entries",
    ],
    [
      "a wide carousel",
      { rcs: { carousel: { width: "LARGE", cards: Array(2).fill({ title: "x" }) } } },
      "rcs.carousel.width",
      "must be one of SMALL, MEDIUM",
    ],
    [
      "a carousel's orientation",
      { rcs: { carousel: { width: "SMALL", cards: [{ title: "x" }, { title: "x", orientation: "VERTICAL" }] } } },
      "rcs.carousel.cards[1].orientation",
      "is not known here",
    ],
    [
      "media without a height",
      { rcs: { card: { media: { url: "https://example.com/" } } } },
      "rcs.card.media.height",
      "is required",
    ],
    ["a wrong URL", { rcs: { file: { url: "data:text/plain,x" } } }, "rcs.file.url", "must be an http or https URL"],
    [
      "a point off the globe",
      { rcs: { suggestions: [{ location: "x", latitude: 91, longitude: 0, postback: "x" }] } },
      "rcs.suggestions[0].latitude",
      "must be at most 90",
    ],
  ])("%s", async (_, extra, path, reason) => {
    const before = await stored();
    const bodies: [string, object, string][] = [
      [
        "/message",
        {
          messages: [
            { ...message, body: "y" },
            { ...message, ...extra },
          ],
        },
        `messages[1].${path}`,
      ],
      ["/message", { defaults: { ...message, ...extra }, messages: [{}, {}] }, `defaults.${path}`],
    ];
    const { channels, ...rest } = { channels: BOTH, ...extra } as { channels: string[] | undefined };
    const [channel, ...fallback_channels] = channels ?? [];
    const plan = {
      ...(channel === undefined ? {} : { channel }),
      ...(fallback_channels.length > 0 ? { fallback_channels } : {}),
    };
    bodies.push(["/batch", { from: "MyShop", message: "x", destinations: [to], ...plan, ...rest }, path]);
    for (const [where, body, faulty] of bodies) {
      const answer = await api.request("POST", where, { body });
      const errors = answer.body.errors?.map((one) => ({ ...one, message: one.message.includes(reason) }));
      expect({ where, status: answer.status, errors }).toEqual({
        where,
        status: 400,
        errors: [{ path: faulty, message: true }],
      });
    }
    expect(await stored()).toEqual(before);
    expect(platform.to(to)).toEqual([]);
  });

  test("more than a request may take from its defaults", async () => {
    const before = await stored();
    const card = { title: "x", description: "x".repeat(2_000) };
    const defaults = { ...message, rcs: { carousel: { width: "MEDIUM", cards: Array(10).fill(card) } } };
    const messages = Array.from({ length: 500 }, () => ({}));
    const { status, body } = await api.request("POST", "/message", { body: { defaults, messages } });
    expect({ status, paths: body.errors?.map(({ path }) => path) }).toEqual({ status: 400, paths: ["defaults.rcs"] });
    expect(await stored()).toEqual(before);
  });
});
