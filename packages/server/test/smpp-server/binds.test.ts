import { fileURLToPath } from "node:url";
import type { SmppBind } from "@messaging-plus/sdk";
import { commandStatus, SmppServer } from "@messaging-plus/smpp";
import smpp, { type PDU, type Session } from "smpp";
import { afterAll, describe, expect, test } from "vitest";
import { authority, certificate } from "../support/listen.ts";
import { begin, mplus, printed } from "../support/mplus.ts";
import { testOrganization } from "../support/organization.ts";
import { startSmppProgram, submitOf } from "../support/smpp-program.ts";
import { until, within } from "../support/until.ts";

// Two processes accept: the binds of a credential are counted over both.
const carriers = [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }];
const program = await startSmppProgram({ config: { carriers, server: { workers: 2 } } });
afterAll(program.stop);
/** Of most tests; making and first using another password costs two hashes that are slow by intent. */
const customer = await program.account({ binds: 8 });
const { credential, api } = customer;
const { ESME_ROK, ESME_RINVPASWD, ESME_RINVSYSID, ESME_RBINDFAIL, ESME_RINVBNDSTS, ESME_RALYBND } = commandStatus;

describe("a bind", () => {
  test.each(["bind_transceiver", "bind_transmitter", "bind_receiver"] as const)("as %s stands", async (command) => {
    const esme = await program.connect();
    expect(await esme.bind(credential, command)).toMatchObject({
      command: `${command}_resp`,
      command_status: ESME_ROK,
      system_id: "MessagingPlus",
      tlvs: { sc_interface_version: 0x34 },
    });
    expect(await esme.ask("enquire_link")).toMatchObject({ command: "enquire_link_resp", command_status: 0 });
    expect(await esme.bind(credential, command)).toMatchObject({ command_status: ESME_RALYBND });
    expect(await esme.ask("unbind")).toMatchObject({ command: "unbind_resp", command_status: 0 });
    await within("the connection's end", esme.closed);
  });

  test.each([
    [0x32, ESME_RBINDFAIL, {}],
    [0x33, ESME_ROK, { sc_interface_version: 0x34 }],
    [0x50, ESME_ROK, { sc_interface_version: 0x34 }],
    [0x51, ESME_RBINDFAIL, {}],
  ])("of interface_version %i is answered %i with %o", async (version, command_status, tlvs) => {
    const esme = await program.connect();
    expect(await esme.bind(credential, "bind_transceiver", version)).toMatchObject({ command_status, tlvs });
    esme.end();
  });

  test("with a wrong password or name is refused, later each time", async () => {
    for (const [given, status] of [
      [{ ...credential, password: "wrong" }, ESME_RINVPASWD],
      [{ ...credential, password: "" }, ESME_RINVPASWD],
      [{ system_id: "nobody", password: credential.password }, ESME_RINVSYSID],
    ] as const) {
      const esme = await program.connect();
      expect(await esme.bind(given)).toMatchObject({ command_status: status });
      await within("the connection's end", esme.closed);
    }
    // What is right is answered, however much was wrong before.
    (await program.bound(credential)).end();
    expect(program.output().stderr).not.toContain(credential.password);
  });

  test("of a deactivated account is refused, and those it had are ended", async () => {
    const { credential, path } = await program.account();
    const esme = await program.bound(credential);
    expect((await program.organization.api.request("DELETE", path)).status).toBe(200);
    await within("the bind's end", esme.closed);
    expect(esme.requests.map(({ command }) => command)).toEqual(["unbind"]);
    const again = await program.connect();
    expect(await again.bind(credential)).toMatchObject({ command_status: ESME_RINVSYSID });
  });

  test("of a credential that is taken away is ended", async () => {
    const { credential, smppPath } = await program.account();
    const esme = await program.bound(credential);
    await program.organization.api.request("DELETE", `${smppPath}/${credential.identifier}`);
    await within("the bind's end", esme.closed);
    expect(esme.requests.map(({ command }) => command)).toEqual(["unbind"]);
  });

  test("stands while there are fewer than the credential may have", async () => {
    const { credential } = await program.account({ binds: 2 });
    const [first, second] = [await program.bound(credential), await program.bound(credential)];
    const third = await program.connect();
    expect(await third.bind(credential)).toMatchObject({ command_status: ESME_RBINDFAIL });
    first.end();
    await until("room for another", async () => {
      const esme = await program.connect();
      const { command_status } = await esme.bind(credential);
      if (command_status === 0) return true;
      esme.end();
      return false;
    });
    second.end();
    expect(program.output().stderr).toContain("the credential has its 2 binds already");
  });

  test("from an address that is not allowed is refused", async () => {
    const { credential, smppPath } = await program.account({ allow: ["192.0.2.0/24"] });
    const esme = await program.connect();
    expect(await esme.bind(credential)).toMatchObject({ command_status: ESME_RBINDFAIL });
    const change = { body: { allow: ["192.0.2.0/24", "127.0.0.0/8"] } };
    await program.organization.api.request("PATCH", `${smppPath}/${credential.identifier}`, change);
    (await program.bound(credential)).end();
  });

  test("takes a former password while its grace lasts", async () => {
    const { credential, smppPath } = await program.account();
    const path = `${smppPath}/${credential.identifier}/password`;
    const { body } = await program.organization.api.request<{ password: string }>("POST", path, {
      body: { graceSeconds: 600 },
    });
    for (const password of [credential.password, body.password])
      (await program.bound({ ...credential, password })).end();
    await program.organization.api.request("POST", path);
    const esme = await program.connect();
    expect(await esme.bind({ ...credential, password: body.password })).toMatchObject({
      command_status: ESME_RINVPASWD,
    });
  });
});

