/** Why a try got no usable answer, each with a sentence that the customer may read. It tells nothing of our network. */
export const FAULTS = {
  refused_address: "The URL leads to an address that webhooks may not be sent to.",
  dns: "The host's name could not be resolved.",
  connect: "No connection to the host could be made.",
  proxy: "The outbound proxy did not make the connection.",
  tls: "No TLS connection: the certificate is not valid for this host, or no common version or cipher was found.",
  timeout: "There was no answer in time.",
  reset: "The connection was closed before the answer was in.",
  protocol: "What came back was not a valid HTTP/1.1 answer.",
  headers_too_large: "The answer's headers were too large.",
} as const satisfies Record<string, string>;

export type Fault = keyof typeof FAULTS;

/** Why a try failed, for the customer to read. */
export function reasonOf(status: number | null, fault: string | null): string {
  if (status !== null) return `The answer's status was ${status}.`;
  return fault !== null && Object.hasOwn(FAULTS, fault) ? FAULTS[fault as Fault] : "There was no answer.";
}

/** A connection that could not be made, or must not be. */
export class ConnectionFault extends Error {
  override readonly name = "ConnectionFault";
  readonly fault: Fault;

  /** @param detail for the operator's log, not for the customer: it may name addresses. */
  constructor(fault: Fault, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.fault = fault;
  }
}
