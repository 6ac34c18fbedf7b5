import smpp, { type PDU } from "smpp";
import { afterAll, expect, test } from "vitest";
import { startSmppProgram } from "../support/smpp-program.ts";
import { within } from "../support/until.ts";

const carriers = [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }];
const program = await startSmppProgram({ config: { carriers } });
afterAll(program.stop);

test("the npm package smpp binds, submits, and gets its receipt", async () => {
  const { credential } = await program.account();
  const { system_id, password } = credential;
  const session = smpp.connect({ host: "127.0.0.1", port: program.port }, () => {});
  session.on("error", () => {});
  const receipt = new Promise<PDU>((resolve) => {
    session.on("deliver_sm", (pdu: PDU) => {
      session.send(pdu.response());
      resolve(pdu);
    });
  });
  const bound = new Promise<PDU>((resolve) => session.bind_transceiver({ system_id, password }, resolve));
  expect((await within("the bind", bound)).command_status).toBe(0);
  const fields = {
    source_addr: "MyShop",
    destination_addr: "447700900123",
    short_message: "Grüße {€}",
    registered_delivery: 1,
  };
  const submitted = new Promise<PDU>((resolve) => session.submit_sm(fields, resolve));
  const { command_status, message_id } = await within("the answer", submitted);
  expect(command_status).toBe(0);
  expect((await within("the receipt", receipt)).receipted_message_id).toBe(message_id);
  await within("the end", new Promise<PDU>((resolve) => session.unbind(resolve)));
  session.close();
});
