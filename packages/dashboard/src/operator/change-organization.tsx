import type { Organization } from "@messaging-plus/sdk";
import { useRef, useState } from "preact/hooks";
import { useAction } from "../api/use-api.ts";
import { Check, Field, Form } from "../parts/field.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";

interface ChangeOrganizationProps {
  organization: Organization;
  onChanged(): void;
}

/** Renames an organization, prices its messages, changes its balance. */
export function ChangeOrganization({ organization, onChanged }: ChangeOrganizationProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [name, setName] = useState(organization.name);
  const [credits, setCredits] = useState(organization.credits);
  const [add, setAdd] = useState("");
  const action = useAction(async (api) => {
    const balance = add === "" ? undefined : { add: Number(add) };
    await api.operator.changeOrganization(organization.identifier, { name, credits, balance });
    setAdd("");
    dialog.current?.close();
    onChanged();
  });
  return (
    <>
      <button type="button" class="small" onClick={() => dialog.current?.showModal()}>
        Change
      </button>
      <dialog ref={dialog} aria-label={`Change ${organization.name}`}>
        <Form label={`Change ${organization.name}`} onSubmit={action.run}>
          <Field label="Name" value={name} onText={setName} />
          <Field
            label="Add to the balance"
            placeholder="0"
            value={add}
            onText={setAdd}
            hint="Credits; with - in front they are taken back."
          />
          <Check label="Messages are priced" checked={credits} onCheck={setCredits} />
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
