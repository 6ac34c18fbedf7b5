import type { IncomingHttpHeaders } from "node:http";
import type { HttpCarrierConfig } from "../config/carriers.ts";
import { Rejected } from "../runtime/errors.ts";
import { isSame, mustBeSigned } from "./carrier-signature.ts";

/** The part of a provider's request that tells who sent it. */
export interface CarrierRequest {
  headers: IncomingHttpHeaders;
  /** The last step of the path; undefined where it has none. */
  secret: string | undefined;
}

const NOT_FOUND = "There is no HTTP carrier of this id that takes this.";

/**
 * Checks that the provider asks, before its body is read. A path without the carrier's secret does not exist.
 * @throws Rejected if somebody else asks
 */
export function admitCarrier(
  carrier: Pick<HttpCarrierConfig, "auth" | "preset">,
  { headers, secret }: CarrierRequest,
): void {
  const auth = typeof carrier.auth === "object" ? carrier.auth : null;
  const expected = auth !== null && "secret" in auth ? auth.secret : undefined;
  if (expected === undefined ? secret !== undefined : secret === undefined || !isSame(secret, expected)) {
    throw new Rejected("not-found", NOT_FOUND);
  }
  if (carrier.auth === "signature") mustBeSigned(carrier, headers);
  if (auth === null || !("basic" in auth)) return;
  const { username, password } = auth.basic;
  const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
  if (!isSame(Buffer.from(encoded, "base64").toString(), `${username}:${password}`)) {
    throw new Rejected("wrong-credentials", "The user name and password are not those of this carrier's `auth`.");
  }
}

export function unknownCarrier(): Rejected {
  return new Rejected("not-found", NOT_FOUND);
}
