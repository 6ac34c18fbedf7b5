import { useState } from "preact/hooks";
import { useAction } from "../api/use-api.ts";
import { usePages } from "../api/use-pages.ts";
import { Check, Field, Form } from "../parts/field.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { List } from "../parts/table.tsx";
import { numberText, ShownOnce } from "../parts/values.tsx";
import { ChangeOrganization } from "./change-organization.tsx";

/** The operator's customers. */
export function Organizations() {
  const pages = usePages((api, options) => api.operator.organizations(options));
  return (
    <>
      <h1>Organizations</h1>
      <NewOrganization onMade={pages.reload} />
      <List
        label="Organizations"
        pages={pages}
        empty="There is none."
        keyOf={({ identifier }) => identifier}
        columns={[
          { title: "Name", cell: ({ name }) => <b>{name}</b> },
          { title: "Messages", cell: ({ credits }) => (credits ? "priced" : "not priced") },
          { title: "Balance", number: true, cell: ({ balance }) => numberText(balance) },
          { title: "Identifier", cell: ({ identifier }) => <code class="uuid">{identifier}</code> },
          {
            title: "",
            cell: (organization) => <ChangeOrganization organization={organization} onChanged={pages.reload} />,
          },
        ]}
      />
    </>
  );
}

const EMPTY = { name: "", credits: false, balance: "" };

function NewOrganization({ onMade }: { onMade: () => void }) {
  const [form, setForm] = useState(EMPTY);
  const [made, setMade] = useState<{ name: string; key: string }>();
  const { name, credits, balance } = form;
  const action = useAction(async (api) => {
    const organization = { name, credits, balance: balance === "" ? undefined : Number(balance) };
    const { apiKey } = await api.operator.createOrganization(organization);
    setMade({ name, key: apiKey });
    setForm(EMPTY);
    onMade();
  });
  return (
    <>
      <Form label="Make an organization" onSubmit={action.run} class="line">
        <Field
          label="New organization"
          placeholder="Its name"
          value={name}
          onText={(text) => setForm({ ...form, name: text })}
        />
        <Field
          label="Balance"
          inputMode="numeric"
          placeholder="0"
          value={balance}
          onText={(text) => setForm({ ...form, balance: text })}
        />
        <Check
          label="Messages are priced"
          checked={credits}
          onCheck={(checked) => setForm({ ...form, credits: checked })}
        />
        <button type="submit" class="primary" disabled={action.busy}>
          Create
        </button>
      </Form>
      <ProblemBox problem={action.problem} />
      {made !== undefined && (
        <ShownOnce what={`The key of ${made.name}`} text={made.key} onDone={() => setMade(undefined)} />
      )}
    </>
  );
}
