import { isObject } from "../../runtime/is-object.ts";
import { INFOBIP } from "./infobip.ts";
import { JASMIN } from "./jasmin.ts";
import { KANNEL } from "./kannel.ts";
import { PLIVO } from "./plivo.ts";
import type { HttpPreset } from "./preset.ts";
import { SINCH } from "./sinch.ts";
import { TELNYX } from "./telnyx.ts";
import { TWILIO } from "./twilio.ts";
import { VONAGE } from "./vonage.ts";

export const PRESETS = {
  twilio: TWILIO,
  vonage: VONAGE,
  infobip: INFOBIP,
  sinch: SINCH,
  telnyx: TELNYX,
  plivo: PLIVO,
  kannel: KANNEL,
  jasmin: JASMIN,
} as const satisfies Record<string, HttpPreset>;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

export function isPreset(name: unknown): name is PresetName {
  return typeof name === "string" && Object.hasOwn(PRESETS, name);
}

/**
 * Carriers with the settings of their presets, as if written by hand; settings by hand win, key by key. Anything but a
 * carrier with a preset stays as it is, for the check to name.
 */
export function withPresets(carriers: unknown): unknown {
  return Array.isArray(carriers) ? carriers.map(withPreset) : carriers;
}

function withPreset(carrier: unknown): unknown {
  if (!isObject(carrier) || carrier.type !== "http" || !isPreset(carrier.preset)) return carrier;
  const { signature, settings } = PRESETS[carrier.preset] as HttpPreset;
  const credentials = isObject(carrier.credentials) ? carrier.credentials : {};
  const { origin = "" } = credentials;
  const preset = settings(typeof origin === "string" ? origin.replace(/\/+$/, "") : "");
  const merged: Record<string, unknown> = { ...preset, ...carrier };
  for (const group of ["submit", "accepted", "receipts", "inbound", "errors"]) {
    const [own, given] = [preset[group], carrier[group]];
    if (isObject(own) && isObject(given)) merged[group] = { ...own, ...given };
  }
  // A setting by hand counts for every text, unless it says otherwise.
  const { submit: given } = carrier;
  if (isObject(given) && given.unicode === undefined && isObject(preset.submit.unicode) && isObject(merged.submit)) {
    const unicode = Object.entries(preset.submit.unicode).filter(([name]) => !(name in given));
    merged.submit = { ...merged.submit, unicode: Object.fromEntries(unicode) };
  }
  const canVerify = signature?.every((name) => typeof credentials[name] === "string") ?? false;
  if (carrier.auth === undefined && canVerify) merged.auth = "signature";
  return merged;
}
