import type { TLSSocket, TlsOptions } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { guardedConnector } from "../../src/network/connector.ts";
import { createExchanger, type Exchanger } from "../../src/notify/client/exchange.ts";
import type { AttemptOutcome } from "../../src/notify/client/outcome.ts";
import { authority, certificate, type Listening, listenTls, onRequest } from "../support/listen.ts";
import { posted } from "./posted.ts";
import { LOOPBACK } from "./receivers.ts";

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0)) await each.close();
});

/** A receiver that closes every connection after one answer, and tells which were resumed. */
async function receiver(options: TlsOptions = {}): Promise<{ listening: Listening; resumed: boolean[] }> {
  const resumed: boolean[] = [];
  const listening = await listenTls({ ...certificate("valid"), ...options }, (socket) =>
    onRequest(socket, () => {
      resumed.push((socket as TLSSocket).isSessionReused());
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }),
  );
  closing.push(listening);
  return { listening, resumed };
}

/** Every name leads to this machine. */
function exchanger(): Exchanger {
  const connector = guardedConnector({
    policy: { ...LOOPBACK, onlyLoopback: false, permits: () => true },
    timeoutMs: 10_000,
    lookup: async () => ["127.0.0.1"],
    tls: { ca: authority },
  });
  const made = createExchanger({ policy: LOOPBACK, timeoutMs: 10_000, connections: 4, connector });
  closing.unshift(made);
  return made;
}

function post(through: Exchanger, origin: string): Promise<AttemptOutcome> {
  return posted(through, { url: `${origin}/`, origin, headers: {}, body: "{}" });
}

describe.each(["TLSv1.2", "TLSv1.3"] as const)("sessions of %s", (version) => {
  const only: TlsOptions = { minVersion: version, maxVersion: version };

  test("are resumed by every further connection to the same origin", async () => {
    const { listening, resumed } = await receiver(only);
    const through = exchanger();
    for (let request = 0; request < 5; request++) {
      expect((await post(through, `https://hooks.test:${listening.port}`)).status).toBe(200);
    }
    expect(resumed).toEqual([false, true, true, true, true]);
  });

  test("are not taken to another name, whose certificate is verified", async () => {
    const { listening, resumed } = await receiver(only);
    const through = exchanger();
    expect((await post(through, `https://hooks.test:${listening.port}`)).status).toBe(200);
    const other = await post(through, `https://other.test:${listening.port}`);
    expect(other).toMatchObject({ fault: "tls", detail: "ERR_TLS_CERT_ALTNAME_INVALID" });
    expect(await post(through, `https://other.test:${listening.port}`)).toMatchObject({ fault: "tls" });
    expect(resumed).toEqual([false]);
  });

  test("of a receiver that begins anew are no use, and its certificate is verified", async () => {
    const { listening } = await receiver(only);
    const through = exchanger();
    const origin = `https://hooks.test:${listening.port}`;
    expect((await post(through, origin)).status).toBe(200);
    await listening.close();
    const again = await listenTls({ ...certificate("self"), ...only }, () => undefined, listening.port);
    closing.push(again);
    expect(await post(through, origin)).toMatchObject({ fault: "tls", detail: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  });
});
