import { fileURLToPath } from "node:url";
import { SmppServer } from "@messaging-plus/smpp";
import smpp, { type PDU, type Session } from "smpp";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { begin, type Ended, mplus, printed } from "../support/mplus.ts";
import { type Credential, startSmppProgram } from "../support/smpp-program.ts";
import { until, within } from "../support/until.ts";

const carriers = [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }];
const program = await startSmppProgram({ config: { carriers } });
afterAll(program.stop);

/** A handset that the simulator has answer "Hello"; a text of three parts. */
const ANSWERS = "447700900911";
const ANSWERS_LONG = "447700900915";

describe("the npm package smpp", () => {
  /** A bind, and everything that is delivered to it. */
  async function bound({ system_id, password }: Credential) {
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
    const { credential, api } = await program.account();
    const { session, receipts } = await bound(credential);
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
    const { credential, api } = await program.account();
    const { session, receipts } = await bound(credential);
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
    const { credential, path } = await program.account();
    const number = "447700900998";
    await program.organization.api.request("POST", "/sender", { body: { value: number, account: path.split("/")[2] } });
    const inbound_url = `smpp:${credential.system_id}`;
    await program.organization.api.request("PUT", `${path}/webhook`, { body: { inbound_url } });
    const { session, delivered, receipts } = await bound(credential);
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
  const optionsOf = ({ system_id, password }: Credential) => [
    ...["simulate", "esme", "--port", String(program.port), "--system-id", system_id, "--password", password, "--json"],
  ];

  test("submits over its binds, prints each end, and sums up", async () => {
    const { credential } = await program.account({ binds: 2 });
    const texts = ["--count", "3", "--text", `${"x".repeat(160)} {n}`, "--long", "sar"];
    const more = ["--to", "447700900123,447700900534", "--binds", "2", "--rate", "100", "--print"];
    const { code, stdout, stderr } = await mplus([...optionsOf(credential), ...texts, ...more]);
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
    const { credential } = await program.account();
    const refused = await mplus([...optionsOf(credential), "--to", "12"]);
    expect({ code: refused.code, ...printed(refused).at(-1) }).toMatchObject({
      code: 1,
      refused: { ESME_RINVDSTADR: 1 },
    });
    const unbound = await mplus(optionsOf({ ...credential, password: "wrong" }));
    expect(unbound).toMatchObject({ code: 1, stdout: "" });
    expect(JSON.parse(unbound.stderr).error.message).toBe("the bind was refused: ESME_RINVPASWD");
  });

  test("binds over TLS, and says what is wrong with a certificate", async () => {
    const file = (name: string) => fileURLToPath(new URL(`../notify/certificates/${name}`, import.meta.url));
    const [own, expired, ca] = [pair("other"), pair("expired"), file("authority.crt")];
    function pair(name: string) {
      return { cert: file(`${name}.crt`), key: file(`${name}.key`) };
    }
    const doors = await Promise.all(
      [{ ...pair("valid"), ca }, expired].map((tls) => startSmppProgram({ config: { smpp: { tls } } })),
    );
    for (const door of doors) onTestFinished(door.stop);
    const [mutual, outdated] = await Promise.all(
      doors.map(async (door) => {
        const { credential } = await door.account();
        const { system_id, password } = credential;
        return (...more: string[]) =>
          mplus([
            ...["simulate", "esme", "--port", String(door.port), "--system-id", system_id, "--password", password],
            ...["--count", "1", ...more],
          ]);
      }),
    );
    const shown = ["--cert", own.cert, "--key", own.key];
    const good = await mutual!("--ca", ca, ...shown, "--servername", "hooks.test");
    expect({ code: good.code, stderr: good.stderr }).toEqual({ code: 0, stderr: "" });
    const said = async (ended: Promise<Ended>) => {
      const { code, stderr } = await ended;
      return code === 1 ? stderr.replace(/^mplus: /, "") : code;
    };
    expect(await said(mutual!("--ca", ca, ...shown, "--servername", "wrong.test"))).toMatch(
      /^no connection over TLS: the server's certificate is for another name; .*wrong\.test/,
    );
    expect(await said(mutual!("--ca", ca))).toMatch(/^no connection over TLS: the server wants a certificate /);
    expect(await said(mutual!("--tls", ...shown))).toMatch(
      /^no connection over TLS: the issuer .* is not trusted; --ca/,
    );
    expect(await said(mutual!("--ca", ca, "--cert", file("self.crt"), "--key", file("self.key")))).toMatch(
      /; perhaps the server does not trust the certificate of --cert$/m,
    );
    expect(await said(mutual!())).toMatch(/; if the server speaks TLS, bind with --tls$/m);
    expect(await said(outdated!("--ca", ca))).toMatch(/^no connection over TLS: the server's certificate has expired /);
    expect(await said(outdated!("--ca", "/nowhere"))).toBe("--ca: /nowhere cannot be read (ENOENT)\n");
    expect(await said(outdated!("--cert", own.cert))).toBe("--key: is needed beside cert\n");
  });

  test("ends with 1 if it cannot submit what is left", async () => {
    const server = new SmppServer({
      system_id: "gone",
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
    const options = ["--port", String(port), "--system-id", "one", "--window", "1", "--registered-delivery", "0"];
    const { code, stdout } = await mplus(["simulate", "esme", ...options, "--count", "2", "--wait", "0.5", "--json"]);
    expect({ code, ...printed({ stdout }).at(-1) }).toMatchObject({ code: 1, submitted: 1, accepted: 1 });
  });

  test("stays bound as a receiver until it is told to stop", async () => {
    const { credential } = await program.account();
    const receiver = begin([...optionsOf(credential), "--bind", "receiver", "--print"]);
    const seen = () => printed(receiver.output()).map(({ event }) => event);
    await until("its bind", () => seen().length === 1);
    expect((await mplus([...optionsOf(credential), "--bind", "transmitter"])).code).toBe(0);
    await until("the receipt", () => seen().includes("receipt"));
    receiver.child.kill("SIGINT");
    await until("its end", () => receiver.child.exitCode === 0);
    expect(seen()).toEqual(["bound", "receipt", "summary"]);
  });
});
