import { commandStatusName } from "@messaging-plus/smpp";
import { describe, expect, test } from "vitest";
import { FakeClock } from "../../../smpp/test/fake-clock.ts";
import { SUBMITTED } from "../../src/message/lifecycle.ts";
import { receipt, type SmscLink, type Submit } from "../support/pdu-smsc.ts";
import { until } from "../support/until.ts";
import { boundLine, type Line, line, untilLater } from "./rig.ts";

const SOON = { backoff: { failedMs: [20], refusedMs: [20] } };

/** The octets of a submit_sm_resp with an id of four characters, and of a receipt: cut before each of these. */
const ANSWER = [0, 1, 4, 15, 16, 20];
const RECEIPT = [0, 3, 16, 60, 120];

function answer({ pdu }: Submit, message_id: string) {
  return { command: "submit_sm_resp" as const, sequence_number: pdu.sequence_number, message_id };
}

/** The first link does as it is told, the others as an SMSC should. */
function firstLink(made: Line, bad: (submit: Submit) => void): void {
  const { onSubmit } = made.smsc;
  made.smsc.onSubmit = (submit) => (submit.link === made.smsc.links[0] ? bad : onSubmit)(submit);
}

describe("a link that is cut", () => {
  test.each([["before the bind's answer"], ["within it"], ["after it"]])(
    "%s sends each message once, on the next",
    async (when) => {
      const made = await line({ waits: SOON });
      made.smsc.onBind = (link) => {
        if (link !== made.smsc.links[0]) return 0;
        const bindAnswer = { command: "bind_transceiver_resp" as const, sequence_number: 1, system_id: "smsc" };
        if (when === "before the bind's answer") link.cut();
        else link.cutWithin(bindAnswer, when === "within it" ? 17 : 21);
        return undefined;
      };
      const ids = await made.send({}, {});
      await made.carriers[0]?.start();
      for (const id of ids) expect(await made.finalOf(id)).toBe("delivered 00");
      expect(made.smsc.submits).toHaveLength(2);
      expect(made.smsc.links).toHaveLength(2);
    },
  );

  test.each(ANSWER)("after %i octets of the submit's answer leaves it uncertain: sent again", async (octets) => {
    const made = await boundLine({ waits: SOON });
    firstLink(made, (submit) => submit.link.cutWithin(answer(submit, "1234"), octets));
    const [id] = await made.send({});
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(made.smsc.submits).toHaveLength(2);
    expect(made.uncertain()).toBe(1);
  });

  test.each(ANSWER)(
    "after %i octets of the submit's answer: failed with 7A where that is asked for",
    async (octets) => {
      const made = await boundLine({ waits: SOON, onUncertain: "fail" });
      firstLink(made, (submit) => submit.link.cutWithin(answer(submit, "1234"), octets));
      const [id] = await made.send({});
      expect(await made.finalOf(id as string)).toBe("failed 7A");
      expect(made.smsc.submits).toHaveLength(1);
    },
  );

  test("after the submit's answer, or by a reset, leaves it as answered", async () => {
    const made = await boundLine({ waits: SOON });
    firstLink(made, (submit) => {
      submit.take("kept");
      submit.link.socket.end();
    });
    const [id] = await made.send({});
    await until("the submit to be recorded", async () => (await made.row(id as string)).state === SUBMITTED);
    made.smsc.receipt(await made.smsc.link(2), made.smsc.submits[0]?.pdu.destination_addr as string, "kept");
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(made.smsc.submits).toHaveLength(1);
    expect(made.uncertain()).toBe(0);
  });

  test.each(RECEIPT)("after %i octets of a receipt gets it again on the next link", async (octets) => {
    const made = await boundLine({ waits: SOON });
    firstLink(made, (submit) => {
      const { destination_addr } = submit.pdu;
      submit.take("own");
      const delivery = { command: "deliver_sm" as const, sequence_number: 9, ...receipt(destination_addr, "own") };
      submit.link.cutWithin(delivery, octets);
    });
    const [id] = await made.send({});
    const submit = await made.smsc.submit(1);
    const next = await made.smsc.link(2);
    made.smsc.receipt(next, submit.pdu.destination_addr, "own");
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(made.smsc.submits).toHaveLength(1);
    await until("the receipt's answer", () => next.count("deliver_sm_resp") === 1);
  });

  test("again and again with a whole window under way loses none, and sends none again whose answer came", async () => {
    const made = await boundLine({ waits: SOON, carrier: { window: 50 } });
    const { onSubmit } = made.smsc;
    made.smsc.onSubmit = (submit) => {
      const isLast = made.smsc.links.length > 4;
      if (isLast || submit.count % 3 === 0) onSubmit(submit);
      else if (submit.count % 20 === 0) submit.link.cut();
    };
    const ids = await made.send(...Array(100).fill({}));
    for (const id of ids) expect(await made.finalOf(id)).toBe("delivered 00");
    const handsets = new Set(made.smsc.submits.map(({ pdu }) => pdu.destination_addr));
    expect(handsets.size).toBe(100);
    expect(made.smsc.submits.length - 100).toBeGreaterThan(0);
    expect(made.smsc.submits.length - 100).toBeLessThanOrEqual(made.uncertain());
  });
});

