import type { ListedAccount } from "@messaging-plus/sdk";
import { useState } from "preact/hooks";
import { useAction, useAnswer } from "../api/use-api.ts";
import { usePages } from "../api/use-pages.ts";
import { Confirm } from "../parts/confirm.tsx";
import { Choice, Field, Form } from "../parts/field.tsx";
import { May } from "../parts/may.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { List } from "../parts/table.tsx";
import { hrefOf } from "../route.ts";

/** Sender IDs that are the organization's, or one account's. */
export function Senders() {
  const pages = usePages((api, options) => api.senders.list(options));
  const owners = useAnswer((api, options) => api.accounts.list(options));
  const accounts = owners.answer?.accounts ?? [];
  const reload = (): void => {
    pages.reload();
    owners.ask();
  };
  const nameOf = (uuid: string): string => accounts.find(({ identifier }) => identifier === uuid)?.name ?? uuid;
  return (
    <>
      <h1>Sender IDs</h1>
      <May>
        <NewSender accounts={accounts.filter(({ deleted }) => !deleted)} onMade={pages.reload} />
      </May>
      <ProblemBox problem={owners.problem} />
      <List
        label="Sender IDs"
        pages={{ ...pages, reload }}
        empty="None is registered."
        keyOf={({ identifier }) => identifier}
        columns={[
          { title: "Sender ID", cell: ({ value }) => <b>{value}</b> },
          {
            title: "Whose",
            cell: ({ account }) =>
              account === null ? "every account's" : <a href={hrefOf(["accounts", account])}>{nameOf(account)}</a>,
          },
          {
            title: "",
            needs: "admin",
            cell: ({ identifier, value }) => (
              <Confirm
                label="Remove"
                danger
                small
                act={async (api) => {
                  await api.senders.delete(identifier);
                  pages.reload();
                }}
              >
                <p>{value} is then registered to nobody, and others may register it.</p>
              </Confirm>
            ),
          },
        ]}
      />
    </>
  );
}

function NewSender({ accounts, onMade }: { accounts: readonly ListedAccount[]; onMade: () => void }) {
  const [value, setValue] = useState("");
  const [account, setAccount] = useState("");
  const action = useAction(async (api) => {
    await api.senders.register({ value, account: account || undefined });
    setValue("");
    onMade();
  });
  return (
    <>
      <Form label="Register a sender ID" onSubmit={action.run} class="line">
        <Field label="Sender ID" value={value} onText={setValue} placeholder="MyShop" />
        <Choice
          label="Whose"
          value={account}
          onText={setAccount}
          choices={[["", "every account's"], ...accounts.map(({ identifier, name }) => [identifier, name] as const)]}
        />
        <button type="submit" class="primary" disabled={action.busy}>
          Register
        </button>
      </Form>
      <ProblemBox problem={action.problem} />
    </>
  );
}
