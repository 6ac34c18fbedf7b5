import type { MessageItem } from "@messaging-plus/sdk";
import { useMe } from "../api/me.ts";
import { useSearch } from "../api/use-search.ts";
import { Download } from "../parts/download.tsx";
import { LookedBack } from "../parts/looked-back.tsx";
import { May } from "../parts/may.tsx";
import { type Column, List } from "../parts/table.tsx";
import { Moment, State } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";
import { useAccounts } from "./accounts.ts";
import { messageFields, messageFilter } from "./fields.ts";
import { Filter } from "./filter.tsx";
import { AccountLink, Code, NumberLink } from "./links.tsx";
import { stateWords } from "./words.ts";

/** Messages as they are looked for: what became of the text to this number? */
export function Messages({ query }: { query: URLSearchParams }) {
  const { kind } = useMe();
  const applied = messageFields(query);
  const filter = messageFilter(applied);
  const filtered = Object.values(applied).some((value) => value !== "");
  const search = useSearch((api, options) => api.messages.list({ ...filter, ...options }), String(query));
  const accounts = useAccounts();
  const whose: Column<MessageItem> = {
    title: "Account",
    cell: ({ account_uuid, carrier }) => (
      <span>
        <AccountLink uuid={account_uuid} accounts={accounts} /> {carrier != null && <small>via {carrier}</small>}
      </span>
    ),
  };
  return (
    <>
      <h1>Messages</h1>
      <Filter key={String(query)} applied={applied} onSame={search.reload} />
      <Download
        label="Download CSV"
        hint="All that the search finds."
        file="messages.csv"
        read={(api, options) => api.messages.csv({ ...filter, ...options })}
      />
      <List
        label="Messages"
        pages={search}
        empty={filtered ? <NoneFits /> : <NoneYet />}
        keyOf={({ message_uuid }) => message_uuid}
        columns={[
          {
            title: "Accepted",
            cell: ({ message_uuid, accepted_at }) => (
              <a href={hrefOf(["messages", message_uuid])}>
                <Moment at={accepted_at} />
              </a>
            ),
          },
          {
            title: "To",
            cell: ({ to, from }) => (
              <span>
                <NumberLink number={to} /> {from !== null && <small>from {from}</small>}
              </span>
            ),
          },
          {
            title: "State",
            cell: (message) => (
              <span>
                <State of={message.state}>{stateWords(message.state)}</State> <Code {...message} />
              </span>
            ),
          },
          { title: "Text", cell: ({ body }) => <Excerpt text={body} /> },
          ...(kind === "account" ? [] : [whose]),
        ]}
      />
      <LookedBack search={search} />
    </>
  );
}

/** The first line of a text; the whole of it is on the message's page. */
function Excerpt({ text }: { text: string | null }) {
  if (text === null) return <span class="quiet">erased</span>;
  return <span class="excerpt">{text}</span>;
}

function NoneFits() {
  return (
    <>
      No message fits. A number is found in any of its forms, and by its last digits, six at least, with a star in
      front: <code>*123456</code>. What is held for its time is not among them: it is among the{" "}
      <a href={hrefOf(["batches"])}>batches</a>.
    </>
  );
}

function NoneYet() {
  return (
    <>
      There is no message yet.{" "}
      <May needs="send">
        <SendLink />
      </May>
    </>
  );
}

function SendLink() {
  return useMe().kind === "account" ? <a href={hrefOf(["send"])}>Send one</a> : null;
}
