import type { LedgerKind } from "@messaging-plus/sdk";
import { usePages } from "../api/use-pages.ts";
import { List } from "../parts/table.tsx";
import { Moment, numberText } from "../parts/values.tsx";

/** What the kinds of movement are. */
const KINDS: Record<LedgerKind, string> = {
  topup: "moved from the organization",
  charge: "messages accepted",
  hold: "held for a scheduled batch",
  cancel: "freed by a cancelled batch",
  return: "given back when deactivated",
  add: "added by the operator",
};

/** Every movement of an account's credits. */
export function Ledger({ uuid, balance }: { uuid: string; balance: number }) {
  const pages = usePages((api, options) => api.accounts.ledger(uuid, options), `${uuid} ${balance}`);
  return (
    <List
      label="Ledger"
      pages={pages}
      empty="No credits were moved."
      keyOf={({ at, kind, batch_uuid, balance: after }) => `${at} ${kind} ${batch_uuid} ${after}`}
      columns={[
        { title: "At", cell: ({ at }) => <Moment at={at} /> },
        { title: "What", cell: ({ kind }) => KINDS[kind] },
        { title: "Credits", number: true, cell: ({ credits }) => `${credits > 0 ? "+" : ""}${numberText(credits)}` },
        { title: "Balance", number: true, cell: ({ balance: after }) => numberText(after) },
        { title: "Batch", cell: ({ batch_uuid }) => batch_uuid !== null && <code class="uuid">{batch_uuid}</code> },
      ]}
    />
  );
}
