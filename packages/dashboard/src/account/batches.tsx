import { useState } from "preact/hooks";
import { Field, Form } from "../parts/field.tsx";
import { Table } from "../parts/table.tsx";
import { Moment } from "../parts/values.tsx";
import { go, hrefOf } from "../route.ts";
import { notedBatches } from "./noted-batches.ts";

/** Looks a batch up by its identifier. */
export function Batches() {
  const [uuid, setUuid] = useState("");
  const noted = notedBatches();
  return (
    <>
      <h1>Batches</h1>
      <Form
        label="Look up a batch"
        onSubmit={() => uuid.trim() !== "" && go(hrefOf(["batches", uuid.trim()]))}
        class="line"
      >
        <Field label="Batch UUID" value={uuid} onText={setUuid} hint="As the answer to the request named it." />
        <button type="submit" class="primary">
          Look up
        </button>
      </Form>
      <h2>Seen in this tab</h2>
      {noted.length === 0 && <p class="empty">None yet: what you send or look up here is noted here.</p>}
      {noted.length > 0 && (
        <Table
          label="Batches seen in this tab"
          rows={noted}
          keyOf={(batch) => batch.uuid}
          columns={[
            { title: "Batch", cell: (batch) => <a href={hrefOf(["batches", batch.uuid])}>{batch.uuid}</a> },
            { title: "To", cell: ({ to }) => to ?? <span class="quiet">several</span> },
            { title: "Seen", cell: ({ at }) => <Moment at={at} /> },
          ]}
        />
      )}
    </>
  );
}
