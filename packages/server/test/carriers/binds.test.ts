import { describe, expect, test } from "vitest";
import type { SmscLink } from "../support/pdu-smsc.ts";
import { until } from "../support/until.ts";
import { boundLine, line } from "./rig.ts";

const SOON = { backoff: { failedMs: [20], refusedMs: [20] } };

describe("several binds", () => {
  test("share the messages, each with a window of its own", async () => {
    const made = await boundLine({ carrier: { binds: 3, window: 4 } });
    await made.smsc.link(3);
    made.smsc.onSubmit = () => {};
    await made.send(...Array(20).fill({}));
    await until("full windows", () => made.smsc.submits.length === 12);
    expect(made.smsc.links.map((link) => link.count("submit_sm"))).toEqual([4, 4, 4]);
    for (const submit of made.smsc.submits.slice(0, 6)) submit.take();
    await until("the slots to be used again", () => made.smsc.submits.length === 18);
    expect(made.uncertain()).toBe(0);
  });

  test("go on when one of them is cut, whose messages go by the others", async () => {
    const made = await boundLine({ carrier: { binds: 3 }, waits: { backoff: { failedMs: [60_000] } } });
    const [first] = made.smsc.links as [SmscLink];
    await made.smsc.link(3);
    const { onSubmit } = made.smsc;
    made.smsc.onSubmit = (submit) => (submit.link === first ? first.cut() : onSubmit(submit));
    const ids = await made.send(...Array(30).fill({}));
    for (const id of ids) expect(await made.finalOf(id)).toBe("delivered 00");
    expect(made.carriers[0]?.up).toBe(true);
    expect(new Set(made.smsc.submits.map(({ pdu }) => pdu.destination_addr)).size).toBe(30);
    expect(made.smsc.submits.length - 30).toBeLessThanOrEqual(made.uncertain());
  });

  test("of which the carrier allows one only send by that one", async () => {
    const made = await line({ carrier: { binds: 2 }, waits: SOON });
    made.smsc.onBind = () => (made.smsc.bound.length === 0 ? 0 : 0x05);
    await made.carriers[0]?.start();
    await until("a refusal", () => made.logged.some(({ msg }) => msg === "the carrier refused the bind"));
    const [id] = await made.send({});
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(made.smsc.bound).toHaveLength(1);
  });
});

describe("split binds", () => {
  const split = { carrier: { bind: "split" as const }, waits: SOON };
  const receiver = (links: readonly SmscLink[]) =>
    links.find((link) => link.bound && link.received[0]?.command === "bind_receiver");
  const transmitter = (links: readonly SmscLink[]) =>
    links.find((link) => link.bound && link.received[0]?.command === "bind_transmitter");

  test("send by one link and take receipts by the other", async () => {
    const made = await boundLine(split);
    await until("the receiver", () => receiver(made.smsc.links));
    const ids = await made.send({}, {});
    for (const id of ids) expect(await made.finalOf(id)).toBe("delivered 00");
    expect(transmitter(made.smsc.links)?.count("submit_sm")).toBe(2);
    expect(transmitter(made.smsc.links)?.count("deliver_sm_resp")).toBe(0);
    // A message is final before its receipt is answered.
    await until("the answers", () => receiver(made.smsc.links)?.count("deliver_sm_resp") === 2);
  });

  test("send while the receiver is away, and take the receipts when it is back", async () => {
    const made = await boundLine(split);
    const old = await until("the receiver", () => receiver(made.smsc.links));
    made.smsc.onSubmit = (submit) => submit.take("split-1");
    old.cut();
    const [id] = await made.send({});
    const submit = await made.smsc.submit(1);
    const back = await until("the receiver again", () => receiver(made.smsc.links));
    made.smsc.receipt(back, submit.pdu.destination_addr, "split-1");
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(made.smsc.submits).toHaveLength(1);
  });

  test("are not plainly up while no receiver is bound", async () => {
    const made = await boundLine(split);
    const state = () => made.carriers[0]?.status.state;
    await until("both", () => state() === "up");
    made.smsc.onBind = (link) => (link.received[0]?.command === "bind_receiver" ? 0x0d : 0);
    receiver(made.smsc.links)?.cut();
    await until("the loss of the receiver", () => state() === "no-receiver");
    made.smsc.onBind = () => 0;
    await until("the receiver again", () => state() === "up");
  });

  test("hold messages while the transmitter is away, and take receipts meanwhile", async () => {
    const made = await boundLine(split);
    await until("the receiver", () => receiver(made.smsc.links));
    made.smsc.onSubmit = (submit) => submit.take(`split-tx-${submit.count}`);
    const [first] = await made.send({});
    const submit = await made.smsc.submit(1);
    made.smsc.onBind = (link) => (link.received[0]?.command === "bind_transmitter" ? 0x0d : 0);
    transmitter(made.smsc.links)?.cut();
    await until("the transmitter to be refused", () => made.logged.some(({ msg }) => msg.includes("refused the bind")));
    expect(made.carriers[0]?.up).toBe(false);
    const [second] = await made.send({});
    submit.receipt("split-tx-1");
    await until("the first's receipt", async () => (await made.row(first as string)).state === 2);
    expect(made.smsc.submits).toHaveLength(1);
    made.smsc.onBind = () => 0;
    (await made.smsc.submit(2)).receipt("split-tx-2");
    expect(await made.finalOf(second as string)).toBe("delivered 00");
  });
});
