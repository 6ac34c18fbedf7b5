import { useState } from "preact/hooks";
import { useAction, useAnswer, useEvery } from "../api/use-api.ts";
import { Field, Form } from "../parts/field.tsx";
import { May } from "../parts/may.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { Table } from "../parts/table.tsx";
import { numberText, ShownOnce, State } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";

const ASK_EVERY_MS = 10_000;

export function Accounts() {
  const { answer, problem, loading, ask } = useAnswer((api, options) => api.accounts.list(options));
  useEvery(loading ? null : ASK_EVERY_MS, ask);
  return (
    <>
      <h1>Accounts</h1>
      <May>
        <NewAccount onMade={ask} />
      </May>
      <ProblemBox problem={problem} />
      {answer === undefined && loading && <p class="quiet">Loading…</p>}
      {answer?.accounts.length === 0 && <p class="empty">There is none yet.</p>}
      {answer !== undefined && answer.accounts.length > 0 && (
        <Table
          label="Accounts"
          rows={answer.accounts}
          keyOf={({ identifier }) => identifier}
          columns={[
            { title: "Name", cell: ({ identifier, name }) => <a href={hrefOf(["accounts", identifier])}>{name}</a> },
            { title: "Credits", number: true, cell: ({ credits }) => numberText(credits) },
            { title: "State", cell: ({ deleted }) => <State of={deleted ? "deactivated" : "active"} /> },
            { title: "Identifier", cell: ({ identifier }) => <code class="uuid">{identifier}</code> },
          ]}
        />
      )}
    </>
  );
}

/** Makes an account; its key is shown until the reader has noted it. */
function NewAccount({ onMade }: { onMade: () => void }) {
  const [name, setName] = useState("");
  const [made, setMade] = useState<{ name: string; key: string }>();
  const action = useAction(async (api) => {
    const { apiKey } = await api.accounts.create(name);
    setMade({ name, key: apiKey });
    setName("");
    onMade();
  });
  return (
    <>
      <Form label="Make an account" onSubmit={action.run} class="line">
        <Field label="New account" placeholder="Its name" value={name} onText={setName} />
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
