import type { SmppCredential } from "@messaging-plus/sdk";
import { useRef, useState } from "preact/hooks";
import { useAction } from "../api/use-api.ts";
import { Choice, Field, Form } from "../parts/field.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";

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
  const dialog = useRef<HTMLDialogElement>(null);
  const [texts, setTexts] = useState(() => textsOf(credential));
  const set = (name: keyof typeof texts) => (text: string) => setTexts({ ...texts, [name]: text });
  const action = useAction(async (api) => {
    const { system_id, binds, window, throughput, allow, alphabet } = texts;
    await api.smpp.change(account, credential.identifier, {
      system_id,
      binds: Number(binds),
      window: Number(window),
      throughput: throughput === "" ? null : Number(throughput),
      allow: allow.split(/[\s,]+/).filter((network) => network !== ""),
      alphabet,
    });
    dialog.current?.close();
    onChanged();
  });
  const open = (): void => {
    setTexts(textsOf(credential));
    dialog.current?.showModal();
  };
  return (
    <>
      <button type="button" class="small" onClick={open}>
        Change
      </button>
      <dialog ref={dialog} aria-label={`Change ${credential.system_id}`}>
        <Form label={`Change ${credential.system_id}`} onSubmit={action.run}>
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
          <Choice
            label="Alphabet of data_coding 0"
            value={texts.alphabet}
            onText={set("alphabet")}
            choices={ALPHABETS}
          />
          <ProblemBox problem={action.problem} />
          <p class="buttons">
            <button type="submit" class="primary" disabled={action.busy}>
              Save
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Leave it
            </button>
          </p>
        </Form>
      </dialog>
    </>
  );
}
