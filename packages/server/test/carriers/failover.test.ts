import { describe, expect, test } from "vitest";
import type { Smsc } from "../support/pdu-smsc.ts";
import { until } from "../support/until.ts";
import { boundLine, line } from "./rig.ts";

async function two(failover: ("down" | "refused" | "throttled" | "slow")[], carrier = {}) {
  const made = await boundLine({ carriers: 2, failover, carrier });
  const [first, second] = made.smscs as [Smsc, Smsc];
  return { ...made, first, second, counts: () => [first.submits.length, second.submits.length] };
}

describe("a message goes on to the next carrier", () => {
  test("where one refused it, and fails where the last did", async () => {
    const made = await two(["refused"]);
    made.first.onSubmit = (submit) => submit.refuse(0x0b);
    const [one] = await made.send({});
    expect(await made.finalOf(one as string)).toBe("delivered 00");
    made.second.onSubmit = (submit) => submit.refuse(0x45);
    const [other] = await made.send({});
    expect(await made.finalOf(other as string)).toBe("failed 56");
    expect(made.counts()).toEqual([2, 2]);
  });

  test("where one throttled it, and is offered to all again where each did", async () => {
    const made = await two(["throttled"]);
    const take = made.second.onSubmit;
    made.first.onSubmit = (submit) => submit.refuse(0x58);
    const [one] = await made.send({});
    expect(await made.finalOf(one as string)).toBe("delivered 00");
    expect(made.counts()).toEqual([1, 1]);
    let refusals = 0;
    made.second.onSubmit = (submit) => (refusals++ === 0 ? submit.refuse(0x58) : take(submit));
    made.first.onSubmit = take;
    const [other] = await made.send({});
    expect(await made.finalOf(other as string)).toBe("delivered 00");
  });

  test("where one has no room, and no sooner", async () => {
    const made = await two(["slow"], { window: 2 });
    made.first.onSubmit = () => {};
    await made.send({}, {}, {});
    await until("the second's", () => made.second.submits.length === 1);
    expect(made.counts()).toEqual([2, 1]);
    for (const submit of made.first.submits) submit.take();
  });

  test("where one is down, unless it is to be waited for", async () => {
    const made = await line({ carriers: 2, failover: ["down"] });
    await made.carriers[1]?.start();
    const [one] = await made.send({});
    expect(await made.finalOf(one as string)).toBe("delivered 00");
    const patient = await line({ carriers: 2, failover: ["refused"] });
    await patient.carriers[1]?.start();
    await until("the bind", () => patient.carriers[1]?.up);
    const [id] = await patient.send({});
    await patient.carriers[0]?.start();
    expect(await patient.finalOf(id as string)).toBe("delivered 00");
    expect(patient.smscs.map(({ submits }) => submits.length)).toEqual([1, 0]);
  });
});

describe("a message stays", () => {
  test("where its route does not say otherwise", async () => {
    const made = await two(["down"]);
    made.first.onSubmit = (submit) => submit.refuse(0x0b);
    const [id] = await made.send({});
    expect(await made.finalOf(id as string)).toBe("failed 43");
    expect(made.counts()).toEqual([1, 0]);
  });

  test("where the carrier has some of its parts", async () => {
    const made = await two(["refused", "throttled"]);
    made.first.onSubmit = (submit) => (submit.part === 1 ? submit.take() : submit.refuse(0x0b));
    const [id] = await made.send({ body: "x".repeat(200) });
    expect(await made.finalOf(id as string)).toBe("failed 43");
    expect(made.counts()).toEqual([2, 0]);
  });

  test("away from a carrier that refused it, while the next asks to wait", async () => {
    const made = await two(["refused", "throttled"]);
    const take = made.second.onSubmit;
    made.first.onSubmit = (submit) => submit.refuse(0x0b);
    made.second.onSubmit = (submit) => (submit.count < 3 ? submit.refuse(0x58) : take(submit));
    const [id] = await made.send({});
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(made.counts()).toEqual([1, 3]);
  });
});
