import type { WebhookItem } from "@messaging-plus/sdk";
import { useState } from "preact/hooks";
import { usePages } from "../api/use-pages.ts";
import { Choice, Field, Form } from "../parts/field.tsx";
import { May } from "../parts/may.tsx";
import { List } from "../parts/table.tsx";
import { Moment, State } from "../parts/values.tsx";
import { go, hrefOf } from "../route.ts";
import { ReplayMany } from "./replay-many.tsx";
import { type FilterFields, filterOf, WEBHOOK_STATES, webhookFields } from "./webhook-filter.ts";

export function Webhooks({ query }: { query: URLSearchParams }) {
  const applied = webhookFields(query);
  const pages = usePages((api, options) => api.webhooks.list({ ...filterOf(applied), ...options }));
  return (
    <>
      <h1>Webhooks</h1>
      <Filter applied={applied} onSame={pages.reload} />
      <May>
        <ReplayMany filter={applied} onReplayed={pages.reload} />
      </May>
      <List
        label="Webhooks"
        pages={pages}
        empty="There are none of this kind."
        keyOf={({ id }) => id}
        columns={[
          {
            title: "Made",
            cell: ({ id, created_at }) => (
              <a href={hrefOf(["webhooks", id])}>
                <Moment at={created_at} />
              </a>
            ),
          },
          {
            title: "Tells",
            cell: ({ kind, message_uuid }) =>
              message_uuid === null ? kind : <a href={hrefOf(["messages", message_uuid])}>{kind}</a>,
          },
          { title: "State", cell: ({ state }) => <State of={state} /> },
          { title: "Endpoint", cell: ({ endpoint }) => <span class="url">{endpoint}</span> },
          { title: "Tries", number: true, cell: ({ tries }) => tries },
          { title: "Last try", cell: ({ last_attempt }) => <LastTry tried={last_attempt} /> },
          { title: "Next try", cell: ({ next_at }) => <Moment at={next_at} /> },
        ]}
      />
    </>
  );
}

function LastTry({ tried }: { tried: WebhookItem["last_attempt"] }) {
  if (tried === null) return <span class="quiet">none yet</span>;
  return <span title={tried.reason ?? ""}>{tried.status ?? tried.fault}</span>;
}

interface FilterProps {
  applied: FilterFields;
  /** The same filter was asked for again. */
  onSame(): void;
}

/** Changes the address: a filter can be come back to. */
function Filter({ applied, onSame }: FilterProps) {
  const [filter, setFilter] = useState(applied);
  const field = (name: keyof FilterFields) => ({
    value: filter[name],
    onText: (value: string) => setFilter((before) => ({ ...before, [name]: value.trim() })),
  });
  const apply = (): void => {
    const href = hrefOf(["webhooks"], filter);
    if (href === location.hash) onSame();
    else go(href);
  };
  return (
    <details open={Object.values(applied).some((value) => value !== "") || matchMedia("(min-width: 52rem)").matches}>
      <summary>Filter</summary>
      <Form label="Filter" onSubmit={apply} class="filter">
        <Choice
          label="State"
          {...field("state")}
          choices={[["", "any"], ...WEBHOOK_STATES.map((s) => [s, s] as const)]}
        />
        <Field label="Endpoint" type="url" placeholder="https://hooks.example.com" {...field("endpoint")} />
        <Field label="Batch" placeholder="UUID" {...field("batch")} />
        <Field label="From" type="datetime-local" {...field("from")} />
        <Field label="Until" type="datetime-local" {...field("to")} />
        <button type="submit" class="primary">
          Filter
        </button>
      </Form>
    </details>
  );
}
