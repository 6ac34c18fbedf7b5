import { useState } from "preact/hooks";
import { useEvery } from "../api/use-api.ts";
import { useSearch } from "../api/use-search.ts";
import { Field, Form } from "../parts/field.tsx";
import { LookedBack } from "../parts/looked-back.tsx";
import { List } from "../parts/table.tsx";
import { TimeField } from "../parts/time-field.tsx";
import { countText, Moment, numberText, State } from "../parts/values.tsx";
import { fieldsOf, go, hrefOf } from "../route.ts";
import { batchStateWords, Progress } from "./progress.tsx";

const ASK_EVERY_MS = 3_000;
const FIELDS = ["from", "since", "until"] as const;
/** As they stand in the address, times in UTC. */
type BatchFields = Record<(typeof FIELDS)[number], string>;

/** All batches, the newest first, as they go on. */
export function Batches({ query }: { query: URLSearchParams }) {
  const applied = fieldsOf(FIELDS, query);
  const { from, since, until } = applied;
  const search = useSearch(
    (api, options) =>
      api.batches.list({
        from: from || undefined,
        since: since || undefined,
        until: until || undefined,
        ...options,
      }),
    String(query),
  );
  // Only the first page is read again by itself: further ones are the past, and a search that takes long is not repeated.
  const moves = search.items?.some(({ state }) => state !== "done") === true;
  useEvery(moves && search.onePage && !search.loading ? ASK_EVERY_MS : null, search.reload);
  return (
    <>
      <h1>Batches</h1>
      <p class="quiet">What one request has sent: one text to many numbers, or a single message.</p>
      <LookUp />
      <Filter key={String(query)} applied={applied} onSame={search.reload} />
      <List
        label="Batches"
        pages={search}
        empty={Object.values(applied).some((value) => value !== "") ? "No batch fits." : "Nothing was sent yet."}
        keyOf={({ identifier }) => identifier}
        columns={[
          {
            title: "At",
            cell: ({ identifier, at }) => (
              <a href={hrefOf(["batches", identifier])}>
                <Moment at={at} />
              </a>
            ),
          },
          { title: "From", cell: ({ from: sender }) => sender ?? <span class="quiet">erased</span> },
          { title: "State", cell: ({ state }) => <State of={state}>{batchStateWords(state)}</State> },
          {
            title: "Messages",
            cell: ({ messagecount: total, delivered, failed, state }) =>
              state === "pending" ? (
                countText(total, "message")
              ) : (
                <Progress total={total} delivered={delivered} failed={failed} />
              ),
          },
          { title: "Parts each", number: true, cell: ({ unitcount }) => numberText(unitcount) },
          { title: "Batch", cell: ({ identifier }) => <code class="uuid">{identifier}</code> },
        ]}
      />
      <LookedBack search={search} />
    </>
  );
}

function LookUp() {
  const [uuid, setUuid] = useState("");
  return (
    <Form
      label="Look up a batch"
      onSubmit={() => uuid.trim() !== "" && go(hrefOf(["batches", uuid.trim()]))}
      class="line"
    >
      <Field label="Batch UUID" value={uuid} onText={setUuid} hint="Yours, or as the answer to the request named it." />
      <button type="submit">Look up</button>
    </Form>
  );
}

/** Changes the address: a link finds the same again. */
function Filter({ applied, onSame }: { applied: BatchFields; onSame(): void }) {
  const [filter, setFilter] = useState(applied);
  const field = (name: keyof BatchFields) => ({
    value: filter[name],
    onText: (value: string) => setFilter((before) => ({ ...before, [name]: value.trim() })),
  });
  const apply = (): void => {
    const href = hrefOf(["batches"], filter);
    if (href === location.hash) onSame();
    else go(href);
  };
  return (
    <Form label="Filter" onSubmit={apply} class="filter">
      <Field label="Sender ID" {...field("from")} />
      <TimeField label="Accepted from" {...field("since")} />
      <TimeField label="Accepted before" {...field("until")} />
      <button type="submit" class="primary">
        Search
      </button>
    </Form>
  );
}
