import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SmppBind } from "@messaging-plus/sdk";
import { commandStatus } from "@messaging-plus/smpp";
import { afterAll, describe, expect, test } from "vitest";
import { testOrganization } from "../support/organization.ts";
import { startSmppProgram } from "../support/smpp-program.ts";
import { until, within } from "../support/until.ts";

// Two processes accept: the binds of a credential are counted over both.
const program = await startSmppProgram({ config: { server: { workers: 2 } } });
afterAll(program.stop);
const certificate = (name: string) => fileURLToPath(new URL(`../notify/certificates/${name}`, import.meta.url));
const { ESME_ROK, ESME_RINVPASWD, ESME_RINVSYSID, ESME_RBINDFAIL, ESME_RINVBNDSTS, ESME_RALYBND } = commandStatus;

describe("a bind", () => {
  test.each(["bind_transceiver", "bind_transmitter", "bind_receiver"] as const)("as %s stands", async (command) => {
    const { credential } = await program.account();
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
    const { credential } = await program.account();
    const esme = await program.connect();
    expect(await esme.bind(credential, "bind_transceiver", version)).toMatchObject({ command_status, tlvs });
    esme.end();
  });

  test("with a wrong password or name is refused, later each time", async () => {
    const { credential } = await program.account();
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
  const { credential } = await program.account();
  const esme = await program.bound(credential, {}, "bind_receiver");
  expect(await esme.ask("submit_sm")).toMatchObject({ command_status: ESME_RINVBNDSTS });
  esme.end();
});

test("over TLS, what is silent is asked, and ended with unbind", async () => {
  const tls = { cert: certificate("valid.crt"), key: certificate("valid.key") };
  const idle = await startSmppProgram({ config: { smpp: { enquireLink: 0.2, idle: 1, tls } } });
  const over = { tls: { ca: readFileSync(certificate("authority.crt")) } };
  try {
    const { credential } = await idle.account();
    const alive = await idle.bound(credential, over);
    const silent = await idle.bound(credential, over);
    silent.answers = false;
    await within("the silent bind's end", silent.closed);
    expect(silent.requests.filter(({ command }) => command === "enquire_link").length).toBeGreaterThan(1);
    expect(silent.requests.map(({ command }) => command)).toContain("unbind");
    expect(await alive.ask("enquire_link")).toMatchObject({ command_status: 0 });
    // An orderly stop unbinds.
    await idle.stop();
    await within("the other bind's end", alive.closed);
    expect(alive.requests.map(({ command }) => command)).toContain("unbind");
  } catch (error) {
    idle.kill();
    throw error;
  }
});

test("GET /smpp lists the binds that stand, to their organization and the operator, with what came over them", async () => {
  const { credential, identifier } = await program.account();
  const esme = await program.bound(credential, {}, "bind_receiver");
  const sender = await program.bound(credential, {}, "bind_transmitter");
  const submit = { source_addr: "MyShop", registered_delivery: 1, short_message: Buffer.from("Hello") };
  await sender.ask("submit_sm", { ...submit, destination_addr: "447700900123" });
  await sender.ask("submit_sm", { ...submit, destination_addr: "none" });
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
