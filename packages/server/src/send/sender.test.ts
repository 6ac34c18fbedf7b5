import { pino } from "pino";
import { describe, expect, test, vi } from "vitest";
import { route } from "../../test/support/route.ts";
import type { Carrier, Submission } from "../carriers/carrier.ts";
import type { Failover } from "../config/config.ts";
import { FAILED, SUBMITTED } from "../message/lifecycle.ts";
import { Routes } from "../route/routes.ts";
import type { IntentRow } from "../store/messages/record-intents.ts";
import type { SubmitOutcome } from "../store/messages/submit-outcome.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import { Sender, type SenderOptions } from "./sender.ts";

interface Submitted {
  message: WaitingMessage;
  answer(submission: Submission): void;
}

/** A far end that answers when the test says so. */
class FakeCarrier implements Carrier {
  slowed = false;
  readonly id: string;
  readonly number: number;
  ignoresRepeats = false;
  up = true;
  window = 10;
  readonly submits: Submitted[] = [];
  #underWay = 0;

  constructor(id: string, number: number) {
    this.id = id;
    this.number = number;
  }

  get free(): number {
    return this.window - this.#underWay;
  }

  submit(message: WaitingMessage, done: (submission: Submission) => void): void {
    if (this.free <= 0) throw new Error("there is no room");
    this.#underWay++;
    this.submits.push({
      message,
      answer: (submission) => {
        this.#underWay--;
        done(submission);
      },
    });
  }

  async start(): Promise<void> {}
  async close(): Promise<void> {}

  get ids(): string[] {
    return this.submits.map(({ message }) => message.id);
  }

  /** Answers the submits from the one of this index on. */
  answerFrom(index: number, submission: Submission): void {
    for (const { answer } of this.submits.slice(index)) answer(submission);
  }
}

const NOW = 1_000_000;
const ok: Submission = { kind: "submitted", ids: ["1"] };
const throttled: Submission = { kind: "later", code: "20" };
const uncertain: Submission = { kind: "uncertain" };

function message(id: string, extra: Partial<WaitingMessage> = {}): WaitingMessage {
  return {
    id,
    accountId: 1,
    destination: "447700900123",
    sender: "MyShop",
    body: "x",
    parts: 1,
    expiresAt: NOW + 60_000,
    ...extra,
  };
}

/** `count` messages, named by their account and number. */
function messages(count: number, accountId = 1, extra: Partial<WaitingMessage> = {}): WaitingMessage[] {
  return Array.from({ length: count }, (_, index) => message(`${accountId}.${index}`, { accountId, ...extra }));
}

interface Rig {
  sender: Sender;
  a: FakeCarrier;
  b: FakeCarrier;
  /** By RCS. */
  r: FakeCarrier;
  /** Ids that were noted as at their next channel. */
  fellBack: string[];
  recorded: SubmitOutcome[];
  logged: { msg: string }[];
  clock: { now(): number; at: number };
  counts: { uncertain: number; setAside: number; room: number };
}

function rig(
  options: Partial<SenderOptions> = {},
  routes: [to: string, ...carriers: string[]][] = [],
  failover: Failover[] = ["down"],
): Rig {
  const [a, b, r] = [new FakeCarrier("a", 1), new FakeCarrier("b", 2), new FakeCarrier("r", 3)];
  const recorded: SubmitOutcome[] = [];
  const fellBack: string[] = [];
  const logged: { msg: string }[] = [];
  const counts = { uncertain: 0, setAside: 0, room: 0 };
  const clock = { at: NOW, now: () => clock.at };
  const sender = new Sender({
    engines: 1,
    routes: {
      sms: new Routes(
        routes.map(([to, ...carriers]) => route({ to, carriers, failover })),
        ["a", "b"],
      ),
      rcs: new Routes([], ["r"]),
    },
    carriers: new Map([
      ["a", a],
      ["b", b],
      ["r", r],
    ]),
    isPaused: () => false,
    clock,
    log: pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) }),
    onUncertain: "resend",
    fallbackAfterMs: 10_000,
    fallBacks: {
      note: async ({ id }) => {
        fellBack.push(id);
        return true;
      },
    },
    holdsLease: () => true,
    intents: null,
    optOuts: { mayConcern: () => false, among: async () => new Set() },
    record: (outcome, done) => {
      recorded.push(outcome);
      done(true);
    },
    countUncertain: () => void counts.uncertain++,
    countSetAside: () => void counts.setAside++,
    onRoom: () => void counts.room++,
    ...options,
  });
  return { sender, a, b, r, fellBack, recorded, logged, clock, counts };
}