describe("a half-open link", () => {
  test("is found by enquire_link, and its submit goes again on the next; nothing more went into it", async () => {
    const clock = new FakeClock();
    const made = await boundLine({ waits: { clock } });
    const [first] = made.smsc.links as [SmscLink];
    first.silent = true;
    const [id] = await made.send({});
    await until("the submit", () => first.count("submit_sm") === 1);
    clock.advance(10_000);
    const [second] = await made.send({});
    await until("enquire_link", () => first.count("enquire_link") === 1);
    clock.advance(10_000);
    await untilLater("the next link", clock, 50, () => made.smsc.links.length === 2);
    for (const sent of [id, second]) expect(await made.finalOf(sent as string)).toBe("delivered 00");
    expect(first.count("submit_sm")).toBe(1);
    expect(made.smsc.submits).toHaveLength(2);
    expect(made.uncertain()).toBe(1);
    expect(made.logged.map(({ err }) => err?.message)).toContain("no answer to enquire_link within 10000 ms");
  });

  test("is found though nothing is to be sent", async () => {
    const clock = new FakeClock();
    const made = await boundLine({ waits: { clock } });
    const [first] = made.smsc.links as [SmscLink];
    first.silent = true;
    clock.advance(30_000);
    await until("enquire_link", () => first.count("enquire_link") === 1);
    expect(made.carriers[0]?.up).toBe(true);
    clock.advance(10_000);
    await until("the link to be given up", () => made.carriers[0]?.up === false);
    await untilLater("the next link", clock, 50, () => made.smsc.bound.some((link) => link !== first));
    const [id] = await made.send({});
    expect(await made.finalOf(id as string)).toBe("delivered 00");
  });

  test("holds its messages until another carrier of the route takes them", async () => {
    const clock = new FakeClock();
    const made = await boundLine({ waits: { clock }, carriers: 2 });
    const [first] = made.smsc.links as [SmscLink];
    first.silent = true;
    const [id] = await made.send({});
    await until("the submit", () => first.count("submit_sm") === 1);
    clock.advance(10_000);
    await until("enquire_link", () => first.count("enquire_link") === 1);
    clock.advance(10_000);
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(made.smscs.map(({ submits }) => submits.length)).toEqual([0, 1]);
  });
});

describe("a carrier that unbinds", () => {
  test("is sent nothing more on that link, and what it still answers counts", async () => {
    const made = await boundLine({ waits: SOON, carrier: { window: 2 } });
    firstLink(made, ({ link, count }) => {
      if (count === 2) link.write({ command: "unbind", sequence_number: 77 });
    });
    const ids = await made.send({}, {}, {});
    const [first] = made.smsc.links as [SmscLink];
    await until("unbind_resp", () => first.count("unbind_resp") === 1);
    expect(made.carriers[0]?.up).toBe(false);
    made.smsc.submits[0]?.take("after-unbind");
    await until("its answer", async () => (await made.row(ids[0] as string)).state === SUBMITTED);
    first.cut();
    const second = await made.smsc.link(2);
    made.smsc.receipt(second, made.smsc.submits[0]?.pdu.destination_addr as string, "after-unbind");
    for (const id of ids) expect(await made.finalOf(id)).toBe("delivered 00");
    expect(first.count("submit_sm")).toBe(2);
    expect(second.count("submit_sm")).toBe(2);
    expect(made.uncertain()).toBe(1);
  });

  test("and answers all that is due sends none again", async () => {
    const made = await boundLine({ waits: SOON });
    firstLink(made, ({ link, count }) => {
      if (count === 5) link.write({ command: "unbind", sequence_number: 77 });
    });
    const ids = await made.send({}, {}, {}, {}, {});
    const [first] = made.smsc.links as [SmscLink];
    await until("unbind_resp", () => first.count("unbind_resp") === 1);
    for (const submit of made.smsc.submits) submit.take(`unbound-${submit.count}`);
    const second = await made.smsc.link(2);
    for (const { pdu, count } of made.smsc.submits) {
      made.smsc.receipt(second, pdu.destination_addr, `unbound-${count}`);
    }
    for (const id of ids) expect(await made.finalOf(id)).toBe("delivered 00");
    expect(made.smsc.submits).toHaveLength(5);
    expect(made.uncertain()).toBe(0);
  });
});

