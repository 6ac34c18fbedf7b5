import { describe, expect, test } from "vitest";
import type { SmscLink, Submit } from "../support/pdu-smsc.ts";
import { until } from "../support/until.ts";
import { boundLine } from "./rig.ts";

const SOON = { backoff: { failedMs: [20] } };

describe("a carrier that asks to slow down", () => {
  test.each([
    ["throttled (0x58)", 0x58, 3],
    ["its queue full (0x14)", 0x14, 2],
    ["temporarily unable (0x64)", 0x64, 3],
    ["in error (0x08)", 0x08, 3],
  ])("%s gets the same message again until it takes it", async (_, status, times) => {
    const made = await boundLine();
    const { onSubmit } = made.smsc;
    made.smsc.onSubmit = (submit) => (submit.count <= times ? submit.refuse(status) : onSubmit(submit));
    const [id] = await made.send({});
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(made.smsc.submits).toHaveLength(times + 1);
    expect(made.uncertain()).toBe(0);
  });

  test.each([
    [0x58, "20"],
    [0x14, "3B"],
    [0x64, "32"],
    [0x08, "32"],
  ])("with %i until a message's validity is over fails it with %s, and not before", async (status, code) => {
    const made = await boundLine();
    made.smsc.onSubmit = (submit) => submit.refuse(status);
    const validity = 700;
    const before = Date.now();
    const [id] = await made.send({ validity });
    expect(await made.finalOf(id as string)).toBe(`failed ${code}`);
    expect(Date.now() - before).toBeGreaterThanOrEqual(validity);
    expect(made.smsc.submits.length).toBeLessThanOrEqual(3);
  });

  test.each([0x08, 0x64])("with %i for one message again and again fails that one after nine tries", async (status) => {
    const made = await boundLine();
    const { onSubmit } = made.smsc;
    const isBad = ({ pdu }: Submit) => pdu.source_addr === "Bad";
    made.smsc.onSubmit = (submit) => (isBad(submit) ? submit.refuse(status) : onSubmit(submit));
    const [bad, ...others] = await made.send({ sender: "Bad" }, ...Array(39).fill({ accountId: 2 }));
    expect(await made.finalOf(bad as string)).toBe("failed 32");
    for (const id of others) expect(await made.finalOf(id)).toBe("delivered 00");
    const tries = made.smsc.submits.filter(isBad);
    expect(tries).toHaveLength(9);
    expect(made.smsc.submits).toHaveLength(9 + 39);
  });

  test("takes them in the order in which they were accepted, whatever the order of its answers", async () => {
    const made = await boundLine({ carrier: { window: 4 } });
    const { onSubmit } = made.smsc;
    const throttled: Submit[] = [];
    made.smsc.onSubmit = (submit) => {
      if (throttled.length === 4) return onSubmit(submit);
      throttled.push(submit);
      if (throttled.length === 4) for (const index of [2, 0, 3, 1]) throttled[index]?.refuse(0x58);
    };
    const ids = await made.send(...Array(12).fill({}));
    for (const id of ids) expect(await made.finalOf(id)).toBe("delivered 00");
    const handsets = made.smsc.submits.map(({ pdu }) => pdu.destination_addr);
    expect(handsets.slice(4)).toEqual([...new Set(handsets)].sort());
    expect(handsets.slice(0, 4)).toEqual(handsets.slice(4, 8));
  });
});

describe("a carrier that takes the session for another", () => {
  test.each([0x04, 0x05])("(%i) is bound to anew, and the message sent again", async (status) => {
    const made = await boundLine({ waits: SOON });
    const { onSubmit } = made.smsc;
    const [first] = made.smsc.links as [SmscLink];
    made.smsc.onSubmit = (submit) => {
      if (submit.link !== first) onSubmit(submit);
      else if (submit.count === 3) submit.refuse(status);
    };
    const ids = await made.send({}, {}, {});
    // It is unbound from once the others are answered.
    await until("the bind to be given up", () => made.carriers[0]?.up === false);
    expect(first.count("unbind")).toBe(0);
    for (const submit of made.smsc.submits.slice(0, 2)) {
      submit.take(`kept-${status}-${submit.count}`);
      submit.receipt(`kept-${status}-${submit.count}`);
    }
    for (const id of ids) expect(await made.finalOf(id)).toBe("delivered 00");
    expect(first.count("unbind")).toBe(1);
    expect(made.smsc.links).toHaveLength(2);
    expect(made.smsc.submits).toHaveLength(4);
    expect(made.uncertain()).toBe(0);
    expect(made.logged.map(({ err }) => err?.message)).toContainEqual(
      expect.stringContaining("submit_sm was answered"),
    );
  });

  test("on one of two binds is sent to on the other meanwhile", async () => {
    const made = await boundLine({ carrier: { binds: 2 } });
    await made.smsc.link(2);
    const { onSubmit } = made.smsc;
    made.smsc.onSubmit = (submit) => (submit.count === 1 ? submit.refuse(0x04) : onSubmit(submit));
    const [id] = await made.send({});
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    const [bad, good] = made.smsc.submits as [Submit, Submit];
    expect(good.link).not.toBe(bad.link);
    await until("the unbind", () => bad.link.count("unbind") === 1);
    expect(good.link.count("unbind")).toBe(0);
  });
});

describe("the throughput of a carrier", () => {
  test.each([
    ["messages", Array(40).fill({}), {}],
    ["parts", Array(10).fill({ body: "x".repeat(500) }), {}],
    ["messages over several binds", Array(40).fill({}), { binds: 3 }],
  ])("is not exceeded by %s", async (_, texts, carrier) => {
    const made = await boundLine({ carrier: { throughput: 20, ...carrier } });
    const before = Date.now();
    const ids = await made.send(...texts);
    for (const id of ids) expect(await made.finalOf(id)).toBe("delivered 00");
    expect(made.smsc.submits).toHaveLength(40);
    // Two at once, then one each 50 ms: a machine that is busy only makes it longer.
    for (const { at, count } of made.smsc.submits) {
      expect(at - before).toBeGreaterThanOrEqual((count - 2) * 50 - 2);
    }
  });
});
