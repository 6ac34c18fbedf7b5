import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { commandStatus, encodePdu, type Pdu, type PduInput } from "@messaging-plus/smpp";
import { afterAll, expect, test } from "vitest";
import { generator, mutate, soundPdus } from "../../../smpp/test/fuzz.ts";
import { batchOf } from "../../src/message/id.ts";
import type { Esme } from "../support/esme.ts";
import { type Credential, startSmppProgram, submitOf } from "../support/smpp-program.ts";
import { until, within } from "../support/until.ts";

// Enemies' clients at the door; more of each by FUZZ_RUNS and FUZZ_CONNECTIONS (npm run fuzz:smpp). FUZZ_SEED repeats a run.
const runs = Number(process.env.FUZZ_RUNS ?? 500);
const connections = Number(process.env.FUZZ_CONNECTIONS ?? 1_200);
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

/** Others than 127.0.0.1 are everybody's on Linux alone. */
const isLinux = process.platform === "linux";
const ELSEWHERE = isLinux ? "127.0.0.2" : "127.0.0.1";

/** Mutants of one connection, and connections at a time. */
const MUTANTS = 8;
const ENEMIES = 8;
const { ESME_ROK, ESME_RTHROTTLED, ESME_RINVPASWD, ESME_RBINDFAIL } = commandStatus;

const carriers = [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }];
const program = await startSmppProgram({ config: { carriers, server: { workers: 2 } } });
afterAll(program.stop);
const { pool } = program.database;

/** An honest customer, whom no enemy may hurt. */
const honest = await program.account();
const bystander = await program.bound(honest.credential);

async function isServed(): Promise<void> {
  for (let submits = 0; submits < 2; submits++) {
    expect((await bystander.ask("submit_sm", submitOf())).command_status).toBe(0);
  }
}

async function isUnhurt(): Promise<void> {
  const before = bystander.delivered.length;
  expect(await bystander.ask("submit_sm", submitOf({ registered_delivery: 1 }))).toMatchObject({ command_status: 0 });
  await until("the bystander's receipt", () => bystander.delivered.length > before);
}

/** The batches of all messages of an account, those that are held for their time too, once each has a row. */
async function storedOf(account: string): Promise<string[]> {
  await until("no message to be in a bundle", async () => {
    return (await pool.query("SELECT FROM message_bundle")).rowCount === 0;
  });
  const { rows } = await pool.query<{ id: string }>(
    `SELECT m.id FROM message m JOIN account a ON a.id = m.account_id WHERE a.identifier = $1
     UNION SELECT p.id FROM pending_batch p JOIN account a ON a.id = p.account_id WHERE a.identifier = $1`,
    [account],
  );
  return rows.map(({ id }) => batchOf(id));
}

/** The batches that submits were accepted as. */
function acceptedBy({ received }: Esme): string[] {
  return received.flatMap((pdu: Pdu) =>
    (pdu.command === "submit_sm_resp" || pdu.command === "data_sm_resp" || pdu.command === "submit_multi_resp") &&
    pdu.command_status === 0
      ? [batchOf(pdu.message_id)]
      : [],
  );
}

afterAll(() => {
  const { stderr } = program.output();
  expect(stderr.split("\n").filter((line) => /died|answers nothing|uncaught/i.test(line))).toEqual([]);
});

test(`${runs} mutated PDUs accept nothing that is not committed, FUZZ_SEED=${seed}`, {
  timeout: 90_000 + 10 * runs,
}, async () => {
  const random = generator(seed);
  const strange = soundPdus(seed);
  const { credential, identifier } = await program.account({ binds: 64, window: 1_000 });
  const sound = (): Buffer => {
    if (random(2) === 0) return strange[random(strange.length)] as Buffer;
    const submit = submitOf({ registered_delivery: random(32), data_coding: [0, 3, 8, 0xf5][random(4)] as number });
    return encodePdu({ command: "submit_sm", sequence_number: 1 + random(2 ** 30), ...submit });
  };
  const accepted: string[] = [];
  const attack = async (mutants: Buffer): Promise<void> => {
    const enemy = await program.bound(credential);
    // So that something is accepted, however soon a mutant ends the connection.
    await enemy.ask("submit_sm", submitOf());
    enemy.write(mutants);
    // The connection ends with every answer due, unless a mutant ends it, or takes this for the rest of itself.
    enemy.send({ command: "unbind", sequence_number: 1 });
    await Promise.race([enemy.closed, isServed()]);
    if (enemy.isOpen) enemy.write(Buffer.alloc(20_000));
    await within("the end of an enemy's connection", enemy.closed);
    accepted.push(...acceptedBy(enemy));
  };
  for (let left = runs; left > 0; left -= ENEMIES * MUTANTS) {
    const mutants = () => Buffer.concat(Array.from({ length: MUTANTS }, () => mutate(sound(), random)));
    await Promise.all(Array.from({ length: ENEMIES }, () => attack(mutants())));
    if (left % 1_000 < ENEMIES * MUTANTS) await isUnhurt();
  }
  await isUnhurt();
  const stored = new Set(await storedOf(identifier));
  expect(accepted.filter((id) => !stored.has(id))).toEqual([]);
  expect(accepted.length).toBeGreaterThan(0);
});