describe("a carrier that refuses the bind", () => {
  test.each([0x0d, 0x0e, 0x0f])(
    "with %i for a while is asked after 1, 5, 30 s and then each minute",
    async (status) => {
      const clock = new FakeClock();
      const made = await line({ waits: { clock } });
      made.smsc.onBind = () => (made.smsc.links.length <= 5 ? status : 0);
      // It has heard the refusal and waits.
      const refused = () => made.smsc.links.filter(({ closed }) => closed).length;
      const [id] = await made.send({});
      await made.carriers[0]?.start();
      for (const [refusals, wait] of [1_000, 5_000, 30_000, 60_000, 60_000].entries()) {
        await until(`refusal ${refusals + 1}`, () => refused() === refusals + 1);
        clock.advance(wait - 1);
        expect(made.smsc.links).toHaveLength(refusals + 1);
        clock.advance(1);
      }
      expect(await made.finalOf(id as string)).toBe("delivered 00");
      expect(made.smsc.submits).toHaveLength(1);
      expect(made.logged.find(({ msg }) => msg === "the carrier refused the bind")).toMatchObject({
        level: 50,
        command_status: commandStatusName(status),
        retryMs: 1_000,
      });
    },
  );

  test("until a message's validity is over fails it with 51, never sent", async () => {
    const made = await line({ waits: SOON });
    made.smsc.onBind = () => 0x0e;
    const [id] = await made.send({ validity: 300 });
    await made.carriers[0]?.start();
    expect(await made.finalOf(id as string)).toBe("failed 51");
    made.smsc.onBind = () => 0;
    await until("a bind", () => made.smsc.bound.length === 1);
    expect(made.smsc.submits).toHaveLength(0);
  });
});

describe("a peer that accepts the connection", () => {
  test("and never reads gets nothing, and the message goes by the next carrier", async () => {
    const clock = new FakeClock();
    const made = await line({ waits: { clock }, carriers: 2 });
    made.smsc.onConnection = ({ socket }) => socket.removeAllListeners("data").pause();
    for (const carrier of made.carriers) await carrier.start();
    await until("the other bind", () => made.carriers[1]?.up === true);
    const [id] = await made.send({});
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(made.smscs.map(({ submits }) => submits.length)).toEqual([0, 1]);
    clock.advance(10_000);
    await untilLater("the next try", clock, 50, () => made.smsc.links.length > 1);
    expect(made.logged.map(({ err }) => err?.message)).toContain("no answer to bind_transceiver within 10000 ms");
  });

  test("and reads no more once bound is given up, and its messages go on the next link", async () => {
    const clock = new FakeClock();
    const made = await boundLine({ waits: { clock }, carrier: { window: 1_000 } });
    const [first] = made.smsc.links as [SmscLink];
    first.socket.pause();
    const ids = await made.send(...Array(300).fill({}));
    clock.advance(10_000);
    clock.advance(10_000);
    await untilLater("the next link", clock, 50, () => made.smsc.links.length === 2);
    for (const id of ids) expect(await made.finalOf(id)).toBe("delivered 00");
    expect(made.uncertain()).toBeLessThanOrEqual(300);
    expect(made.smsc.submits).toHaveLength(300);
  });

  test("and answers in HTTP is said to, in the log", async () => {
    const made = await line({ waits: SOON });
    made.smsc.onBind = (link) => {
      if (link !== made.smsc.links[0]) return 0;
      link.octets(Buffer.from("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
      return undefined;
    };
    const [id] = await made.send({});
    await made.carriers[0]?.start();
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(made.logged.map(({ err }) => err?.message).join("\n")).toContain("the peer speaks HTTP, not SMPP");
    expect(made.smsc.submits).toHaveLength(1);
  });
});
