import type { MessageState } from "@messaging-plus/sdk";
import { useEffect } from "preact/hooks";
import { usePages } from "../api/use-pages.ts";
import { useSearch } from "../api/use-search.ts";
import { MESSAGE_STATES } from "../messages/fields.ts";
import { Code, NumberLink } from "../messages/links.tsx";
import { stateWords } from "../messages/words.ts";
import { LookedBack } from "../parts/looked-back.tsx";
import { List } from "../parts/table.tsx";
import { Moment, State } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";

interface BatchMessagesProps {
  uuid: string;
  /** Only those in this state. */
  state: MessageState | "";
  /** How many are final: with more of them the list is read again. */
  known: number;
}

/** A batch's messages, those alone that have failed, say. */
export function BatchMessages({ uuid, state, known }: BatchMessagesProps) {
  const search = useSearch(
    (api, options) => api.messages.list({ batch: uuid, state: state || undefined, ...options }),
    `${uuid} ${state}`,
  );
  const { items, onePage, reload } = search;
  useEffect(() => {
    if (items !== undefined && onePage) reload();
  }, [known]);
  return (
    <>
      <ul class="tabs" aria-label="Messages by state">
        {[["", "all"] as const, ...MESSAGE_STATES].map(([one, words]) => (
          <li key={one}>
            <a href={hrefOf(["batches", uuid], { state: one })} aria-current={one === state ? "true" : undefined}>
              {words}
            </a>
          </li>
        ))}
      </ul>
      <List
        label="Messages"
        pages={search}
        empty={state === "" ? "There are none." : "None of them is in this state."}
        keyOf={({ message_uuid }) => message_uuid}
        columns={[
          { title: "To", cell: ({ to }) => <NumberLink number={to} /> },
          {
            title: "State",
            cell: (message) => (
              <span>
                <State of={message.state}>{stateWords(message.state)}</State> <Code {...message} />
              </span>
            ),
          },
          { title: "Final", cell: ({ final_at }) => <Moment at={final_at} /> },
          {
            title: "Story",
            cell: ({ message_uuid }) => <a href={hrefOf(["messages", message_uuid])}>what happened</a>,
          },
        ]}
      />
      <LookedBack search={search} />
    </>
  );
}

/** The numbers of a batch that is held for its time: its messages have no story yet. */
export function HeldMessages({ uuid }: { uuid: string }) {
  const pages = usePages((api, options) => api.batches.details(uuid, options), uuid, null);
  return (
    <List
      label="Messages"
      pages={pages}
      empty="There are none left: the handsets were erased."
      keyOf={({ messageuuid }) => messageuuid}
      columns={[
        { title: "To", cell: ({ destination }) => <NumberLink number={destination} /> },
        { title: "Message", cell: ({ messageuuid }) => <code class="uuid">{messageuuid}</code> },
      ]}
    />
  );
}
