import type { Counts } from "@messaging-plus/sdk";
import { useEffect } from "preact/hooks";
import { useAnswer, useEvery } from "../api/use-api.ts";
import { usePages } from "../api/use-pages.ts";
import { ProblemBox } from "../parts/problem-box.tsx";
import { List } from "../parts/table.tsx";
import { numberText, State } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";
import { stateOf } from "./accepted.tsx";
import { noteBatch, notedBatches } from "./noted-batches.ts";

const ASK_EVERY_MS = 2_000;

/** What became of a batch: the counts, and each message. */
export function Batch({ uuid }: { uuid: string }) {
  const status = useAnswer((api, options) => api.batches.status(uuid, options), uuid);
  const counts = status.answer?.counts;
  const known = counts === undefined ? 0 : counts.delivered + counts.failed;
  const open = counts !== undefined && known < counts.total;
  useEvery(open && !status.loading ? ASK_EVERY_MS : null, status.ask);
  useEffect(() => {
    if (counts === undefined || notedBatches().some((noted) => noted.uuid === uuid)) return;
    noteBatch({ uuid, to: null, at: new Date().toISOString() });
  }, [counts, uuid]);
  return (
    <>
      <p class="back">
        <a href={hrefOf(["batches"])}>Batches</a>
      </p>
      <h1>Batch</h1>
      <p>
        <code>{uuid}</code>
      </p>
      <ProblemBox problem={status.problem} />
      {counts === undefined && status.loading && <p class="quiet">Loading…</p>}
      {counts !== undefined && (
        <>
          <CountBar {...counts} />
          <p>
            <a href={hrefOf(["webhooks"], { batch: uuid })}>Its webhooks</a>
          </p>
          <h2>Messages</h2>
          <Messages uuid={uuid} known={known} />
        </>
      )}
    </>
  );
}

function CountBar({ total, delivered, failed }: Counts) {
  const rest = total - delivered - failed;
  const counts = [
    ["delivered", delivered],
    ["failed", failed],
    ["under way", rest],
  ] as const;
  return (
    <>
      <div class="bar" aria-hidden="true">
        {counts.map(([state, count]) => (
          <i key={state} class={state.replace(" ", "-")} style={{ flexGrow: count }} />
        ))}
      </div>
      <dl class="figures">
        <div>
          <dt>Messages</dt>
          <dd>{numberText(total)}</dd>
        </div>
        {counts.map(([state, count]) => (
          <div key={state}>
            <dt>
              <State of={state} />
            </dt>
            <dd>{numberText(count)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** @param known how many are final: with more of them the list is read again */
function Messages({ uuid, known }: { uuid: string; known: number }) {
  const pages = usePages((api, options) => api.batches.details(uuid, options), uuid);
  const { items, reload } = pages;
  const shownKnown = items?.filter(({ delivered, failed }) => delivered || failed).length ?? 0;
  // Read again where there is news of what is shown, and only then.
  useEffect(() => {
    if (items !== undefined && shownKnown < Math.min(items.length, known)) reload();
  }, [known]);
  return (
    <List
      label="Messages"
      pages={pages}
      empty="There are none yet: the batch waits for its time."
      keyOf={({ messageuuid }) => messageuuid}
      columns={[
        { title: "To", cell: ({ destination }) => destination ?? <span class="quiet">erased</span> },
        { title: "State", cell: (message) => <State of={stateOf(message)} /> },
        { title: "Code", cell: ({ info }) => (info === null ? "" : <code>{info.code}</code>) },
        { title: "Meaning", cell: ({ info }) => info?.description ?? "" },
        {
          title: "Message",
          cell: ({ messageuuid }) => <code class="uuid">{messageuuid}</code>,
        },
      ]}
    />
  );
}