test.each(["submit_sm", "data_sm", "query_sm", "cancel_sm", "replace_sm"] as const)(
  "before a bind, %s is answered 0x04",
  async (command) => {
    const esme = await program.connect();
    expect(await esme.ask(command)).toMatchObject({ command_status: ESME_RINVBNDSTS });
    esme.end();
  },
);

test("a receiver may not submit", async () => {
  const esme = await program.bound(credential, {}, "bind_receiver");
  expect(await esme.ask("submit_sm")).toMatchObject({ command_status: ESME_RINVBNDSTS });
  esme.end();
});

test("GET /smpp lists the binds that stand, to their organization and the operator, with what came over them", async () => {
  const { credential, identifier } = await program.account();
  const esme = await program.bound(credential, {}, "bind_receiver");
  const sender = await program.bound(credential, {}, "bind_transmitter");
  await sender.ask("submit_sm", submitOf({ registered_delivery: 1 }));
  await sender.ask("submit_sm", submitOf({ registered_delivery: 1, destination_addr: "none" }));
  const binds = async (api = program.organization.api, query = "") => {
    const { status, body } = await api.request<{ items: SmppBind[]; next: string | null }>("GET", `/smpp${query}`);
    expect(status).toBe(200);
    return { ...body, items: body.items.filter(({ system_id }) => system_id === credential.system_id) };
  };
  await until("the receipt", async () => (await binds()).items[0]?.counts.delivered === 1);
  const common = { system_id: credential.system_id, account_uuid: identifier, address: "127.0.0.1", under_way: 0 };
  const mine = [
    { ...common, kind: "receiver", counts: { accepted: 0, refused: 0, delivered: 1 } },
    { ...common, kind: "transmitter", counts: { accepted: 1, refused: 1, delivered: 0 } },
  ];
  const { api: others } = await testOrganization(program.operator);
  const paged: SmppBind[] = [];
  for (let next: string | null = ""; next !== null; ) {
    const after = next === "" ? "" : `&after=${encodeURIComponent(next)}`;
    const page = await binds(program.operator, `?limit=1${after}`);
    paged.push(...page.items);
    next = page.next;
  }
  expect({
    mine: (await binds()).items,
    operator: (await binds(program.operator)).items,
    others: (await binds(others)).items,
    paged,
    account: (await program.api.request("GET", "/smpp")).status,
    cursor: (await program.operator.request("GET", "/smpp?after=x")).status,
  }).toMatchObject({
    mine,
    operator: mine.map((bind) => ({ ...bind, organization_uuid: program.organization.identifier })),
    others: [],
    paged: mine,
    account: 400,
    cursor: 400,
  });
  esme.end();
  sender.end();
  await until("nobody to be bound", async () => (await binds()).items.length === 0);
});

