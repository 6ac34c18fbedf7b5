import type { SmppCredential } from "@messaging-plus/sdk";
import { useState } from "preact/hooks";
import { useAction } from "../api/use-api.ts";
import { usePages } from "../api/use-pages.ts";
import { Confirm } from "../parts/confirm.tsx";
import { Field, Form } from "../parts/field.tsx";
import { May } from "../parts/may.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { List } from "../parts/table.tsx";
import { Moment, numberText, ShownOnce } from "../parts/values.tsx";
import { ChangeCredential } from "./change-credential.tsx";

/** A password that no answer shows again, and whose it is. */
interface Password {
  systemId: string;
  text: string;
}

/** The names and passwords with which an account's software binds over SMPP. */
export function Credentials({ account }: { account: string }) {
  const pages = usePages((api, options) => api.smpp.list(account, options), account);
  const [password, setPassword] = useState<Password>();
  return (
    <>
      <May>
        <NewCredential
          account={account}
          onMade={(made) => {
            setPassword(made);
            pages.reload();
          }}
        />
      </May>
      {password !== undefined && (
        <ShownOnce
          what={`The password of ${password.systemId}`}
          text={password.text}
          onDone={() => setPassword(undefined)}
        />
      )}
      <List
        label="SMPP credentials"
        pages={pages}
        empty="There is none: its software cannot bind."
        keyOf={({ identifier }) => identifier}
        columns={[
          { title: "Name", cell: ({ system_id }) => <b>{system_id}</b> },
          { title: "Binds", number: true, cell: ({ binds }) => binds },
          { title: "Window", number: true, cell: ({ window }) => numberText(window) },
          {
            title: "Per second",
            number: true,
            cell: ({ throughput }) => (throughput === null ? "no limit" : numberText(throughput)),
          },
          { title: "From", cell: ({ allow }) => (allow.length === 0 ? "anywhere" : <code>{allow.join(", ")}</code>) },
          { title: "Alphabet", cell: ({ alphabet }) => alphabet },
          { title: "Made", cell: ({ created_at }) => <Moment at={created_at} /> },
          {
            title: "",
            needs: "admin",
            cell: (credential) => (
              <span class="buttons">
                <ChangeCredential account={account} credential={credential} onChanged={pages.reload} />
                <NewPassword account={account} credential={credential} onMade={setPassword} />
                <Confirm
                  label="Delete"
                  danger
                  small
                  act={async (api) => {
                    await api.smpp.delete(account, credential.identifier);
                    pages.reload();
                  }}
                >
                  <p>{credential.system_id} cannot bind any more, and its binds are ended at once.</p>
                </Confirm>
              </span>
            ),
          },
        ]}
      />
    </>
  );
}

interface NewCredentialProps {
  account: string;
  onMade(password: Password): void;
}

function NewCredential({ account, onMade }: NewCredentialProps) {
  const [name, setName] = useState("");
  const action = useAction(async (api) => {
    const { system_id: systemId, password } = await api.smpp.create(account, name === "" ? {} : { system_id: name });
    setName("");
    onMade({ systemId, text: password });
  });
  return (
    <>
      <Form label="Let its software bind" onSubmit={action.run} class="line">
        <Field label="SMPP name (system_id)" placeholder="one is made up" value={name} onText={setName} />
        <button type="submit" disabled={action.busy}>
          Let it bind
        </button>
      </Form>
      <ProblemBox problem={action.problem} />
    </>
  );
}

interface NewPasswordProps extends NewCredentialProps {
  credential: SmppCredential;
}

function NewPassword({ account, credential, onMade }: NewPasswordProps) {
  const { identifier, system_id: systemId } = credential;
  const [grace, setGrace] = useState("0");
  return (
    <Confirm
      label="New password"
      small
      act={async (api) => {
        const { password } = await api.smpp.rotatePassword(account, identifier, Number(grace));
        onMade({ systemId, text: password });
      }}
    >
      <p>Binds that there are stay.</p>
      <Field
        label="Seconds for which the old password still works"
        inputMode="numeric"
        value={grace}
        onText={setGrace}
      />
    </Confirm>
  );
}
