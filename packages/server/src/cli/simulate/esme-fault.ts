import { type TlsReason, tlsReason } from "../../network/fault.ts";

/** Why a TLS connection was not made, with the option that may help. */
const REASONS: Record<TlsReason, string> = {
  incomplete_chain:
    "the server's certificate has an unknown issuer; --ca names the authority, or it lacks an intermediate",
  expired: "the server's certificate has expired",
  not_yet_valid: "the server's certificate is not valid yet",
  other_name: "the server's certificate is for another name; --servername says for which it should be",
  unknown_issuer: "the issuer of the server's certificate is not trusted; --ca names it",
  certificate_wanted: "the server wants a certificate of the customer's: --cert and --key",
};
/** The server closed the connection without a word. */
const CLOSED = /closed the connection|ECONNRESET|EPIPE/;

/** Why a bind was not answered, in a sentence for the person who gave the options. */
export function bindFault(error: Error, { tls, cert }: { tls: boolean; cert: string | undefined }): string {
  const { message } = error;
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    const reason = tlsReason((each as NodeJS.ErrnoException).code ?? null);
    if (reason !== null) return `no connection over TLS: ${REASONS[reason]} (${each.message.trim()})`;
  }
  if (!CLOSED.test(message)) return message;
  if (!tls) return `${message}; if the server speaks TLS, bind with --tls`;
  return cert === undefined ? message : `${message}; perhaps the server does not trust the certificate of --cert`;
}