/** A handset that the simulator has answer "Hello"; a text of three parts. */
const ANSWERS = "447700900911";
const ANSWERS_LONG = "447700900915";

describe("the npm package smpp", () => {
  /** A bind, and everything that is delivered to it. */
  async function bound() {
    const { system_id, password } = credential;
    const session = smpp.connect({ host: "127.0.0.1", port: program.port }, () => {});
    session.on("error", () => {});
    const delivered: PDU[] = [];
    session.on("deliver_sm", (pdu: PDU) => {
      delivered.push(pdu);
      session.send(pdu.response());
    });
    const answer = new Promise<PDU>((resolve) => session.bind_transceiver({ system_id, password }, resolve));
    expect((await within("the bind", answer)).command_status).toBe(0);
    const receipts = (count: number) =>
      until(`${count} receipts`, () => {
        const found = delivered.filter(({ esm_class }) => esm_class === 0x04);
        return found.length >= count && found.map(({ receipted_message_id }) => receipted_message_id);
      });
    return { session, delivered, receipts };
  }
  const answerTo = (session: Session, fields: Record<string, unknown>) => {
    const common = { source_addr: "MyShop", destination_addr: "447700900123", registered_delivery: 1 };
    return within("an answer", new Promise<PDU>((done) => session.submit_sm({ ...common, ...fields }, done)));
  };
  async function end(session: Session): Promise<void> {
    expect((await within("the end", new Promise<PDU>((done) => session.unbind(done)))).command_status).toBe(0);
    session.close();
  }

  test("binds, submits, asks about it, and gets its receipt", async () => {
    const { session, receipts } = await bound();
    const text = "Grüße {€}";
    const { command_status, message_id } = await answerTo(session, { short_message: text });
    expect(command_status).toBe(0);
    expect(await receipts(1)).toEqual([message_id]);
    const { body } = await api.request<{ body: string }>("GET", `/message/${message_id}`);
    expect(body.body).toBe(text);
    const query = new Promise<PDU>((done) => session.query_sm({ message_id, source_addr: "MyShop" }, done));
    expect(await within("its state", query)).toMatchObject({ command_status: 0, message_id, message_state: 2 });
    await end(session);
  });

  test("submits long texts whole and in parts of its own", async () => {
    const { session, receipts } = await bound();
    const text = "x".repeat(200);
    const whole = await answerTo(session, { short_message: "", message_payload: text });
    const parts = [text.slice(0, 153), text.slice(153)].map((message, index) => {
      return { udh: Buffer.from([5, 0, 3, 7, 2, index + 1]), message };
    });
    const ids = [whole.message_id];
    for (const short_message of parts)
      ids.push((await answerTo(session, { esm_class: 0x40, short_message })).message_id);
    expect((await receipts(3)).sort()).toEqual(ids.sort());
    const { body } = await api.request<{ body: string; parts: number }>("GET", `/message/${whole.message_id}`);
    expect(body).toMatchObject({ body: text, parts: 2 });
    await end(session);
  });

  test("gets what handsets answer, long texts in parts with a header", async () => {
    const { path } = customer;
    const number = "447700900998";
    await program.organization.api.request("POST", "/sender", { body: { value: number, account: path.split("/")[2] } });
    const inbound_url = `smpp:${credential.system_id}`;
    await program.organization.api.request("PUT", `${path}/webhook`, { body: { inbound_url } });
    const { session, delivered, receipts } = await bound();
    for (const destination_addr of [ANSWERS, ANSWERS_LONG]) {
      await answerTo(session, { source_addr: number, destination_addr, short_message: "Hello" });
    }
    await receipts(2);
    const from = (handset: string) => delivered.filter((pdu) => pdu.esm_class !== 0x04 && pdu.source_addr === handset);
    const [short] = await until("the short one", () => from(ANSWERS).length === 1 && from(ANSWERS));
    expect(short).toMatchObject({ destination_addr: number, short_message: { message: "Hello" } });
    const long = await until("all parts", () => from(ANSWERS_LONG).length === 3 && from(ANSWERS_LONG));
    const headers = long.map(({ short_message }) =>
      (short_message as { udh: Buffer[] }).udh[0]!.subarray(-2).join(" of "),
    );
    expect(headers.sort()).toEqual(["3 of 1", "3 of 2", "3 of 3"]);
    await end(session);
  });
});

