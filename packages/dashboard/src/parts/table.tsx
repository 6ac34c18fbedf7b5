import type { KeyScope } from "@messaging-plus/sdk";
import type { ComponentChildren } from "preact";
import { opens, useMe } from "../api/me.ts";
import type { Pages } from "../api/use-pages.ts";
import { ProblemBox } from "./problem-box.tsx";

export interface Column<Row> {
  /** Empty where there are buttons. */
  title: string;
  cell(row: Row): ComponentChildren;
  /** To the right, as numbers are. */
  number?: boolean;
  /** Scope without which a key has no use for it; `read` unless told. */
  needs?: KeyScope;
}

interface TableProps<Row> {
  /** What it is a table of, for those who do not see it. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf(row: Row): string;
}

/** Rows under heads; where there is no room each row is a card, in which every cell has its head beside it. */
export function Table<Row>({ label, columns, rows, keyOf }: TableProps<Row>) {
  const { scope } = useMe();
  const shown = columns.filter(({ needs = "read" }) => opens(scope, needs));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what does not fit is scrolled to with the keyboard.
    <section class="scroll" tabIndex={0} aria-label={`${label}, the whole table`}>
      <table aria-label={label}>
        <thead>
          <tr>
            {shown.map(({ title, number }) => (
              <th key={title} scope="col" class={number ? "number" : ""}>
                {title === "" ? <span class="unseen">Actions</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {shown.map(({ title, cell, number }) => (
                <td key={title} data-head={title} class={title === "" ? "actions" : number ? "number" : ""}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface ListProps<Row> extends Omit<TableProps<Row>, "rows"> {
  pages: Pages<Row>;
  /** What is said where there is nothing. */
  empty: ComponentChildren;
}

/** A list page by page, with what is said while it loads, where it is empty and where it fails. */
export function List<Row>({ pages, empty, ...table }: ListProps<Row>) {
  const { items, further, loading, problem, more, reload } = pages;
  // A page may be short, or empty, though others follow it.
  const nothing = items?.length === 0 && !further;
  return (
    <div aria-busy={loading}>
      <ProblemBox problem={problem} />
      {items === undefined && loading && <p class="quiet">Loading…</p>}
      {nothing && <p class="empty">{empty}</p>}
      {items !== undefined && items.length > 0 && <Table {...table} rows={items} />}
      <p class="buttons">
        {further && (
          <button type="button" onClick={more} disabled={loading}>
            Show more
          </button>
        )}
        <button type="button" class="small" onClick={reload}>
          Refresh
        </button>
      </p>
    </div>
  );
}