/** Lets every promise that can go on do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("a message goes", () => {
  test("to the first of its carriers that is up, and waits there for room", () => {
    const { sender, a, b } = rig();
    a.window = 2;
    sender.take(messages(3));
    expect({ a: a.ids, b: b.ids }).toEqual({ a: ["1.0", "1.1"], b: [] });
    a.up = false;
    sender.pump();
    expect({ a: a.ids, b: b.ids }).toEqual({ a: ["1.0", "1.1"], b: ["1.2"] });
  });

  test("by the route to its destination, and nowhere where there is none", async () => {
    const { sender, a, b, recorded, logged } = rig({}, [
      ["44", "a"],
      ["4477", "b", "a"],
    ]);
    sender.take([
      message("uk", { destination: "442071234567" }),
      message("mobile"),
      message("no", { destination: "1" }),
    ]);
    expect({ a: a.ids, b: b.ids }).toEqual({ a: ["uk"], b: ["mobile"] });
    await settle();
    expect(recorded).toEqual([{ id: "no", state: FAILED, code: "53", carrier: null, carrierMessageIds: [] }]);
    expect(sender.buffered).toBe(2);
    expect(logged).toEqual([]);
  });

  test("as soon as a carrier that none was up of comes up", () => {
    const { sender, a, b } = rig();
    a.up = b.up = false;
    sender.take(messages(2));
    b.up = true;
    sender.pump();
    expect({ a: a.ids, b: b.ids }).toEqual({ a: [], b: ["1.0", "1.1"] });
  });

  test("once, however often it is handed off", async () => {
    const { sender, a } = rig();
    sender.take(messages(2));
    sender.take(messages(2));
    expect(a.ids).toEqual(["1.0", "1.1"]);
    expect(sender.buffered).toBe(2);
  });

  test("in its account's turn", async () => {
    const { sender, a } = rig();
    a.window = 1;
    sender.take([...messages(3, 1), ...messages(1, 2)]);
    for (let index = 0; index < 4; index++) {
      a.submits[index]?.answer(ok);
      await settle();
    }
    expect(a.ids).toEqual(["1.0", "2.0", "1.1", "1.2"]);
  });

  test("in turn with those of other routes to the same carrier", async () => {
    const { sender, a } = rig({}, [
      ["44", "a"],
      ["33", "a", "b"],
      ["49", "a"],
    ]);
    a.window = 1;
    sender.take(messages(50, 1));
    sender.take(messages(2, 2, { destination: "33612345678" }));
    sender.take(messages(2, 3, { destination: "4915112345678" }));
    for (let index = 0; index < 8; index++) {
      a.submits[index]?.answer(ok);
      await settle();
    }
    expect(a.ids.slice(0, 8).filter((id) => !id.startsWith("1."))).toEqual(
      expect.arrayContaining(["2.0", "2.1", "3.0", "3.1"]),
    );
  });
});

describe("an outcome", () => {
  test.each<[string, Submission, Partial<SubmitOutcome>]>([
    [
      "taken",
      { kind: "submitted", ids: ["7", null] },
      { state: SUBMITTED, code: null, carrierMessageIds: ["7", null] },
    ],
    ["refused", { kind: "refused", code: "43" }, { state: FAILED, code: "43", carrierMessageIds: [] }],
  ])("that is final here (%s) is recorded, with the carrier", async (_, submission, outcome) => {
    const { sender, a, recorded, counts } = rig();
    sender.take(messages(1));
    expect(sender.has("1.0")).toBe(true);
    a.answerFrom(0, submission);
    expect(recorded).toEqual([{ id: "1.0", carrier: 1, ...outcome }]);
    expect(sender.has("1.0")).toBe(false);
    expect(counts.room).toBe(1);
  });

  test("leaves the memory when its outcome is committed, and its slot before", async () => {
    let commit = () => {};
    const { sender, a } = rig({
      record: (_, done) => {
        commit = () => done(true);
      },
    });
    a.window = 1;
    sender.take(messages(2));
    a.answerFrom(0, ok);
    await settle();
    expect(a.ids).toEqual(["1.0", "1.1"]);
    expect(sender.buffered).toBe(2);
    commit();
    await settle();
    expect(sender.buffered).toBe(1);
  });

  test("that somebody else has written meanwhile is dropped, and said so", async () => {
    const { sender, a, logged } = rig({ record: (_, done) => done(false) });
    sender.take(messages(1));
    a.answerFrom(0, ok);
    await settle();
    expect(sender.buffered).toBe(0);
    expect(logged).toMatchObject([{ msg: expect.stringContaining("taken over"), message: "1.0" }]);
  });

  test("that cannot be written is written as unknown", async () => {
    const written: SubmitOutcome[] = [];
    const { sender, a, counts } = rig({
      record: (outcome, done) => {
        written.push(outcome);
        done(outcome.state === FAILED ? true : new Error("no"));
      },
    });
    sender.take(messages(1));
    a.answerFrom(0, ok);
    await settle();
    expect(written).toMatchObject([{ state: SUBMITTED }, { state: FAILED, code: "7A", carrierMessageIds: [] }]);
    expect({ buffered: sender.buffered, setAside: counts.setAside }).toEqual({ buffered: 0, setAside: 0 });
  });

  test.each<[string, Submission]>([
    ["taken", ok],
    ["refused", { kind: "refused", code: "43" }],
  ])("of what a carrier has %s that can be written in no way sets the message aside", async (_what, submission) => {
    const { sender, a, logged, counts } = rig({ record: (_, done) => done(new Error("no")) });
    sender.take(messages(1));
    a.answerFrom(0, submission);
    await settle();
    expect({ buffered: sender.buffered, known: sender.has("1.0"), setAside: counts.setAside }).toEqual({
      buffered: 0,
      known: true,
      setAside: 1,
    });
    expect(logged.at(-1)).toMatchObject({ msg: expect.stringContaining("set aside"), message: "1.0" });
    // Claimed again it is named as known, and not submitted.
    expect(sender.take(messages(1))).toEqual(["1.0"]);
    expect(a.submits).toHaveLength(1);
    expect(await Promise.race([sender.stop(), settle()])).toEqual([]);
  });

  test("that cannot be written because the store is away at the end of the program is let go of", async () => {
    const away = Object.assign(new Error("the server goes down"), { code: "57P01" });
    const { sender, a, counts } = rig({ record: (_, done) => done(away) });
    sender.take(messages(1));
    a.answerFrom(0, ok);
    await settle();
    expect({ known: sender.has("1.0"), setAside: counts.setAside }).toEqual({ known: false, setAside: 0 });
  });

  test("of a message that never went out and cannot be written is said, and the message let go of", async () => {
    const { sender, a, logged } = rig({ record: (_, done) => done(new Error("no")) });
    sender.take([...messages(1), message("late", { expiresAt: NOW })]);
    a.answerFrom(0, ok);
    await settle();
    expect({ buffered: sender.buffered, late: sender.has("late") }).toEqual({ buffered: 0, late: false });
    expect(logged.filter(({ msg }) => msg.includes("end of a message was not recorded"))).not.toEqual([]);
  });
});

describe("a message that is put off", () => {
  test("is submitted again as the same object, before what came after it, in whatever order it comes back", async () => {
    const { sender, a } = rig();
    a.window = 4;
    sender.take(messages(6));
    a.window = 0;
    const [first, second, third, fourth] = a.submits as [Submitted, Submitted, Submitted, Submitted];
    for (const { answer } of [second, fourth, first, third]) answer(throttled);
    await settle();
    a.window = 4;
    sender.pump();
    expect(a.ids.slice(4)).toEqual(["1.0", "1.1", "1.2", "1.3"]);
    expect(a.submits[4]?.message).toBe(first.message);
    expect(a.submits[7]?.message).toBe(fourth.message);
  });

  test.each<[string, (string | null)[], string]>([
    ["nothing was said", [null], "51"],
    ["it was throttled", ["20"], "20"],
    ["the queue was full", ["3B"], "3B"],
    ["the last that was said counts", ["20", "3B"], "3B"],
    ["saying nothing takes nothing back", ["3B", null], "3B"],
  ])("until its validity is over fails with the reason: %s", async (_, codes, expected) => {
    const { sender, a, recorded, clock } = rig();
    sender.take(messages(1));
    for (const [index, code] of codes.entries()) {
      if (index === codes.length - 1) clock.at = NOW + 60_000;
      a.submits[index]?.answer({ kind: "later", code });
      await settle();
    }
    expect(recorded).toEqual([{ id: "1.0", state: FAILED, code: expected, carrier: null, carrierMessageIds: [] }]);
    expect(sender.buffered).toBe(0);
  });

  test("goes to the next carrier when its own is gone", async () => {
    const { sender, a, b } = rig();
    sender.take(messages(1));
    a.up = false;
    a.answerFrom(0, { kind: "later", code: null });
    await settle();
    expect(b.ids).toEqual(["1.0"]);
  });
});

describe("a message whose validity is over", () => {
  test("is never submitted, though there is room now", async () => {
    const { sender, a, b, recorded, clock } = rig();
    a.up = b.up = false;
    sender.take(messages(2));
    clock.at = NOW + 60_000;
    a.up = true;
    sender.pump();
    await settle();
    expect(a.ids).toEqual([]);
    expect(recorded.map(({ id, code }) => [id, code])).toEqual([
      ["1.0", "51"],
      ["1.1", "51"],
    ]);
  });

  test("is failed by the sweep while no carrier is up, and no other", async () => {
    const { sender, a, b, recorded, clock } = rig();
    a.up = b.up = false;
    sender.take([...messages(2), message("fresh", { expiresAt: NOW + 60_001 })]);
    clock.at = NOW + 60_000;
    sender.sweepExpired();
    await settle();
    expect(recorded.map(({ id }) => id)).toEqual(["1.0", "1.1"]);
    expect(sender.buffered).toBe(1);
  });
});

describe("a submit whose answer never came", () => {
  test("is sent again where that is asked for, and counted", async () => {
    const { sender, a, recorded, counts } = rig();
    sender.take(messages(1));
    a.answerFrom(0, uncertain);
    await settle();
    expect(a.ids).toEqual(["1.0", "1.0"]);
    a.answerFrom(1, ok);
    await settle();
    expect(recorded).toMatchObject([{ state: SUBMITTED }]);
    expect(counts.uncertain).toBe(1);
  });

  test("is sent again a few times, and no more: the handset may have it each time", async () => {
    const { sender, a, recorded, counts } = rig();
    sender.take(messages(1));
    for (let index = 0; index < 10; index++) {
      a.submits[index]?.answer(uncertain);
      await settle();
    }
    expect(a.ids).toHaveLength(5);
    expect(counts.uncertain).toBe(5);
    expect(recorded).toEqual([{ id: "1.0", state: FAILED, code: "7A", carrier: 1, carrierMessageIds: [] }]);
  });

  test("fails with 7A where that is asked for", async () => {
    const { sender, a, recorded, counts } = rig({ onUncertain: "fail" });
    sender.take(messages(1));
    a.answerFrom(0, uncertain);
    await settle();
    expect(a.ids).toHaveLength(1);
    expect(counts.uncertain).toBe(1);
    expect(recorded).toEqual([{ id: "1.0", state: FAILED, code: "7A", carrier: 1, carrierMessageIds: [] }]);
  });

  test("and that is put off afterwards fails with 7A when its validity is over: it may have arrived", async () => {
    const { sender, a, recorded, clock } = rig();
    sender.take(messages(1));
    a.submits[0]?.answer(uncertain);
    await settle();
    clock.at = NOW + 60_000;
    a.submits[1]?.answer(throttled);
    expect(recorded).toMatchObject([{ state: FAILED, code: "7A" }]);
  });
});

describe("stopping", () => {
  test("submits nothing more, waits for what is under way, and answers what it leaves unsent", async () => {
    const { sender, a, recorded } = rig();
    a.window = 3;
    sender.take(messages(5));
    let unsent: string[] | undefined;
    const stopped = sender.stop().then((ids) => {
      unsent = ids;
    });
    const [first, second, third] = a.submits as [Submitted, Submitted, Submitted];
    first.answer(ok);
    second.answer(throttled);
    await settle();
    expect(unsent).toBeUndefined();
    third.answer(uncertain);
    await stopped;
    expect(unsent).toEqual(["1.3", "1.4"]);
    sender.pump();
    expect(a.submits).toHaveLength(3);
    expect(recorded.map(({ id }) => id)).toEqual(["1.0"]);
    expect(sender.buffered).toBe(0);
  });

  test("still submits the rest of a long message of which a carrier has some parts, and nothing else", async () => {
    const { sender, a, recorded } = rig();
    a.window = 1;
    sender.take(messages(3, 1, { parts: 3 }));
    const stopped = sender.stop();
    a.submits[0]?.answer({ kind: "later", code: null, partly: true });
    await settle();
    expect(a.ids).toEqual(["1.0", "1.0"]);
    a.submits[1]?.answer({ kind: "submitted", ids: ["1", "2", "3"] });
    expect(await stopped).toEqual(["1.1", "1.2"]);
    expect(recorded.map(({ id }) => id)).toEqual(["1.0"]);
    expect(sender.buffered).toBe(0);
  });

  test("ends at once where nothing is under way", async () => {
    expect(await rig().sender.stop()).toEqual([]);
  });
});

test("what is another's now is let go of: recorded where it was under way, and not sent again", async () => {
  const { sender, a, recorded } = rig();
  a.window = 3;
  sender.take(messages(5));
  expect(sender.abandon()).toEqual(["1.3", "1.4"]);
  expect(sender.buffered).toBe(3);
  const [first, second, third] = a.submits as [Submitted, Submitted, Submitted];
  first.answer(ok);
  second.answer(throttled);
  third.answer(uncertain);
  await settle();
  expect(recorded.map(({ id }) => id)).toEqual(["1.0"]);
  expect(a.submits).toHaveLength(3);
  expect(sender.buffered).toBe(0);
  sender.take([message("1.1")]);
  expect(a.ids.at(-1)).toBe("1.1");
});

test("nothing goes while the lease is in doubt, and all of it once it is sure again", () => {
  let holds = false;
  const { sender, a } = rig({ holdsLease: () => holds });
  sender.take(messages(3));
  expect(a.ids).toEqual([]);
  holds = true;
  sender.pump();
  expect(a.ids).toEqual(["1.0", "1.1", "1.2"]);
});

test.each([
  [1, [256, 512, 700]],
  [2, [128, 256, 384, 512, 640, 700]],
])(
  "what a carrier would take at once goes in turns of the event loop that %i engines share",
  async (engines, expected) => {
    const { sender, a } = rig({ engines });
    a.window = 1_000;
    sender.take(messages(700));
    const turns = [a.submits.length];
    for (let more = true; more; ) {
      await settle();
      more = a.submits.length > turns.at(-1)!;
      if (more) turns.push(a.submits.length);
    }
    expect(turns).toEqual(expected);
  },
);

test.each([
  ["one of it is committed", 1],
  ["all of it is committed at once", 2_000],
])("of what carriers have answered so much may be uncommitted, and it goes on when %s", async (_, committed) => {
  const commits: ((recorded: boolean) => void)[] = [];
  const { sender, a } = rig({ record: (_, done) => void commits.push(done) });
  a.window = 1;
  sender.take(messages(3_000));
  for (let index = 0; index < 2_000; index++) {
    a.submits[index]!.answer(ok);
    if (a.submits.length === index + 1) await settle();
  }
  await settle();
  expect(a.submits).toHaveLength(2_000);
  for (const commit of commits.slice(0, committed)) commit(true);
  await settle();
  expect(a.submits).toHaveLength(2_001);
});

describe("handsets that have opted out", () => {
  /** Of account 1, whatever has the destination "out"; answered once `answer` is called. */
  function screening() {
    let answer = (): void => {};
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const optOuts: SenderOptions["optOuts"] = {
      mayConcern: (accountId) => accountId === 1,
      among: async (suspects) => {
        await asked;
        return new Set(suspects.filter(({ destination }) => destination === "447700900999"));
      },
    };
    return { optOuts, answer };
  }

  test("are not sent to: the message fails with 58, and others of the account go", async () => {
    const { optOuts, answer } = screening();
    const { sender, a, recorded } = rig({ optOuts });
    sender.take([message("out", { destination: "447700900999" }), message("in"), message("other", { accountId: 2 })]);
    expect(a.ids).toEqual(["other"]);
    expect(sender.buffered).toBe(3);
    answer();
    await vi.waitFor(() => expect(recorded).toHaveLength(1));
    expect(recorded).toMatchObject([{ id: "out", state: 3, code: "58", carrier: null }]);
    expect(a.ids).toEqual(["other", "in"]);
  });

  test("are looked up in vain where everything was let go of meanwhile", async () => {
    const { optOuts, answer } = screening();
    const { sender, a, recorded } = rig({ optOuts });
    sender.take([message("out", { destination: "447700900999" }), message("in")]);
    sender.abandon();
    answer();
    await vi.waitFor(() => expect(sender.buffered).toBe(0));
    expect(a.ids).toEqual([]);
    expect(recorded).toEqual([]);
  });
});

