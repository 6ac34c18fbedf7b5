/** The settings of an HTTP carrier for one provider's API. */
export interface HttpPreset {
  /** Names of required and optional credentials. `origin`: `https://host`, of an API at an address of the customer's own. */
  credentials: readonly string[];
  optional: readonly string[];
  /** The credentials that check the provider's signature; null if it signs nothing. */
  signature: readonly string[] | null;
  /** In the form in which an operator would write them by hand. */
  settings(origin: string): PresetSettings;
}

export type PresetSettings = Record<string, unknown> & {
  submit: Record<string, unknown>;
  accepted: Record<string, unknown>;
  receipts: Record<string, unknown>;
  inbound: Record<string, unknown>;
};

export const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** The setting `errors` from the provider's codes for each receipt code. */
export function errorsOf(codes: Readonly<Record<string, readonly number[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(codes).flatMap(([code, own]) => own.map((one) => [String(one), code])));
}
