import type { Carrier } from "@messaging-plus/sdk";
import { usePages } from "../api/use-pages.ts";
import { List } from "../parts/table.tsx";
import { Moment, numberText, State } from "../parts/values.tsx";

const ASK_EVERY_MS = 2_000;

/** How the carriers do, as it changes. */
export function Carriers() {
  const pages = usePages((api, options) => api.operator.carriers(options), "", ASK_EVERY_MS);
  return (
    <>
      <h1>Carriers</h1>
      <p class="quiet">Those of the program that answers. The counts are of messages since it began.</p>
      <List
        label="Carriers"
        pages={pages}
        empty="This program has none: it may not have the role that sends."
        keyOf={({ id }) => id}
        columns={[
          { title: "Carrier", cell: ({ id }) => <b>{id}</b> },
          { title: "Type", cell: ({ type }) => type },
          { title: "State", cell: ({ state }) => <State of={state} /> },
          { title: "Since", cell: ({ since }) => <Moment at={since} /> },
          { title: "Why", cell: ({ why }) => why ?? "" },
          { title: "Binds up", number: true, cell: ({ binds }) => `${binds.up} of ${binds.of}` },
          { title: "Under way", number: true, cell: (carrier) => <Window {...carrier} /> },
          {
            title: "A second at most",
            number: true,
            cell: ({ throughput }) => (throughput === 0 ? "no limit" : numberText(throughput)),
          },
          { title: "Submitted", number: true, cell: ({ counts }) => numberText(counts.submitted) },
          { title: "Refused", number: true, cell: ({ counts }) => numberText(counts.refused) },
          { title: "Later", number: true, cell: ({ counts }) => numberText(counts.later) },
          { title: "Uncertain", number: true, cell: ({ counts }) => numberText(counts.uncertain) },
          { title: "Received", number: true, cell: ({ counts }) => numberText(counts.received) },
        ]}
      />
    </>
  );
}

/** Submits under way, of those that may be. */
function Window({ under_way, window }: Carrier) {
  return (
    <span>
      {numberText(under_way)} of {numberText(window)}{" "}
      <meter aria-hidden="true" min={0} max={Math.max(1, window)} value={under_way} />
    </span>
  );
}