describe("a message with two channels", () => {
  const both = (id: string, extra: Partial<WaitingMessage> = {}) =>
    message(id, { plan: { channel: "rcs", fallback: "sms" }, ...extra });

  test("goes by the first, with a time of its own there and for its receipt", async () => {
    const { sender, a, r, recorded, fellBack } = rig();
    sender.take([both("m")]);
    expect({ r: r.ids, a: a.ids }).toEqual({ r: ["m"], a: [] });
    expect(r.submits[0]!.message).toMatchObject({ expiresAt: NOW + 60_000, deliverBy: NOW + 10_000 });
    r.answerFrom(0, ok);
    await settle();
    expect(recorded).toEqual([
      { id: "m", state: SUBMITTED, code: null, carrier: 3, carrierMessageIds: ["1"], receiptBy: NOW + 15_000 },
    ]);
    expect(fellBack).toEqual([]);
  });

  test("goes on by the second where the first refuses it, with the rest of its validity", async () => {
    const { sender, a, r, recorded, fellBack } = rig();
    sender.take([both("m")]);
    r.answerFrom(0, { kind: "refused", code: "41" });
    await settle();
    expect(fellBack).toEqual(["m"]);
    expect(a.submits.map(({ message }) => message)).toEqual([
      message("m", { plan: { channel: "sms", fallback: null } }),
    ]);
    a.answerFrom(0, { kind: "refused", code: "43" });
    await settle();
    expect(recorded).toEqual([{ id: "m", state: FAILED, code: "43", carrier: 1, carrierMessageIds: [] }]);
    expect(sender.buffered).toBe(0);
  });

  test("goes on by the second where the first takes none of it in its time", async () => {
    const { sender, a, r, clock, fellBack } = rig();
    r.up = false;
    sender.take([both("m"), message("alone", { plan: { channel: "rcs", fallback: null } })]);
    clock.at = NOW + 9_999;
    sender.sweepExpired();
    expect(fellBack).toEqual([]);
    clock.at = NOW + 10_000;
    sender.sweepExpired();
    await settle();
    expect({ fellBack, a: a.ids, buffered: sender.buffered }).toEqual({ fellBack: ["m"], a: ["m"], buffered: 2 });
  });

  test("goes on where no route leads by the first", async () => {
    const { sender, a } = rig({ routes: { sms: new Routes([], ["a"]), rcs: new Routes([], []) } });
    sender.take([both("m")]);
    await settle();
    expect(a.ids).toEqual(["m"]);
  });

  test("fails by the first where its validity is over", async () => {
    const { sender, r, clock, recorded, fellBack } = rig();
    sender.take([both("m")]);
    clock.at = NOW + 60_000;
    r.answerFrom(0, { kind: "refused", code: "41" });
    await settle();
    expect(fellBack).toEqual([]);
    expect(recorded).toMatchObject([{ id: "m", state: FAILED, code: "41" }]);
  });

  test.each([
    ["is another's meanwhile", async () => false],
    ["cannot be noted", async () => Promise.reject(new Error("the store is gone"))],
  ])("is let go of where it %s", async (_, note) => {
    const { sender, a, r, recorded } = rig({ fallBacks: { note } });
    sender.take([both("m")]);
    r.answerFrom(0, { kind: "refused", code: "41" });
    await settle();
    expect({ a: a.ids, recorded, buffered: sender.buffered }).toEqual({ a: [], recorded: [], buffered: 0 });
  });

  test("stays where it is while the program stops: whoever has it next goes on from there", async () => {
    const { sender, a, r, fellBack } = rig();
    sender.take([both("m")]);
    const stopped = sender.stop();
    r.answerFrom(0, { kind: "refused", code: "41" });
    expect(await stopped).toEqual([]);
    expect({ fellBack, a: a.ids, buffered: sender.buffered }).toEqual({ fellBack: ["m"], a: [], buffered: 0 });
  });
});

