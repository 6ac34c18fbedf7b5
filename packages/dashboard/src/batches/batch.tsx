import type { BatchWithContent, MessageState } from "@messaging-plus/sdk";
import { useMe } from "../api/me.ts";
import { useAnswer, useEvery } from "../api/use-api.ts";
import { useAccounts } from "../messages/accounts.ts";
import { AccountLink } from "../messages/links.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { Download } from "../parts/download.tsx";
import { type Fact, Facts } from "../parts/facts.tsx";
import { May } from "../parts/may.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { Copyable, countText, Moment, State } from "../parts/values.tsx";
import { go, hrefOf } from "../route.ts";
import { BatchMessages, HeldMessages } from "./batch-messages.tsx";
import { batchStateWords, Figures } from "./progress.tsx";

const ASK_EVERY_MS = 2_000;

interface BatchProps {
  uuid: string;
  query: URLSearchParams;
}

/** A batch: its text, its counts, and each of its messages. */
export function Batch({ uuid, query }: BatchProps) {
  const { answer: batch, problem, loading, ask } = useAnswer((api, options) => api.batches.get(uuid, options), uuid);
  const state = batch?.content.state;
  useEvery(state !== undefined && state !== "done" && !loading ? ASK_EVERY_MS : null, ask);
  return (
    <>
      <p class="back">
        <a href={hrefOf(["batches"])}>Batches</a>
      </p>
      <h1>Batch {state !== undefined && <State of={state}>{batchStateWords(state)}</State>}</h1>
      <ProblemBox problem={problem} />
      {batch === undefined && loading && <p class="quiet">Loading…</p>}
      {batch !== undefined && (
        <>
          {state === "pending" ? (
            <p class="outcome">
              {countText(batch.counts.total, "message")} will be sent on <Moment at={batch.content.at} />.
            </p>
          ) : (
            <Figures {...batch.counts} />
          )}
          <BatchFacts uuid={uuid} batch={batch} />
          {state === "pending" && <Cancel uuid={uuid} total={batch.counts.total} />}
          <h2>Messages</h2>
          <Download
            label="Download CSV"
            hint="Every message with what became of it."
            file={`batch-${uuid}.csv`}
            read={(api, options) => api.batches.detailsCsv(uuid, options)}
          />
          {state === "pending" ? (
            <HeldMessages uuid={uuid} />
          ) : (
            <BatchMessages
              uuid={uuid}
              state={(query.get("state") ?? "") as MessageState | ""}
              known={batch.counts.delivered + batch.counts.failed}
            />
          )}
        </>
      )}
    </>
  );
}

function BatchFacts({ uuid, batch: { content } }: { uuid: string; batch: BatchWithContent }) {
  const { kind } = useMe();
  const accounts = useAccounts();
  const { at, state, from, message, rcs, callback, unitcount, account_uuid } = content;
  const erased = <span class="quiet">erased</span>;
  const rows: Fact[] = [
    ["From", from ?? erased],
    ["Text", message === null ? erased : <span class="text">{message}</span>],
    rcs !== undefined && ["By RCS", <pre>{JSON.stringify(rcs, null, 2)}</pre>],
    ["Parts", `${countText(unitcount, "part")} each`],
    account_uuid !== undefined && ["Account", <AccountLink uuid={account_uuid} accounts={accounts} />],
    [state === "pending" ? "Is sent" : "Accepted", <Moment at={at} />],
    [
      "Webhooks",
      callback === null ? (
        <span class="quiet">nobody is told</span>
      ) : (
        <span class="url">
          {kind === "account" ? <a href={hrefOf(["webhooks"], { batch: uuid })}>Its webhooks</a> : "go"} to {callback}
        </span>
      ),
    ],
    ["Batch", <Copyable text={uuid} />],
  ];
  return <Facts rows={rows} />;
}

/** Takes back what is held for its time. */
function Cancel({ uuid, total }: { uuid: string; total: number }) {
  if (useMe().kind !== "account") return null;
  return (
    <May needs="send">
      <p>
        <Confirm
          label="Cancel the batch"
          danger
          act={async (api) => {
            await api.batches.cancel(uuid);
            go(hrefOf(["batches"]));
          }}
        >
          <p>{countText(total, "message")} will not be sent. This cannot be undone.</p>
        </Confirm>
      </p>
    </May>
  );
}
