import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { commandStatus, EncodeError, encodePdu, NoAnswer, NotSent, type Pdu } from "../src/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { boundToRaw } from "./rig.ts";

const hello = { destination_addr: "447700900001", short_message: Buffer.from("hello") };

describe("an answer", () => {
  test("belongs to the request of its sequence_number, in whatever order it comes", async () => {
    const { client, peer } = await boundToRaw();
    const answers = Promise.all([client.submit(hello), client.submit(hello), client.submit(hello)]);
    const requests = [await peer.next("submit_sm"), await peer.next("submit_sm"), await peer.next("submit_sm")];
    expect(new Set(requests.map((pdu) => pdu.sequence_number)).size).toBe(3);
    for (const [index, { sequence_number }] of [...requests.entries()].reverse()) {
      peer.write({ command: "submit_sm_resp", sequence_number, message_id: `id ${index}` });
    }
    expect((await answers).map((answer) => answer.message_id)).toEqual(["id 0", "id 1", "id 2"]);
  });

  test("is told to a callback once, and never before the request has returned, whatever becomes of it", async () => {
    const { client, peer } = await boundToRaw({ window: 2 });
    const told: string[] = [];
    const submit = (fields: Parameters<typeof client.submit>[0], name: string) =>
      client.submit(fields, (answer) => {
        told.push(`${name}: ${answer instanceof Error ? answer.constructor.name : answer.message_id}`);
      });
    submit({ ...hello, short_message: Buffer.alloc(255) }, "too long");
    submit(hello, "answered");
    submit(hello, "cut");
    submit(hello, "beyond the window");
    expect(told).toEqual([]);
    const { sequence_number } = await peer.next("submit_sm");
    await peer.next("submit_sm");
    peer.write({ command: "submit_sm_resp", sequence_number, message_id: "1" });
    const lost = once(client, "lost");
    peer.socket.end();
    await lost;
    submit(hello, "unbound");
    const returned = [...told];
    await Promise.resolve();
    expect(returned).toEqual(["too long: EncodeError", "beyond the window: NotSent", "answered: 1", "cut: NoAnswer"]);
    expect(told.slice(4)).toEqual(["unbound: NotSent"]);
  });

  test("that refuses is an answer", async () => {
    const { client, peer } = await boundToRaw();
    const answer = client.submit(hello);
    const { sequence_number } = await peer.next("submit_sm");
    peer.write({ command: "submit_sm_resp", command_status: commandStatus.ESME_RTHROTTLED, sequence_number });
    expect(await answer).toMatchObject({ command: "submit_sm_resp", command_status: 0x58, message_id: "" });
  });

  test.each([
    [commandStatus.ESME_RINVCMDLEN, commandStatus.ESME_RINVCMDLEN],
    [commandStatus.ESME_ROK, commandStatus.ESME_RUNKNOWNERR],
  ])("in the form of a generic_nack of status %i refuses with %i", async (command_status, expected) => {
    const { client, peer } = await boundToRaw();
    const answer = client.submit(hello);
    const { sequence_number } = await peer.next("submit_sm");
    peer.write({ command: "generic_nack", command_status, sequence_number });
    expect(await answer).toEqual({
      command: "submit_sm_resp",
      command_status: expected,
      sequence_number,
      message_id: "",
      tlvs: {},
    });
  });

  test("that nobody asked for, of another kind or come twice is told and ignored", async () => {
    const { client, peer } = await boundToRaw();
    const unexpected: Pdu[] = [];
    client.on("unexpected", (pdu) => unexpected.push(pdu));
    const answer = client.submit(hello);
    const { sequence_number } = await peer.next("submit_sm");
    peer.write(
      { command: "submit_sm_resp", sequence_number: 9_999, message_id: "nobody's" },
      { command: "generic_nack", command_status: 3 },
      { command: "deliver_sm_resp", sequence_number },
      { command: "submit_sm_resp", sequence_number, message_id: "mine" },
      { command: "submit_sm_resp", sequence_number, message_id: "again" },
      { command: "enquire_link", sequence_number: 1 },
    );
    expect((await answer).message_id).toBe("mine");
    await peer.next("enquire_link_resp");
    expect(unexpected.map((pdu) => pdu.command)).toEqual([
      "submit_sm_resp",
      "generic_nack",
      "deliver_sm_resp",
      "submit_sm_resp",
    ]);
  });

  test.each([
    ["an id without its NUL", "abc", "abc"],
    ["no id", "", ""],
  ])("of status 0 with %s is a yes", async (_what, body, message_id) => {
    const { client, peer } = await boundToRaw();
    const answer = client.submit(hello);
    const { sequence_number } = await peer.next("submit_sm");
    const frame = Buffer.concat([
      encodePdu({ command: "enquire_link_resp", sequence_number }),
      Buffer.from(body, "latin1"),
    ]);
    frame.writeUInt32BE(frame.length, 0);
    frame.writeUInt32BE(0x8000_0004, 4);
    peer.socket.write(frame);
    expect(await answer).toMatchObject({ command_status: 0, message_id });
  });

  test("that comes too late was not in time: the slot is free and the answer unexpected", async () => {
    const clock = new FakeClock();
    const { client, peer } = await boundToRaw({ clock, responseTimeoutMs: 2_000, enquireLinkMs: 0, window: 2 });
    const [first, second] = [client.submit(hello), client.submit(hello)];
    await peer.next("submit_sm");
    const { sequence_number } = await peer.next("submit_sm");
    clock.advance(1_500);
    peer.write({ command: "submit_sm_resp", sequence_number, message_id: "in time" });
    expect((await second).message_id).toBe("in time");
    const third = client.submit(hello);
    const { sequence_number: late } = await peer.next("submit_sm");
    const freed = once(client, "free");
    clock.advance(500);
    await expect(first).rejects.toThrow(NoAnswer);
    await freed;
    expect(client.free).toBe(1);
    const expired = expect(third).rejects.toThrow("no answer to submit_sm within 2000 ms");
    clock.advance(1_499);
    expect(client.free).toBe(1);
    clock.advance(1);
    await expired;
    expect(client.free).toBe(2);
    const unexpected = once(client, "unexpected");
    peer.write({ command: "submit_sm_resp", sequence_number: late, message_id: "late" });
    expect((await unexpected)[0]).toMatchObject({ message_id: "late" });
  });
});