test("what is claimed while an earlier outcome of it is not out of the way is named, and not sent meanwhile", async () => {
  let commit = (_: boolean): void => {};
  const { sender, a } = rig({
    record: (_, done) => {
      commit = done;
    },
  });
  expect(sender.take([message("m")])).toEqual([]);
  a.answerFrom(0, ok);
  await settle();
  expect(sender.take([message("m"), message("n")])).toEqual(["m"]);
  commit(true);
  await settle();
  expect(sender.take([message("m")])).toEqual([]);
  expect(a.ids).toEqual(["m", "n", "m"]);
});

test("no mark is set where the carrier ignores what it has had before", async () => {
  const marked: string[] = [];
  const intents = {
    note: async ({ id, carrier }: IntentRow) => marked.push(carrier === null ? `not ${id}` : id) > 0,
  };
  const { sender, a, r } = rig({ onUncertain: "fail", intents });
  r.ignoresRepeats = true;
  sender.take([message("rcs", { plan: { channel: "rcs", fallback: null } }), message("sms")]);
  r.answerFrom(0, throttled);
  await settle();
  expect({ r: r.ids, a: a.ids, marked }).toEqual({ r: ["rcs", "rcs"], a: ["sms"], marked: ["sms"] });
});

test("a mark stays while a carrier has some parts: whoever takes over must not send those again", async () => {
  const marked: string[] = [];
  const intents = {
    note: async ({ id, carrier }: IntentRow) => marked.push(carrier === null ? `not ${id}` : id) > 0,
  };
  const { sender, a } = rig({ onUncertain: "fail", intents });
  sender.take([message("long", { parts: 3 })]);
  await settle();
  a.answerFrom(0, { kind: "later", code: null, partly: true });
  await settle();
  a.answerFrom(1, { kind: "submitted", ids: ["1", "2", "3"] });
  await settle();
  expect({ a: a.ids, marked }).toEqual({ a: ["long", "long"], marked: ["long", "long"] });
});
