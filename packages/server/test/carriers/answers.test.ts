import { describe, expect, test } from "vitest";
import { FakeClock } from "../../../smpp/test/fake-clock.ts";
import { DELIVERED } from "../../src/message/lifecycle.ts";
import type { Submit } from "../support/pdu-smsc.ts";
import { until } from "../support/until.ts";
import { boundLine, type Line } from "./rig.ts";

const ANSWER_MS = 10_000;

/** Lets the time for answers pass once this many submits have come, and no sooner. */
async function letTimeOut(line: Line, clock: FakeClock, submits: number): Promise<Submit> {
  const submit = await line.smsc.submit(submits);
  clock.advance(ANSWER_MS);
  return submit;
}

const timed = (extra: Parameters<typeof boundLine>[0] = {}) => {
  const clock = new FakeClock();
  return { clock, options: { ...extra, waits: { clock } } };
};

describe("a submit without an answer", () => {
  test("is sent again, and delivered", async () => {
    const { clock, options } = timed();
    const line = await boundLine(options);
    line.smsc.onSubmit = (submit) => {
      if (submit.count === 1) return;
      submit.take("second");
      submit.receipt("second");
    };
    const [id] = await line.send({});
    await letTimeOut(line, clock, 1);
    expect(await line.finalOf(id as string)).toBe("delivered 00");
    expect(line.smsc.submits).toHaveLength(2);
    expect(line.uncertain()).toBe(1);
  });

  test("fails with 7A and is not sent again, where that is asked for", async () => {
    const { clock, options } = timed({ onUncertain: "fail" });
    const line = await boundLine(options);
    line.smsc.onSubmit = () => {};
    const [id] = await line.send({});
    await letTimeOut(line, clock, 1);
    expect(await line.finalOf(id as string)).toBe("failed 7A");
    expect(line.smsc.submits).toHaveLength(1);
    expect(line.uncertain()).toBe(1);
  });

  test("time after time is sent five times, and then fails with 7A", async () => {
    const { clock, options } = timed({ carrier: { window: 100 } });
    const line = await boundLine(options);
    line.smsc.onSubmit = () => {};
    const [id] = await line.send({});
    for (let count = 1; count <= 5; count++) {
      await letTimeOut(line, clock, count);
      // The carrier says that it lives; only then it is sent more.
      await until("the next submit or the end", () => line.smsc.submits.length > count || count === 5);
    }
    expect(await line.finalOf(id as string)).toBe("failed 7A");
    expect(line.smsc.submits).toHaveLength(5);
    expect(line.smsc.links).toHaveLength(1);
  });

  test("costs its neighbours nothing", async () => {
    const { clock, options } = timed();
    const line = await boundLine(options);
    const { onSubmit } = line.smsc;
    line.smsc.onSubmit = (submit) => {
      if (submit.count !== 3) onSubmit(submit);
    };
    const ids = await line.send({}, {}, {}, {}, {});
    await until("the others to be delivered", async () => {
      const rows = await Promise.all(ids.map((id) => line.row(id)));
      return rows.filter(({ state }) => state === DELIVERED).length === 4;
    });
    await letTimeOut(line, clock, 5);
    for (const id of ids) expect(await line.finalOf(id)).toBe("delivered 00");
    expect(line.smsc.submits).toHaveLength(6);
  });
});

describe("an answer that comes too late", () => {
  test.each([
    ["resend", "delivered 00", 2],
    ["fail", "failed 7A", 1],
  ] as const)("with onUncertain %s changes nothing: %s", async (onUncertain, final, submits) => {
    const { clock, options } = timed({ onUncertain });
    const line = await boundLine(options);
    line.smsc.onSubmit = (submit) => {
      if (submit.count === 1) return;
      submit.take("in-time");
      submit.receipt("in-time");
    };
    const [id] = await line.send({});
    const late = await letTimeOut(line, clock, 1);
    late.take("late");
    late.receipt("late");
    expect(await line.finalOf(id as string)).toBe(final);
    await until("the late answer", () => line.logged.some(({ msg }) => msg.includes("an answer to no request")));
    await until("the late receipt's answer", () => late.link.count("deliver_sm_resp") >= submits);
    expect(line.smsc.submits).toHaveLength(submits);
  });
});

describe("answers and receipts", () => {
  test("in any order are each its own message's", async () => {
    const line = await boundLine();
    const came: Submit[] = [];
    line.smsc.onSubmit = (submit) => {
      came.push(submit);
      if (came.length < 5) return;
      for (const [index, each] of [...came.entries()].reverse()) each.take(`mixed-${index}`);
      for (const index of [2, 0, 4, 1, 3]) came[index]?.receipt(`mixed-${index}`, index === 2 ? "UNDELIV" : "DELIVRD");
    };
    const ids = await line.send({}, {}, {}, {}, {});
    const finals = await Promise.all(ids.map((id) => line.finalOf(id)));
    expect(finals).toEqual(["delivered 00", "delivered 00", "failed 31", "delivered 00", "delivered 00"]);
    expect(line.smsc.submits).toHaveLength(5);
  });

  test("that come twice, or to nothing, do no harm", async () => {
    const line = await boundLine();
    line.smsc.onSubmit = (submit) => {
      const { sequence_number } = submit.pdu;
      const own = `own-${submit.count}`;
      submit.receipt(own);
      submit.take(own);
      submit.take("another-id");
      submit.refuse(0x0b);
      submit.link.write(
        { command: "submit_sm_resp", sequence_number: 123_456, message_id: "nobody-asked" },
        { command: "generic_nack", command_status: 3, sequence_number },
        { command: "bind_transceiver_resp", sequence_number },
        { command: "deliver_sm_resp", sequence_number },
        { command: "query_sm_resp", sequence_number },
      );
      submit.receipt(own);
      submit.receipt("nobody-s");
      submit.receipt(own, "UNDELIV");
    };
    const ids = await line.send({}, {});
    for (const [index, id] of ids.entries()) {
      expect(await line.finalOf(id)).toBe("delivered 00");
      expect((await line.row(id)).carrier_message_id).toBe(`own-${index + 1}`);
    }
    expect(line.smsc.submits).toHaveLength(2);
    const link = await line.smsc.link(1);
    await until("every receipt to be answered", () => link.count("deliver_sm_resp") === 8);
    expect(link.received.filter((pdu) => pdu.command === "deliver_sm_resp").map((pdu) => pdu.command_status)).toEqual(
      Array(8).fill(0),
    );
    expect(line.smsc.links).toHaveLength(1);
  });

  test("in the form of a generic_nack refuse", async () => {
    const line = await boundLine();
    line.smsc.onSubmit = ({ link, pdu }) =>
      link.write({ command: "generic_nack", command_status: 0x02, sequence_number: pdu.sequence_number });
    const [id] = await line.send({});
    expect(await line.finalOf(id as string)).toBe("failed 32");
    expect(line.smsc.submits).toHaveLength(1);
  });
});

describe("a carrier that answers that it lives, and no submit", () => {
  test("is given less and less, so that an hour of it does not use up the messages", async () => {
    const { clock, options } = timed({ onUncertain: "fail", carrier: { window: 100, enquireLink: 3_600 } });
    const line = await boundLine(options);
    line.smsc.onSubmit = () => {};
    await line.send(...Array(1_000).fill({}));
    for (const expected of [100, 150, 175]) {
      await until(`${expected} submits`, () => line.smsc.submits.length === expected);
      clock.advance(ANSWER_MS);
    }
  });
});
