import type { MessagingPlus, Organization } from "@messaging-plus/sdk";
import { useState } from "preact/hooks";
import { Change } from "../parts/change.tsx";
import { Check, Field } from "../parts/field.tsx";

interface ChangeOrganizationProps {
  organization: Organization;
  onChanged(): void;
}

/** Renames an organization, prices its messages, changes its balance. */
export function ChangeOrganization({ organization, onChanged }: ChangeOrganizationProps) {
  const [name, setName] = useState(organization.name);
  const [credits, setCredits] = useState(organization.credits);
  const [add, setAdd] = useState("");
  const save = async (api: MessagingPlus): Promise<void> => {
    const balance = add === "" ? undefined : { add: Number(add) };
    await api.operator.changeOrganization(organization.identifier, { name, credits, balance });
    setAdd("");
    onChanged();
  };
  return (
    <Change name={organization.name} save={save}>
      <Field label="Name" value={name} onText={setName} />
      <Field
        label="Add to the balance"
        placeholder="0"
        value={add}
        onText={setAdd}
        hint="Credits; with - in front they are taken back."
      />
      <Check label="Messages are priced" checked={credits} onCheck={setCredits} />
    </Change>
  );
}
