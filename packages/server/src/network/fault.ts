/** Why a try got no usable answer, each with a sentence for the customer, which tells nothing of our network. */
export const FAULTS = {
  refused_address: "The URL leads to an address that webhooks may not be sent to.",
  dns: "The host's name could not be resolved.",
  connect: "No connection to the host could be made.",
  tls: "No TLS connection: the certificate is not valid for this host, or no common version or cipher was found.",
  timeout: "There was no answer in time.",
  reset: "The connection was closed before the answer was in.",
  protocol: "What came back was not a valid HTTP/1.1 answer.",
  headers_too_large: "The answer's headers were too large.",
  unbound: "No bind of this system_id receives.",
  internal: "The request could not be made. This is no fault of the receiver's.",
} as const satisfies Record<string, string>;

/** `proxy` is the operator's own fault: it is no try, and never stored or reported. */
export type Fault = keyof typeof FAULTS | "proxy";

/** Why TLS failed, if its library's error tells; for the customer, in place of the fault's own sentence. */
export const TLS_REASONS = {
  incomplete_chain:
    "The certificate came alone and its issuer is unknown: most likely an intermediate certificate is missing.",
  expired: "The certificate has expired.",
  not_yet_valid: "The certificate is not valid yet.",
  other_name: "The certificate is for another name than this host's.",
  unknown_issuer: "The certificate's issuer is not trusted.",
  certificate_wanted: "The host wants a client certificate, and webhooks have none.",
} as const satisfies Record<string, string>;

export type TlsReason = keyof typeof TLS_REASONS;

const REASONS_BY_CODE = new Map<string, TlsReason>([
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "incomplete_chain"],
  ["CERT_HAS_EXPIRED", "expired"],
  ["CERT_NOT_YET_VALID", "not_yet_valid"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "other_name"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "unknown_issuer"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "unknown_issuer"],
  ["UNABLE_TO_GET_ISSUER_CERT", "unknown_issuer"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unknown_issuer"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "certificate_wanted"],
  // Go's servers send this alert without a certificate to call bad. The name is OpenSSL's before 3.2, and since.
  ["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "certificate_wanted"],
  ["ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE", "certificate_wanted"],
]);

/** @param detail of a fault `tls`: the error's code. */
export function tlsReason(detail: string | null): TlsReason | null {
  return REASONS_BY_CODE.get(detail ?? "") ?? null;
}

/** Why a try failed, as a sentence for the customer. */
export function reasonOf(status: number | null, fault: string | null, tls?: string | null): string {
  if (status !== null) return `The answer's status was ${status}.`;
  if (tls && Object.hasOwn(TLS_REASONS, tls)) return TLS_REASONS[tls as TlsReason];
  return fault !== null && Object.hasOwn(FAULTS, fault) ? FAULTS[fault as keyof typeof FAULTS] : "There was no answer.";
}

/** A connection that could not be made, or must not be. */
export class ConnectionFault extends Error {
  override readonly name = "ConnectionFault";
  readonly fault: Fault;

  /** @param detail for the operator's log only: it may name addresses */
  constructor(fault: Fault, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.fault = fault;
  }
}

/** An error as its fault. */
export function asFault(fault: "connect" | "dns" | "tls", error: unknown): ConnectionFault {
  if (error instanceof ConnectionFault) return error;
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { code: "", message: `${error}` };
  // A receiver that accepts and resets at once may do so before or after the connection is seen here.
  const reset = fault === "connect" && code === "ECONNRESET";
  return new ConnectionFault(reset ? "reset" : fault, code ?? message, { cause: error });
}
