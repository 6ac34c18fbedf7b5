import { readConcatenation, readUserData } from "@messaging-plus/smpp";
import { describe, expect, test } from "vitest";
import { SUBMITTED } from "../../src/message/lifecycle.ts";
import { receipt, type Submit } from "../support/pdu-smsc.ts";
import { until } from "../support/until.ts";
import { boundLine, type Line } from "./rig.ts";

const SOON = { backoff: { failedMs: [20] } };
const FIVE_PARTS = { body: "abcdefghi ".repeat(70) };

/** Which part each submit was, in their order. */
function partsOf(made: Line): number[] {
  return made.smsc.submits.map(({ part }) => part);
}

/** The references that the parts' headers have. */
function referencesOf(submits: readonly Submit[]): Set<unknown> {
  return new Set(
    submits.map(({ pdu }) => {
      const concatenation = readConcatenation(readUserData(pdu.short_message)?.elements ?? []);
      expect(concatenation).toMatchObject({ total: 5 });
      return concatenation?.reference;
    }),
  );
}

/** Decides by part and by how often it came (from 1). */
function byPart(made: Line, decide: (submit: Submit, times: number) => boolean): void {
  const { onSubmit } = made.smsc;
  const times = new Map<number, number>();
  made.smsc.onSubmit = (submit) => {
    const count = (times.get(submit.part) ?? 0) + 1;
    times.set(submit.part, count);
    if (!decide(submit, count)) onSubmit(submit);
  };
}

test.each([
  ["all delivered", ["DELIVRD", "DELIVRD", "DELIVRD"], "delivered 00"],
  ["one failed", ["DELIVRD", "UNDELIV", "DELIVRD"], "failed 31"],
])("of parts that have one id each receipt of a single write counts for one: %s", async (_what, stats, end) => {
  const made = await boundLine();
  made.smsc.onSubmit = (submit) => submit.take("SAME1");
  const [id] = await made.send({ body: "abcdefghi ".repeat(40) });
  await until("the submits to be recorded", async () => (await made.row(id as string)).state === SUBMITTED);
  const { link, pdu } = await made.smsc.submit(3);
  const handset = pdu.destination_addr ?? "";
  link.write(...stats.map((stat) => ({ command: "deliver_sm" as const, ...receipt(handset, "SAME1", stat) })));
  expect(await made.finalOf(id as string)).toBe(end);
  await until("the answers", () => link.count("deliver_sm_resp") === 3);
});

test("of parts that have one id two receipts are not enough", async () => {
  const made = await boundLine();
  made.smsc.onSubmit = (submit) => submit.take("SAME2");
  const [id] = await made.send({ body: "abcdefghi ".repeat(40) });
  await until("the submits to be recorded", async () => (await made.row(id as string)).state === SUBMITTED);
  const { link, pdu } = await made.smsc.submit(3);
  const report = { command: "deliver_sm" as const, ...receipt(pdu.destination_addr ?? "", "SAME2") };
  link.write(report, report);
  await until("the answers", () => link.count("deliver_sm_resp") === 2);
  expect((await made.row(id as string)).state).toBe(SUBMITTED);
});

