import type { Carrier } from "@messaging-plus/sdk";
import { usePages } from "../api/use-pages.ts";
import { Confirm } from "../parts/confirm.tsx";
import { List } from "../parts/table.tsx";
import { Moment, numberText, State, UnderWay } from "../parts/values.tsx";

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
          { title: "Carrier", cell: (carrier) => <Name {...carrier} /> },
          { title: "State", cell: (carrier) => <StateAndWhy {...carrier} /> },
          { title: "Binds up", number: true, cell: ({ binds }) => `${binds.up} of ${binds.of}` },
          { title: "Under way", number: true, cell: (carrier) => <UnderWay {...carrier} /> },
          { title: "Per second", number: true, cell: ({ throughput }) => throughput || "no limit" },
          { title: "Submitted", number: true, cell: ({ counts }) => numberText(counts.submitted) },
          { title: "Refused", number: true, cell: ({ counts }) => numberText(counts.refused) },
          { title: "Later", number: true, cell: ({ counts }) => numberText(counts.later) },
          { title: "Uncertain", number: true, cell: ({ counts }) => numberText(counts.uncertain) },
          { title: "Received", number: true, cell: ({ counts }) => numberText(counts.received) },
          { title: "", cell: ({ id, paused }) => <Pause id={id} paused={paused} onDone={pages.reload} /> },
        ]}
      />
    </>
  );
}

function Name({ id, type }: Carrier) {
  return (
    <span>
      <b>{id}</b> <span class="quiet">{type}</span>
    </span>
  );
}

/** How it does, and why a bind is not up and when it is tried again. */
function StateAndWhy({ state, paused, since, why, last_status, next_try_at }: Carrier) {
  return (
    <span>
      <State of={state} /> {paused && <State of="paused" />} <span class="quiet">since</span> <Moment at={since} />
      {why !== null && (
        <>
          <br />
          {why}
          {last_status !== null && (
            <>
              {" "}
              (last status <code>{last_status}</code>)
            </>
          )}
          {next_try_at !== null && (
            <>
              ; next try <Moment at={next_try_at} />
            </>
          )}
        </>
      )}
    </span>
  );
}

interface PauseProps {
  id: string;
  paused: boolean;
  onDone(): void;
}

function Pause({ id, paused, onDone }: PauseProps) {
  return (
    <Confirm
      label={paused ? "Resume" : "Pause"}
      small
      act={async ({ operator }) => {
        await (paused ? operator.resumeCarrier(id) : operator.pauseCarrier(id));
        onDone();
      }}
    >
      <p>
        {paused
          ? `${id} takes messages again.`
          : `${id} takes nothing, in all programs and over restarts, until it is resumed. Its receipts still count.`}
      </p>
    </Confirm>
  );
}
