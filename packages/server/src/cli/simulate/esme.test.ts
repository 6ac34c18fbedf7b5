import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SmppServer } from "@messaging-plus/smpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { simulateEsme } from "./esme.ts";
import type { EsmeOptions } from "./esme-options.ts";

const file = (name: string) => fileURLToPath(new URL(`../../../test/notify/certificates/${name}`, import.meta.url));
const pair = (name: string) => ({ cert: file(`${name}.crt`), key: file(`${name}.key`) });
const ca = file("authority.crt");

/** An SMPP server over TLS with one of the certificates; it wants the customer's, or none. */
async function serve(name: string, wantsCertificate: boolean): Promise<{ port: number; close(): Promise<void> }> {
  const { cert, key } = pair(name);
  const own = { cert: readFileSync(cert), key: readFileSync(key) };
  const asked = { ca: readFileSync(ca), requestCert: true, rejectUnauthorized: true };
  const server = new SmppServer({ onBind: () => 0, tls: wantsCertificate ? { ...own, ...asked } : own });
  const { port } = await server.listen(0, "127.0.0.1");
  return { port, close: () => server.close({ timeoutMs: 0 }) };
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

describe("over TLS, a run says what is wrong with a certificate", () => {
  const ports = { mutual: 0, outdated: 0 };
  const listeners = SIGNALS.map((signal) => process.listeners(signal));
  beforeAll(async () => {
    const [mutual, outdated] = [await serve("valid", true), await serve("expired", false)];
    Object.assign(ports, { mutual: mutual.port, outdated: outdated.port });
    return () => Promise.all([mutual.close(), outdated.close()]);
  });
  afterAll(() => {
    for (const [index, signal] of SIGNALS.entries()) {
      for (const each of process.listeners(signal)) if (!listeners[index]!.includes(each)) process.off(signal, each);
    }
  });

  const shown = pair("other");
  test.each<[string, keyof typeof ports, Partial<EsmeOptions>, RegExp]>([
    [
      "for another name",
      "mutual",
      { ca, ...shown, servername: "wrong.test" },
      /^no connection over TLS: the server's certificate is for another name; .*wrong\.test/,
    ],
    [
      "of the customer's, which is missing",
      "mutual",
      { ca, servername: "hooks.test" },
      /^no connection over TLS: the server wants a certificate /,
    ],
    [
      "of nobody known",
      "mutual",
      { tls: true, ...shown },
      /^no connection over TLS: the issuer .* is not trusted; --ca/,
    ],
    [
      "of the customer's, whom the server does not know",
      "mutual",
      { ca, ...pair("self") },
      /; perhaps the server does not trust the certificate of --cert$/m,
    ],
    ["where it speaks none itself", "mutual", {}, /; if the server speaks TLS, bind with --tls$/m],
    ["that has expired", "outdated", { ca }, /^no connection over TLS: the server's certificate has expired /],
    ["where a file cannot be read", "outdated", { ca: "/nowhere" }, /^--ca: \/nowhere cannot be read \(ENOENT\)$/],
    ["without its key", "outdated", { cert: shown.cert }, /^--key: is needed beside cert$/],
  ])("%s", async (_, server, options, sentence) => {
    const run = simulateEsme({
      ...{ host: "127.0.0.1", port: ports[server], systemId: "one", password: "", bind: "transceiver", binds: 1 },
      ...{ window: 1, wait: 1, from: "MyShop", to: "447700900123", text: "x", count: 1, registeredDelivery: 0 },
      ...{ dataCoding: "auto", alphabet: "gsm", long: "udh8" },
      ...options,
    });
    await expect(run).rejects.toThrow(sentence);
  });
});
