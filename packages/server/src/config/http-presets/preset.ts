/** The settings of an HTTP carrier that one provider's API asks for. */
export interface HttpPreset {
  /** Names of credentials that it needs, and those that it can do with. `origin`: `https://host`, of an API of one's own. */
  credentials: readonly string[];
  optional: readonly string[];
  /** The credentials that its signature of what it sends is checked by; null where it signs nothing. */
  signature: readonly string[] | null;
  /** As an operator would write them by hand. */
  settings(origin: string): PresetSettings;
}

export type PresetSettings = Record<string, unknown> & {
  submit: Record<string, unknown>;
  accepted: Record<string, unknown>;
  receipts: Record<string, unknown>;
  inbound: Record<string, unknown>;
};

export const FORM = { "content-type": "application/x-www-form-urlencoded" };
