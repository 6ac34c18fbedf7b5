import type { WebhookState } from "@messaging-plus/sdk";
import { useState } from "preact/hooks";
import { Confirm } from "../parts/confirm.tsx";
import { Choice, Field, localText, timeText } from "../parts/field.tsx";
import { countText } from "../parts/values.tsx";
import { type FilterFields, WEBHOOK_STATES } from "./webhook-filter.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

interface ReplayManyProps {
  /** What the form begins with. */
  filter: FilterFields;
  onReplayed(): void;
}

/** Has all webhooks of a state and a time range tried again. */
export function ReplayMany({ filter, onReplayed }: ReplayManyProps) {
  const [range, setRange] = useState(() => ({
    state: filter.state || "exhausted",
    endpoint: filter.endpoint,
    from: filter.from || localText(Date.now() - DAY_MS),
    to: filter.to || localText(Date.now() + MINUTE_MS),
    rate: "",
  }));
  const [replayed, setReplayed] = useState<number>();
  const field = (name: keyof typeof range) => ({
    value: range[name],
    onText: (value: string) => setRange((before) => ({ ...before, [name]: value })),
  });
  const { state, from, to, endpoint, rate } = range;
  const body = {
    state: state as WebhookState,
    from: timeText(from) ?? "",
    to: timeText(to) ?? "",
    endpoint: endpoint || undefined,
    rate: rate === "" ? undefined : Number(rate),
  };
  return (
    <details>
      <summary>Replay many</summary>
      <div class="filter">
        <Choice label="Which" {...field("state")} choices={WEBHOOK_STATES.map((each) => [each, each] as const)} />
        <Field label="Made from" type="datetime-local" {...field("from")} />
        <Field label="Made until" type="datetime-local" {...field("to")} />
        <Field label="Endpoint" type="url" placeholder="all" {...field("endpoint")} />
        <Field label="How many a second" inputMode="decimal" placeholder="100" {...field("rate")} />
        <Confirm
          label="Replay"
          act={async (api) => {
            setReplayed((await api.webhooks.replayMany(body)).replayed);
            onReplayed();
          }}
        >
          <p>
            Every {state} webhook that was made in this time is sent again{endpoint === "" ? "" : `, to ${endpoint}`}. A
            receiver tells repeats by <code>webhook-id</code>.
          </p>
        </Confirm>
      </div>
      {replayed !== undefined && (
        <p role="status">
          {replayed === 0 ? "There was none to try again." : `${countText(replayed, "webhook")} will be tried again.`}
        </p>
      )}
    </details>
  );
}
