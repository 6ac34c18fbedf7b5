import { X509Certificate } from "node:crypto";
import { request as ask, type RequestOptions } from "node:https";
import { buffer } from "node:stream/consumers";
import type { PeerCertificate } from "node:tls";

/**
 * A `fetch` of a server over TLS that shows this certificate, and of no other, whatever the name or address in the URL: on
 * its own machine a program is reached by an address that its certificate does not name.
 * @param pem the certificate, followed by those of its chain
 */
export function pinnedFetch(pem: string): typeof fetch {
  const { fingerprint256 } = new X509Certificate(pem);
  const tls: RequestOptions = {
    ca: pem,
    // The certificate itself is trusted, whatever its issuer.
    allowPartialTrustChain: true,
    checkServerIdentity: (_name: string, shown: PeerCertificate) =>
      shown.fingerprint256 === fingerprint256
        ? undefined
        : new Error("the server shows another certificate than that of server.tls.cert"),
    agent: false,
  };
  return async (input, init) => {
    const request = new Request(input, init);
    const { url, method, signal } = request;
    const body = Buffer.from(await request.arrayBuffer());
    const headers = { ...Object.fromEntries(request.headers), "content-length": String(body.length) };
    return new Promise((resolve, reject) => {
      const outgoing = ask(url, { ...tls, method, headers, signal }, (incoming) => {
        const answered = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [name, value]),
        );
        buffer(incoming).then(
          (content) => resolve(new Response(content, { status: incoming.statusCode ?? 0, headers: answered })),
          reject,
        );
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  };
}
