import { useState } from "preact/hooks";
import { useAction } from "../api/use-api.ts";
import { usePages } from "../api/use-pages.ts";
import { Confirm } from "../parts/confirm.tsx";
import { May } from "../parts/may.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { List } from "../parts/table.tsx";
import { Moment, ShownOnce } from "../parts/values.tsx";

/** What an account's webhooks are signed with: two secrets at most, so that one can follow the other. */
export function Secrets({ uuid }: { uuid: string }) {
  const pages = usePages((api, options) => api.accountWebhooks.secrets(uuid, options), uuid);
  const [secret, setSecret] = useState<string>();
  const add = useAction(async (api) => {
    setSecret((await api.accountWebhooks.createSecret(uuid)).secret);
    pages.reload();
  });
  return (
    <>
      <May>
        <p class="buttons">
          <button type="button" disabled={add.busy} onClick={() => void add.run()}>
            Make a secret
          </button>
        </p>
      </May>
      <ProblemBox problem={add.problem} />
      {secret !== undefined && <ShownOnce what="The new secret" text={secret} onDone={() => setSecret(undefined)} />}
      <List
        label="Signing secrets"
        pages={pages}
        empty="There is none: its webhooks are not signed."
        keyOf={({ identifier }) => identifier}
        columns={[
          { title: "Secret", cell: ({ identifier }) => <code class="uuid">{identifier}</code> },
          { title: "Made", cell: ({ created_at }) => <Moment at={created_at} /> },
          {
            title: "",
            needs: "admin",
            cell: ({ identifier }) => (
              <Confirm
                label="Remove"
                danger
                small
                act={async (api) => {
                  await api.accountWebhooks.deleteSecret(uuid, identifier);
                  pages.reload();
                }}
              >
                <p>Webhooks are not signed with it any more. Receivers that know no other secret will refuse them.</p>
              </Confirm>
            ),
          },
        ]}
      />
    </>
  );
}
