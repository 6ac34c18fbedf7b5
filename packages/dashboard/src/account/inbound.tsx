import { usePages } from "../api/use-pages.ts";
import { NumberLink } from "../messages/links.tsx";
import { List } from "../parts/table.tsx";
import { Moment } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";
import { inboundWords } from "./inbound-words.ts";

/** What handsets wrote to the account. */
export function Inbound() {
  const pages = usePages((api, options) => api.inbound.list(options));
  return (
    <>
      <h1>Inbound messages</h1>
      <p class="quiet">The oldest first.</p>
      <List
        label="Inbound messages"
        pages={pages}
        empty="No handset has written to this account."
        keyOf={({ mo_uuid }) => mo_uuid}
        columns={[
          { title: "At", cell: ({ at }) => <Moment at={at} /> },
          { title: "From", cell: ({ from }) => <NumberLink number={`+${from}`} /> },
          { title: "To", cell: ({ to }) => to },
          { title: "Text", cell: (inbound) => <span class="text">{inboundWords(inbound)}</span> },
          {
            title: "Answers",
            cell: ({ message_uuid }) =>
              message_uuid === null ? (
                <span class="quiet">–</span>
              ) : (
                <a href={hrefOf(["messages", message_uuid])}>this message</a>
              ),
          },
        ]}
      />
    </>
  );
}
