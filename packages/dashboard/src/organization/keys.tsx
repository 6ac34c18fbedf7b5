import type { KeyScope } from "@messaging-plus/sdk";
import { useState } from "preact/hooks";
import { useAction } from "../api/use-api.ts";
import { usePages } from "../api/use-pages.ts";
import { Confirm } from "../parts/confirm.tsx";
import { Choice, Field, Form } from "../parts/field.tsx";
import { May } from "../parts/may.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { List } from "../parts/table.tsx";
import { Moment, ShownOnce } from "../parts/values.tsx";

const SCOPES = [
  ["read", "read: looks at everything"],
  ["send", "send: sends and cancels too"],
  ["admin", "admin: everything"],
] as const satisfies readonly (readonly [KeyScope, string])[];

/** The live keys of an account, or, without one, of the organization. */
export function Keys({ account }: { account?: string }) {
  const pages = usePages(
    (api, options) => (account === undefined ? api.keys.list(options) : api.accounts.keys(account, options)),
    account,
  );
  return (
    <>
      <May>
        <NewKey account={account} onMade={pages.reload} />
      </May>
      <List
        label="Keys"
        pages={pages}
        empty="There is none."
        keyOf={({ identifier }) => identifier}
        columns={[
          { title: "Name", cell: ({ name }) => (name === null ? <span class="quiet">its own</span> : <b>{name}</b>) },
          { title: "Scope", cell: ({ scope }) => scope },
          { title: "Begins with", cell: ({ prefix }) => (prefix === null ? "" : <code>{prefix}…</code>) },
          { title: "Made", cell: ({ created_at }) => <Moment at={created_at} /> },
          { title: "Last used", cell: ({ last_used_at }) => <Moment at={last_used_at} /> },
          { title: "Ends", cell: ({ expires_at }) => <Moment at={expires_at} /> },
          {
            title: "",
            needs: "admin",
            cell: ({ identifier, name, prefix }) => (
              <Confirm
                label="Revoke"
                danger
                small
                act={async (api) => {
                  await (account === undefined
                    ? api.keys.revoke(identifier)
                    : api.accounts.revokeKey(account, identifier));
                  pages.reload();
                }}
              >
                <p>{name ?? `The key ${prefix ?? ""}…`} stops working at once.</p>
              </Confirm>
            ),
          },
        ]}
      />
    </>
  );
}

/** The organization's own keys, as a view. */
export function OrganizationKeys() {
  return (
    <>
      <h1>Keys</h1>
      <p>Those of the organization. An account's are with the account.</p>
      <Keys />
    </>
  );
}

function NewKey({ account, onMade }: { account: string | undefined; onMade: () => void }) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<KeyScope>("read");
  const [key, setKey] = useState<string>();
  const action = useAction(async (api) => {
    const made = { name, scope };
    setKey((await (account === undefined ? api.keys.create(made) : api.accounts.createKey(account, made))).apiKey);
    setName("");
    onMade();
  });
  return (
    <>
      <Form label="Make a further key" onSubmit={action.run} class="line">
        <Field label="Further key" placeholder="Its name" value={name} onText={setName} />
        <Choice label="Scope" value={scope} onText={(value) => setScope(value as KeyScope)} choices={SCOPES} />
        <button type="submit" disabled={action.busy}>
          Make it
        </button>
      </Form>
      <ProblemBox problem={action.problem} />
      {key !== undefined && <ShownOnce what="The further key" text={key} onDone={() => setKey(undefined)} />}
    </>
  );
}