describe("mplus simulate esme", () => {
  const { system_id, password } = credential;
  const options = ["simulate", "esme", "--port", String(program.port), "--system-id", system_id, "--json"];
  const mine = [...options, "--password", password];

  test("submits over its binds, prints each end, and sums up", async () => {
    const texts = ["--count", "3", "--text", `${"x".repeat(160)} {n}`, "--long", "sar"];
    const more = ["--to", "447700900123,447700900534", "--binds", "2", "--rate", "100", "--print"];
    const { code, stdout, stderr } = await mplus([...mine, ...texts, ...more]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const events = printed({ stdout });
    const ids = (event: string) => events.filter((one) => one.event === event).map(({ message_id }) => message_id);
    expect(ids("answer")).toHaveLength(6);
    expect(ids("receipt").sort()).toEqual(ids("answer").sort());
    expect(events.at(-1)).toMatchObject({
      event: "summary",
      submitted: 6,
      accepted: 6,
      refused: {},
      receipts: { DELIVRD: 4, UNDELIV: 2 },
      without_receipt: 0,
    });
  });

  test("says why what was refused, and ends with 1", async () => {
    const refused = await mplus([...mine, "--to", "12"]);
    expect({ code: refused.code, ...printed(refused).at(-1) }).toMatchObject({
      code: 1,
      refused: { ESME_RINVDSTADR: 1 },
    });
    const unbound = await mplus([...options, "--password", "wrong"]);
    expect(unbound).toMatchObject({ code: 1, stdout: "" });
    expect(JSON.parse(unbound.stderr).error.message).toBe("the bind was refused: ESME_RINVPASWD");
    // Of all other reasons: src/cli/simulate/esme.test.ts.
    const unread = await mplus(["simulate", "esme", "--system-id", system_id, "--password", "", "--ca", "/nowhere"]);
    expect(unread).toEqual({ code: 1, stdout: "", stderr: "mplus: --ca: /nowhere cannot be read (ENOENT)\n" });
  });

  test("binds over TLS with a certificate of its own, and ends with 1 if it cannot submit what is left", async () => {
    const [ca, cert, key] = ["authority.crt", "other.crt", "other.key"].map((name) =>
      fileURLToPath(new URL(`../notify/certificates/${name}`, import.meta.url)),
    );
    const server = new SmppServer({
      system_id: "gone",
      tls: { ...certificate("valid"), ca: authority, requestCert: true, rejectUnauthorized: true },
      onBind: (_, session) => {
        session.onSubmit = async () => {
          // Once this is answered.
          void server.close({ timeoutMs: 5_000 });
          return { command_status: 0, message_id: "1" };
        };
        return 0;
      },
    });
    const { port } = await server.listen(0, "127.0.0.1");
    const tls = ["--ca", ca!, "--cert", cert!, "--key", key!, "--servername", "hooks.test"];
    const bind = ["--port", String(port), "--system-id", "one", "--window", "1", "--registered-delivery", "0"];
    const submits = ["--count", "2", "--wait", "0.5", "--json"];
    const { code, stdout } = await mplus(["simulate", "esme", ...bind, ...tls, ...submits]);
    expect({ code, ...printed({ stdout }).at(-1) }).toMatchObject({ code: 1, submitted: 1, accepted: 1 });
  });

  test("stays bound as a receiver until it is told to stop", async () => {
    const receiver = begin([...mine, "--bind", "receiver", "--print"]);
    const seen = () => printed(receiver.output()).map(({ event }) => event);
    await until("its bind", () => seen().length === 1);
    const transmitter = await program.bound(credential, {}, "bind_transmitter");
    await transmitter.ask("submit_sm", submitOf({ registered_delivery: 1 }));
    await until("the receipt", () => seen().includes("receipt"));
    transmitter.end();
    receiver.child.kill("SIGINT");
    await until("its end", () => receiver.child.exitCode === 0);
    expect(seen()).toEqual(["bound", "receipt", "summary"]);
  });
});