describe("of a long message", () => {
  test.each([
    ["put off", 0x58],
    ["put off for want of room", 0x14],
    ["put off by a system error", 0x08],
  ])("only the part that is %s is sent again", async (_, status) => {
    const made = await boundLine();
    byPart(made, (submit, times) => {
      if (submit.part !== 3 || times > 1) return false;
      submit.refuse(status);
      return true;
    });
    const [id] = await made.send(FIVE_PARTS);
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(partsOf(made)).toEqual([1, 2, 3, 4, 5, 3]);
    expect(referencesOf(made.smsc.submits).size).toBe(1);
  });

  test("only the parts that nothing was heard of are sent again when the link breaks", async () => {
    const made = await boundLine({ waits: SOON });
    byPart(made, (submit, times) => {
      if (times > 1 || submit.part % 2 === 0) return false;
      if (submit.part === 5) void answered(2, submit);
      return true;
    });
    /** Cuts the link once the answers are read: so many receipts are acknowledged. */
    const answered = async (receipts: number, { link }: Submit) => {
      await until("the receipts' answers", () => link.count("deliver_sm_resp") === receipts);
      link.cut();
    };
    const [id] = await made.send(FIVE_PARTS);
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(partsOf(made)).toEqual([1, 2, 3, 4, 5, 1, 3, 5]);
    expect(referencesOf(made.smsc.submits).size).toBe(1);
    expect(made.uncertain()).toBe(1);
  });

  test("none is sent again where one is uncertain and that is to fail: 7A", async () => {
    const made = await boundLine({ waits: SOON, onUncertain: "fail" });
    byPart(made, (submit) => {
      if (submit.part !== 5) return false;
      submit.link.cut();
      return true;
    });
    const [id] = await made.send(FIVE_PARTS);
    expect(await made.finalOf(id as string)).toBe("failed 7A");
    expect(partsOf(made)).toEqual([1, 2, 3, 4, 5]);
  });

  test("none is sent again where one is refused, and that one's code is the message's", async () => {
    const made = await boundLine();
    byPart(made, (submit) => {
      if (submit.part === 2) submit.refuse(0x58);
      if (submit.part === 4) submit.refuse(0x0b);
      return submit.part % 2 === 0;
    });
    const [id] = await made.send(FIVE_PARTS);
    expect(await made.finalOf(id as string)).toBe("failed 43");
    expect(partsOf(made)).toEqual([1, 2, 3, 4, 5]);
  });

  test("one that stays put off until its validity is over fails it with the carrier's reason", async () => {
    const made = await boundLine();
    byPart(made, (submit) => {
      if (submit.part === 5) submit.refuse(0x14);
      return submit.part === 5;
    });
    const [id] = await made.send({ ...FIVE_PARTS, validity: 1_500 });
    expect(await made.finalOf(id as string)).toBe("failed 3B");
    expect(partsOf(made).slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
    for (const part of partsOf(made).slice(5)) expect(part).toBe(5);
  });

  test.each([
    ["the window has room for", { window: 2, binds: 1 }],
    ["the throughput allows", { window: 10, binds: 1, throughput: 20 }],
    ["the binds have room for", { window: 2, binds: 2 }],
  ])("no more parts go at once than %s, and each goes once", async (_, carrier) => {
    const made = await boundLine({ carrier });
    await made.smsc.link(carrier.binds);
    const { onSubmit } = made.smsc;
    let [underWay, most] = [0, 0];
    made.smsc.onSubmit = (submit) => {
      most = Math.max(most, ++underWay);
      setImmediate(() => {
        underWay--;
        onSubmit(submit);
      });
    };
    const [first, second] = await made.send(FIVE_PARTS, FIVE_PARTS);
    for (const id of [first, second]) expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(partsOf(made).sort()).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    expect(referencesOf(made.smsc.submits).size).toBe(2);
    expect(most).toBeLessThanOrEqual(carrier.window * carrier.binds);
  });

  test("parts that the first carrier took stay its own when the next one takes the message whole", async () => {
    const made = await boundLine({ carriers: 2, waits: { backoff: { failedMs: [60_000] } } });
    const [first, next] = made.smscs;
    made.smsc.onSubmit = (submit) => {
      if (submit.part < 5) submit.take();
      else setImmediate(() => submit.link.cut());
    };
    const [id] = await made.send(FIVE_PARTS);
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(first?.submits.map(({ part }) => part)).toEqual([1, 2, 3, 4, 5]);
    expect(next?.submits.map(({ part }) => part)).toEqual([1, 2, 3, 4, 5]);
  });

  test("receipts may come before the last part is taken, and in any order", async () => {
    const made = await boundLine();
    const taken: Submit[] = [];
    made.smsc.onSubmit = (submit) => {
      taken.push(submit);
      if (taken.length < 5) return;
      for (const each of [...taken].reverse()) {
        each.take(`part-${each.part}-of-${made.carriers[0]?.id}`);
        each.receipt(`part-${each.part}-of-${made.carriers[0]?.id}`);
      }
    };
    const [id] = await made.send(FIVE_PARTS);
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(made.smsc.submits).toHaveLength(5);
  });
});

test("as message_payload a long message is one submit, sent again whole when it is uncertain", async () => {
  const made = await boundLine({ carrier: { longMessages: "payload" }, waits: SOON });
  const { onSubmit } = made.smsc;
  made.smsc.onSubmit = (submit) => (submit.count === 1 ? submit.link.cut() : onSubmit(submit));
  const [id] = await made.send(FIVE_PARTS);
  expect(await made.finalOf(id as string)).toBe("delivered 00");
  expect(made.smsc.submits.map(({ pdu }) => pdu.tlvs.message_payload?.length)).toEqual([700, 700]);
});

test("a long message without ids for its parts waits as submitted", async () => {
  const made = await boundLine();
  made.smsc.onSubmit = (submit) => submit.take("");
  const [id] = await made.send(FIVE_PARTS);
  await until("it to be recorded", async () => (await made.row(id as string)).state === SUBMITTED);
  expect(made.sender.buffered).toBe(0);
});