describe("the window", () => {
  test("is never exceeded, and says when it opens", async () => {
    const { client, peer } = await boundToRaw({ window: 3 });
    let opened = 0;
    client.on("free", () => opened++);
    expect(client.free).toBe(3);
    const answers = [client.submit(hello), client.submit(hello), client.dataSm({})];
    expect(client.free).toBe(0);
    await expect(client.submit(hello)).rejects.toThrow(NotSent);
    const { sequence_number } = await peer.next("submit_sm");
    const freed = once(client, "free");
    peer.write({ command: "submit_sm_resp", sequence_number, message_id: "1" });
    await freed;
    expect(client.free).toBe(1);
    const second = await peer.next("submit_sm");
    const data = await peer.next("data_sm");
    peer.write({ command: "submit_sm_resp", sequence_number: second.sequence_number, message_id: "2" });
    peer.write({ command: "data_sm_resp", sequence_number: data.sequence_number, message_id: "3" });
    expect((await Promise.all(answers)).map((answer) => answer.message_id)).toEqual(["1", "2", "3"]);
    expect(client.free).toBe(3);
    expect(opened).toBe(1);
  });

  test("is not used up by what cannot be written", async () => {
    const { client, peer } = await boundToRaw({ window: 1 });
    await expect(client.submit({ source_addr: "\0" })).rejects.toThrow(EncodeError);
    expect(client.free).toBe(1);
    const answer = client.submit(hello);
    const { sequence_number } = await peer.next("submit_sm");
    peer.write({ command: "submit_sm_resp", sequence_number, message_id: "1" });
    expect((await answer).message_id).toBe("1");
  });
});

test("each kind of request has its answer", async () => {
  const { client, peer } = await boundToRaw();
  const answers = Promise.all([
    client.request("query_sm", { message_id: "1" }),
    client.request("cancel_sm", { message_id: "1" }),
    client.request("replace_sm", { message_id: "1" }),
    client.request("submit_multi", { dest_addresses: [{ dl_name: "all" }] }),
  ]);
  const [query, cancel] = [await peer.next("query_sm"), await peer.next("cancel_sm")];
  const [replace, multi] = [await peer.next("replace_sm"), await peer.next("submit_multi")];
  peer.write(
    { command: "query_sm_resp", sequence_number: query.sequence_number, message_state: 2 },
    { command: "cancel_sm_resp", sequence_number: cancel.sequence_number, command_status: 0x11 },
    { command: "replace_sm_resp", sequence_number: replace.sequence_number },
    { command: "submit_multi_resp", sequence_number: multi.sequence_number, message_id: "7" },
  );
  expect(await answers).toMatchObject([
    { message_state: 2 },
    { command_status: 0x11 },
    { command_status: 0 },
    { message_id: "7" },
  ]);
});

describe("a connection cut", () => {
  const answer = encodePdu({ command: "submit_sm_resp", sequence_number: 2, message_id: "4711" });

  test.each([...Array(answer.length).keys()])(
    "after %i octets of the answer leaves the outcome unknown",
    async (length) => {
      const { client, peer } = await boundToRaw();
      const outcome = client.submit(hello);
      expect((await peer.next("submit_sm")).sequence_number).toBe(2);
      const lost = once(client, "lost");
      peer.socket.end(answer.subarray(0, length));
      await expect(outcome).rejects.toThrow(NoAnswer);
      await lost;
      expect(client.free).toBe(0);
      await expect(client.submit(hello)).rejects.toThrow(NotSent);
    },
  );

  test("after the whole answer changes nothing about it", async () => {
    const { client, peer } = await boundToRaw();
    const outcome = client.submit(hello);
    await peer.next("submit_sm");
    const lost = once(client, "lost");
    peer.socket.end(answer);
    expect((await outcome).message_id).toBe("4711");
    await lost;
  });

  test("by a reset leaves the outcome unknown", async () => {
    const { client, peer } = await boundToRaw();
    const outcome = client.submit(hello);
    await peer.next("submit_sm");
    const lost = once(client, "lost");
    peer.socket.resetAndDestroy();
    await expect(outcome).rejects.toThrow(NoAnswer);
    expect((await lost)[0]).toBeInstanceOf(Error);
  });
});
