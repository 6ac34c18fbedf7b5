import { once } from "node:events";
import { onTestFinished } from "vitest";
import { SmppClient, type SmppClientOptions, SmppServer, type SmppServerOptions } from "../src/index.ts";
import { type RawPeer, RawSmsc, rawEsme } from "./raw-peer.ts";

const opened: (() => Promise<void> | void)[] = [];

/** Something to undo at the end of the test, all at once: either side of a connection waits for the other. */
export function atEnd(close: () => Promise<void> | void): void {
  if (opened.length === 0) {
    onTestFinished(async () => {
      await Promise.all(opened.splice(0).map((each) => each()));
    });
  }
  opened.push(close);
}

export async function serve(options: SmppServerOptions = {}): Promise<{ server: SmppServer; port: number }> {
  const server = new SmppServer(options);
  const { port } = await server.listen(0);
  atEnd(() => server.close({ timeoutMs: 0 }));
  return { server, port };
}

/** A client that is not started yet. */
export function esme(port: number, options: Partial<SmppClientOptions> = {}): SmppClient {
  const client = new SmppClient({ host: "127.0.0.1", port, system_id: "esme", password: "secret", ...options });
  atEnd(() => client.close({ timeoutMs: 0 }));
  return client;
}

export async function boundEsme(port: number, options: Partial<SmppClientOptions> = {}): Promise<SmppClient> {
  const client = esme(port, options);
  client.start();
  await once(client, "bound");
  return client;
}

/** A client, bound to an SMSC that the test plays. */
export async function boundToRaw(
  options: Partial<SmppClientOptions> = {},
): Promise<{ client: SmppClient; smsc: RawSmsc; peer: RawPeer }> {
  const smsc = await rawSmsc();
  const client = esme(await smsc.listen(), options);
  client.start();
  const peer = await smsc.accept();
  const bound = once(client, "bound");
  await peer.takeBind();
  await bound;
  return { client, smsc, peer };
}

/** The same with an answer due on both sides: to a submit of the client's, and, until `commit`, to whatever it is delivered. */
export async function owingAnswers(options: Partial<SmppClientOptions> = {}) {
  let answer = (_status: number) => {};
  const onDeliver = () =>
    new Promise<number>((resolve) => {
      answer = resolve;
    });
  const bound = await boundToRaw({ ...options, onDeliver });
  const outcome = bound.client.submit({});
  const { sequence_number } = await bound.peer.next("submit_sm");
  return { ...bound, outcome, sequence_number, commit: (status: number) => answer(status) };
}

export async function rawSmsc(): Promise<RawSmsc> {
  const smsc = new RawSmsc();
  atEnd(() => smsc.close());
  return smsc;
}

/** An ESME that the test plays, bound. */
export async function boundRawEsme(port: number): Promise<RawPeer> {
  const peer = await rawEsme(port);
  atEnd(() => {
    peer.socket.destroy();
  });
  await peer.ask({ command: "bind_transceiver", sequence_number: 1 }, "bind_transceiver_resp");
  return peer;
}