test("a flood beyond the window is answered, each submit once, and what was accepted is what was stored", async () => {
  const { credential, identifier } = await program.account({ window: 10 });
  const esme = await program.bound(credential);
  const flood = 1_000;
  const pdus = Array.from({ length: flood }, (_, index) => {
    return encodePdu({ command: "submit_sm", sequence_number: 1_000 + index, ...submitOf() });
  });
  esme.write(Buffer.concat(pdus));
  await isUnhurt();
  const answers = () => esme.received.filter(({ command }) => command === "submit_sm_resp");
  await until("every answer", () => answers().length === flood);
  const statuses = new Set(answers().map(({ command_status }) => command_status));
  expect(statuses).toEqual(new Set([ESME_ROK, ESME_RTHROTTLED]));
  expect(new Set(answers().map(({ sequence_number }) => sequence_number)).size).toBe(flood);
  expect((await storedOf(identifier)).sort()).toEqual(acceptedBy(esme).sort());
  esme.end();
});

test(`${connections} connections without a bind, silent and slow ones, keep nobody out`, async () => {
  const { credential } = await program.account();
  const sockets: Socket[] = [];
  const half = encodePdu({ command: "bind_transceiver", ...credential, interface_version: 0x34 }).subarray(0, 20);
  for (let made = 0; made < connections; made++) {
    const socket = createConnection({ port: program.port, host: "127.0.0.1", localAddress: ELSEWHERE });
    socket.on("error", () => {});
    await once(socket, "connect");
    if (made % 2 === 0) socket.write(half);
    sockets.push(socket);
    if (made % 500 === 0) await isUnhurt();
  }
  await isUnhurt();
  // Of each process's, no more stay than it has room for: two of 500.
  const open = () => sockets.filter(({ destroyed }) => !destroyed).length;
  await until("the end of those that waited longest", () => open() <= 1_000, open);
  // An octet at a time is a submit too.
  const slow = await program.bound(credential);
  const submit: PduInput = { command: "submit_sm", sequence_number: 77, ...submitOf() };
  const answer = slow.answerTo(77);
  for (const octet of encodePdu(submit)) {
    slow.write(Buffer.from([octet]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await within("the slow one's answer", answer)).toMatchObject({ command_status: 0 });
  slow.end();
  for (const socket of sockets) socket.destroy();
});

test("a customer who reads neither answers nor receipts is cut off, and loses no receipt", async () => {
  const { credential } = await program.account({ window: 1_000 });
  const sender = await program.bound(credential, {}, "bind_transmitter");
  const deaf = await program.bound(credential, { onDeliver: () => null });
  const submit = submitOf({ registered_delivery: 1 });
  const ids = await Promise.all(Array.from({ length: 200 }, () => sender.ask("submit_sm", submit)));
  await until("receipts that the deaf one leaves unanswered", () => deaf.delivered.length > 0);
  await isUnhurt();
  deaf.pause();
  const asks = Buffer.concat(
    Array.from({ length: 10_000 }, () => encodePdu({ command: "enquire_link", sequence_number: 1 })),
  );
  // The answers fill the buffers of the system first, and then what the server keeps for one who does not read.
  let written = 0;
  await until("the end of the deaf one", async () => {
    if (deaf.isOpen && written++ < 2_000) await deaf.poured(asks);
    return !deaf.isOpen;
  });
  await isUnhurt();
  const receiver = await program.bound(credential, {}, "bind_receiver");
  const missing = () => {
    const told = new Set(receiver.delivered.map(({ tlvs }) => tlvs.receipted_message_id));
    return ids.filter(({ message_id }) => !told.has(message_id)).length;
  };
  await until("every receipt", () => missing() === 0, missing);
  sender.end();
  receiver.end();
});

test.runIf(isLinux)(
  "wrong passwords in a loop are answered later and later, and others from elsewhere bind as ever",
  async () => {
    const { credential } = await program.account();
    const wrong: Credential = { ...credential, password: "wrong" };
    const guess = async (): Promise<number> => {
      const esme = await program.connect({ localAddress: "127.0.0.3" });
      const { command_status } = await esme.bind(wrong);
      esme.end();
      return command_status;
    };
    const guesses = Promise.all(Array.from({ length: 20 }, guess));
    const { credential: others } = await program.account();
    (await program.bound(others)).end();
    await isUnhurt();
    const statuses = new Set(await guesses);
    expect([...statuses].filter((status) => ![ESME_RINVPASWD, ESME_RBINDFAIL].includes(status as never))).toEqual([]);
    expect(statuses.has(ESME_RINVPASWD)).toBe(true);
    (await program.bound(credential)).end();
  },
);

test("nothing of it stays in a process's memory", async () => {
  await isUnhurt();
  const metrics = await (await fetch(`${program.url}/metrics`)).text();
  const resident = [...metrics.matchAll(/^process_resident_memory_bytes\{[^}]*\} (\S+)$/gm)].map(([, bytes]) =>
    Number(bytes),
  );
  // The engine, and two that accept: V8 alone could have taken as much.
  expect(resident).toHaveLength(3);
  expect(resident.filter((bytes) => bytes > 512 * 1024 * 1024)).toEqual([]);
});
