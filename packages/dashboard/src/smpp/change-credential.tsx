import type { MessagingPlus, SmppCredential } from "@messaging-plus/sdk";
import { useState } from "preact/hooks";
import { Change } from "../parts/change.tsx";
import { Choice, Field } from "../parts/field.tsx";

interface ChangeCredentialProps {
  account: string;
  credential: SmppCredential;
  onChanged(): void;
}

const ALPHABETS = [
  ["gsm", "GSM, a character an octet"],
  ["latin1", "Latin-1"],
  ["ascii", "ASCII"],
] as const;

const textsOf = ({ system_id, binds, window, throughput, allow, alphabet }: SmppCredential) => ({
  system_id,
  binds: `${binds}`,
  window: `${window}`,
  throughput: throughput === null ? "" : `${throughput}`,
  allow: allow.join(", "),
  alphabet,
});

/** Changes the name of a credential and its limits. */
export function ChangeCredential({ account, credential, onChanged }: ChangeCredentialProps) {
  const [texts, setTexts] = useState(() => textsOf(credential));
  const set = (name: keyof typeof texts) => (text: string) => setTexts({ ...texts, [name]: text });
  const save = async (api: MessagingPlus): Promise<void> => {
    const { system_id, binds, window, throughput, allow, alphabet } = texts;
    await api.smpp.change(account, credential.identifier, {
      system_id,
      binds: Number(binds),
      window: Number(window),
      throughput: throughput === "" ? null : Number(throughput),
      allow: allow.split(/[\s,]+/).filter((network) => network !== ""),
      alphabet,
    });
    onChanged();
  };
  return (
    <Change name={credential.system_id} onOpen={() => setTexts(textsOf(credential))} save={save}>
      <Field label="Name (system_id)" value={texts.system_id} onText={set("system_id")} />
      <div class="row">
        <Field label="Binds at one time" inputMode="numeric" value={texts.binds} onText={set("binds")} />
        <Field label="Window of each" inputMode="numeric" value={texts.window} onText={set("window")} />
      </div>
      <Field
        label="Submits a second"
        inputMode="decimal"
        placeholder="no limit"
        value={texts.throughput}
        onText={set("throughput")}
        hint="Of all its binds together."
      />
      <Field
        label="May bind from"
        placeholder="anywhere"
        value={texts.allow}
        onText={set("allow")}
        hint="Addresses and networks with commas between, as in 192.0.2.0/24."
      />
      <Choice label="Alphabet of data_coding 0" value={texts.alphabet} onText={set("alphabet")} choices={ALPHABETS} />
    </Change>
  );
}
