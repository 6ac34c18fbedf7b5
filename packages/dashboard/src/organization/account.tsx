import type { Account } from "@messaging-plus/sdk";
import { useState } from "preact/hooks";
import { useMay } from "../api/me.ts";
import { useAction, useAnswer } from "../api/use-api.ts";
import { Confirm } from "../parts/confirm.tsx";
import { Check, Field, Form } from "../parts/field.tsx";
import { May } from "../parts/may.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { numberText, ShownOnce, State } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";
import { Credentials } from "../smpp/credentials.tsx";
import { Keys } from "./keys.tsx";
import { Ledger } from "./ledger.tsx";
import { Secrets } from "./secrets.tsx";
import { WebhookUrls } from "./webhook-urls.tsx";

/** An account, and all that its organization may do with it. */
export function AccountView({ uuid }: { uuid: string }) {
  const { answer: account, problem, loading, ask } = useAnswer((api, options) => api.accounts.get(uuid, options), uuid);
  return (
    <>
      <p class="back">
        <a href={hrefOf(["accounts"])}>Accounts</a>
      </p>
      <ProblemBox problem={problem} />
      {account === undefined && loading && <p class="quiet">Loading…</p>}
      {account !== undefined && (
        <>
          <h1>
            {account.name} <State of={account.deleted ? "deactivated" : "active"} />
          </h1>
          <p>
            <code>{uuid}</code>
          </p>
          {account.deleted ? <Deactivated uuid={uuid} onChange={ask} /> : <Active account={account} onChange={ask} />}
          <h2>Ledger</h2>
          <Ledger uuid={uuid} balance={account.credits} />
        </>
      )}
    </>
  );
}

interface ActiveProps {
  account: Account;
  onChange(): void;
}

function Active({ account, onChange }: ActiveProps) {
  const uuid = account.identifier;
  return (
    <>
      <May>
        <Rename account={account} onChange={onChange} />
      </May>
      <h2>Credits</h2>
      <Credits account={account} onChange={onChange} />
      <h2>Keys</h2>
      <May>
        <NewKeyForm uuid={uuid} />
      </May>
      <Keys account={uuid} />
      <h2>SMPP</h2>
      <Credentials account={uuid} />
      <h2>Webhook URLs</h2>
      <WebhookUrls uuid={uuid} />
      <h2>Signing secrets</h2>
      <Secrets uuid={uuid} />
      <May>
        <Deactivate account={account} onChange={onChange} />
      </May>
    </>
  );
}

function Deactivate({ account: { identifier, name }, onChange }: ActiveProps) {
  return (
    <>
      <h2>Deactivate</h2>
      <p>
        Its keys stop working at once, its scheduled batches are cancelled, and its credits go back to the organization.
      </p>
      <Confirm
        label="Deactivate"
        danger
        act={async (api) => {
          await api.accounts.deactivate(identifier);
          onChange();
        }}
      >
        <p>
          {name} can send nothing any more. It can be reactivated; its keys then work again, its cancelled batches do
          not come back.
        </p>
      </Confirm>
    </>
  );
}

function Deactivated({ uuid, onChange }: { uuid: string; onChange: () => void }) {
  const action = useAction(async (api) => {
    await api.accounts.change(uuid, { deleted: false });
    onChange();
  });
  return (
    <May>
      <p class="buttons">
        <button type="button" class="primary" disabled={action.busy} onClick={() => void action.run()}>
          Reactivate
        </button>
      </p>
      <ProblemBox problem={action.problem} />
    </May>
  );
}

function Credits({ account, onChange }: ActiveProps) {
  const [topup, setTopup] = useState("");
  const may = useMay("admin");
  const add = useAction(async (api) => {
    await api.accounts.topUp(account.identifier, Number(topup));
    setTopup("");
    onChange();
  });
  const overdraw = useAction(async (api, overdraft: boolean) => {
    await api.accounts.change(account.identifier, { overdraft });
    onChange();
  });
  return (
    <>
      <p class="balance">{numberText(account.credits)}</p>
      <May>
        <Form label="Top up" onSubmit={add.run} class="line">
          <Field
            label="Top up by"
            inputMode="numeric"
            value={topup}
            onText={setTopup}
            hint="Out of the organization's balance."
          />
          <button type="submit" disabled={add.busy}>
            Top up
          </button>
        </Form>
      </May>
      <Check
        disabled={!may}
        label="May overdraw: its balance may go below zero"
        checked={account.overdraft}
        onCheck={(checked) => void overdraw.run(checked)}
      />
      <ProblemBox problem={add.problem ?? overdraw.problem} />
    </>
  );
}

function Rename({ account, onChange }: ActiveProps) {
  const [name, setName] = useState(account.name);
  const action = useAction(async (api) => {
    await api.accounts.change(account.identifier, { name });
    onChange();
  });
  return (
    <>
      <Form label="Rename" onSubmit={action.run} class="line">
        <Field label="Name" value={name} onText={setName} />
        <button type="submit" disabled={action.busy}>
          Rename
        </button>
      </Form>
      <ProblemBox problem={action.problem} />
    </>
  );
}

function NewKeyForm({ uuid }: { uuid: string }) {
  const [grace, setGrace] = useState("0");
  const [key, setKey] = useState<string>();
  return (
    <>
      <div class="line">
        <Field label="Seconds for which the old key still works" inputMode="numeric" value={grace} onText={setGrace} />
        <Confirm
          label="Make a new key"
          act={async (api) => {
            setKey((await api.accounts.rotateKey(uuid, Number(grace))).apiKey);
          }}
        >
          <p>
            {Number(grace) === 0
              ? "The account's own key stops working at once; those with a name go on."
              : `The account's own key stops working in ${grace} seconds; those with a name go on.`}
          </p>
        </Confirm>
      </div>
      {key !== undefined && <ShownOnce what="The new key" text={key} onDone={() => setKey(undefined)} />}
    </>
  );
}
