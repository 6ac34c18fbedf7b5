import type { Stat } from "@messaging-plus/sdk";
import type { ComponentChildren } from "preact";
import { useMe } from "../api/me.ts";
import { useAnswer } from "../api/use-api.ts";
import { type Column, Table } from "../parts/table.tsx";
import { numberText, percentText } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";
import { type Counts, deliveryRate, sumsBy } from "./ranges.ts";

type Group = "code" | "carrier" | "country";
type Row = { value: string | null } & Counts;

const COUNTRY = new Intl.DisplayNames(["en"], { type: "region" });
const TITLES: Record<Group, string> = { code: "Failures by code", carrier: "By carrier", country: "By country" };

/** The outcomes of messages by one property of theirs. */
export function Breakdown({ items, group }: { items: readonly Stat[]; group: Group }) {
  const rows = sumsBy(items, group).filter(({ failed }) => group !== "code" || failed > 0);
  return (
    <section>
      <h2>{TITLES[group]}</h2>
      {rows.length === 0 && <p class="empty">{group === "code" ? "None has failed." : "There was none."}</p>}
      {rows.length > 0 && group === "code" && <Failures rows={rows.toSorted((a, b) => b.failed - a.failed)} />}
      {rows.length > 0 && group !== "code" && <Group rows={rows} group={group} />}
    </section>
  );
}

function Failures({ rows }: { rows: readonly Row[] }) {
  const codes = useAnswer((api, options) => api.server.receiptCodes(options));
  const meaning = new Map(codes.answer?.map(({ code, description }) => [code, description]));
  const most = Math.max(...rows.map(({ failed }) => failed));
  return (
    <Table
      label="Failures by code"
      rows={rows}
      keyOf={({ value }) => String(value)}
      columns={[
        {
          title: "Code",
          cell: ({ value }) => (
            <a href={hrefOf(["messages"], { code: value ?? "" })}>
              <code>{value}</code>
            </a>
          ),
        },
        { title: "Meaning", cell: ({ value }) => meaning.get(value ?? "") ?? "" },
        { title: "Failed", number: true, cell: ({ failed }) => numberText(failed) },
        { title: "Share", cell: ({ failed }) => <Bar part={failed / most} /> },
      ]}
    />
  );
}

function Group({ rows, group }: { rows: readonly Row[]; group: "carrier" | "country" }) {
  const mayFilter = useMe().kind !== "account";
  const heads: Record<typeof group, Column<Row>> = {
    carrier: { title: "Carrier", cell: ({ value }) => carrier(value, mayFilter) },
    country: { title: "Country", cell: ({ value }) => (value === null ? "not known" : COUNTRY.of(value)) },
  };
  // No message has a carrier before one takes it.
  const counted = group === "carrier" ? "submitted" : "accepted";
  const most = Math.max(1, ...rows.map((row) => row[counted]));
  return (
    <Table
      label={TITLES[group]}
      rows={rows}
      keyOf={({ value }) => String(value)}
      columns={[
        heads[group],
        {
          title: counted === "accepted" ? "Accepted" : "Submitted",
          number: true,
          cell: (row) => numberText(row[counted]),
        },
        { title: "Delivered", number: true, cell: ({ delivered }) => numberText(delivered) },
        { title: "Failed", number: true, cell: ({ failed }) => numberText(failed) },
        { title: "Delivery rate", number: true, cell: rateText },
        { title: "Share", cell: (row) => <Bar part={row[counted] / most} /> },
      ]}
    />
  );
}

function carrier(id: string | null, mayFilter: boolean): ComponentChildren {
  if (id === null) return <span class="quiet">no carrier</span>;
  return mayFilter ? <a href={hrefOf(["messages"], { carrier: id })}>{id}</a> : id;
}

function rateText(row: Row): string {
  const rate = deliveryRate(row);
  return rate === null ? "–" : percentText(rate);
}

/** @param part of the longest bar, 0 to 1 */
function Bar({ part }: { part: number }) {
  return (
    <span class="share" aria-hidden="true">
      {part > 0 && <i style={{ width: `${part * 100}%` }} />}
    </span>
  );
}
