import { Field, timeText } from "../parts/field.tsx";
import { ChannelChoice } from "./channels.tsx";

/** The rarer fields of whatever is sent. */
export const NO_REST = { callback: "", channels: "", sendAt: "", validity: "" };
export type RestFields = typeof NO_REST;

/** As messages and batches have them; what is empty is left out. */
export function restOf({ callback, sendAt, validity }: RestFields) {
  return {
    callback: callback || undefined,
    send_at: timeText(sendAt),
    validity: validity === "" ? undefined : Number(validity),
  };
}

interface RestProps extends RestFields {
  onText(name: keyof RestFields, value: string): void;
}

export function Rest({ onText, ...fields }: RestProps) {
  const field = (name: keyof RestFields) => ({
    value: fields[name],
    onText: (value: string) => onText(name, value),
  });
  return (
    <details>
      <summary>Webhook, channels, time and validity</summary>
      <Field label="Callback URL" type="url" hint="Told as soon as the message is final." {...field("callback")} />
      <ChannelChoice {...field("channels")} />
      <div class="row">
        <Field label="Send at" type="datetime-local" hint="In your time zone; empty: now." {...field("sendAt")} />
        <Field label="Validity in seconds" inputMode="numeric" hint="Empty: the server's." {...field("validity")} />
      </div>
    </details>
  );
}
