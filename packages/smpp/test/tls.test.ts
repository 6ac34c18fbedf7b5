import { once } from "node:events";
import * as net from "node:net";
import { describe, expect, test } from "vitest";
import { type Connector, SmppServer } from "../src/index.ts";
import { certificate, key } from "./certificate.ts";
import { rawEsme } from "./raw-peer.ts";
import { atEnd, esme, serve } from "./rig.ts";

const tls = { cert: certificate, key };

describe("over TLS", () => {
  /** The name is looked up by nobody: the connector dials loopback. */
  const byName = (port: number) => {
    const asked: [string, number][] = [];
    const connect: Connector = (host, port_) => {
      asked.push([host, port_]);
      return net.connect(port, "127.0.0.1");
    };
    return { connect, asked };
  };

  test("messages go both ways, the connection below made by the connector", async () => {
    const { server, port } = await serve({
      tls,
      onBind: (_bind, session) => {
        session.onSubmit = async () => ({ command_status: 0, message_id: "secret" });
        return 0;
      },
    });
    const { connect, asked } = byName(port);
    const client = esme(2775, {
      host: "smsc.test",
      connect,
      tls: { ca: certificate },
      onDeliver: async () => 0,
    });
    client.start();
    await once(client, "bound");
    expect(asked).toEqual([["smsc.test", 2775]]);
    expect((await client.submit({})).message_id).toBe("secret");
    expect((await server.sessions[0]!.deliver({})).command_status).toBe(0);
    await client.close();
  });

  test.each([
    ["whose certificate nobody vouches for", "smsc.test", {}, /self-signed/],
    ["whose certificate is for another name", "other.test", { ca: certificate }, /Hostname\/IP does not match/],
    ["whose certificate is for no address", "127.0.0.1", { ca: certificate }, /Hostname\/IP does not match/],
  ])("a peer %s is not bound to", async (_, host, options, expected) => {
    const { server, port } = await serve({ tls });
    const client = esme(port, { host, connect: byName(port).connect, tls: options });
    client.start();
    expect((await once(client, "failed"))[0].message).toMatch(expected);
    expect(server.sessions).toEqual([]);
  });

  test("who waits before TLS keeps nobody else out either", async () => {
    const { server, port } = await serve({ tls, maxUnbound: 1 });
    const waiting = await rawEsme(port);
    const client = esme(port, { connect: byName(port).connect, host: "smsc.test", tls: { ca: certificate } });
    client.start();
    await once(client, "bound");
    await waiting.closed;
    const next = await rawEsme(port);
    expect(server.sessions).toHaveLength(1);
    next.socket.destroy();
    await client.close();
  });

  test("a peer that does not speak it is a failed attempt, on either side", async () => {
    const plain = await serve();
    const client = esme(plain.port, { tls: {}, connectTimeoutMs: 5_000 });
    client.start();
    await once(client, "failed");

    const secure = new SmppServer({ tls });
    atEnd(() => secure.close());
    const { port } = await secure.listen(0);
    const failed = once(secure, "failed");
    const peer = await rawEsme(port);
    peer.socket.write(Buffer.alloc(100));
    await failed;
    peer.socket.destroy();
  });
});
