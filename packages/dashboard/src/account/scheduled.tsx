import { usePages } from "../api/use-pages.ts";
import { Confirm } from "../parts/confirm.tsx";
import { List } from "../parts/table.tsx";
import { countText, Moment, numberText } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";

/** What is held for its time, and taking it back. */
export function Scheduled() {
  const pages = usePages((api, options) => api.batches.pending(options));
  return (
    <>
      <h1>Scheduled batches</h1>
      <List
        label="Scheduled batches"
        pages={pages}
        empty="Nothing is held for later."
        keyOf={({ identifier }) => identifier}
        columns={[
          { title: "Due", cell: ({ at }) => <Moment at={at} /> },
          { title: "From", cell: ({ from }) => from ?? <span class="quiet">erased</span> },
          { title: "Messages", number: true, cell: ({ messagecount }) => numberText(messagecount) },
          { title: "Parts each", number: true, cell: ({ unitcount }) => numberText(unitcount) },
          {
            title: "Batch",
            cell: ({ identifier }) => <a href={hrefOf(["batches", identifier])}>{identifier}</a>,
          },
          {
            title: "",
            needs: "send",
            cell: ({ identifier, messagecount }) => (
              <Confirm
                label="Cancel the batch"
                danger
                small
                act={async (api) => {
                  await api.batches.cancel(identifier);
                  pages.reload();
                }}
              >
                <p>{countText(messagecount, "message")} will not be sent. This cannot be undone.</p>
              </Confirm>
            ),
          },
        ]}
      />
    </>
  );
}
