import type { ComponentChildren } from "preact";

/** A fact's name and what it is; false where there is none. */
export type Fact = readonly [name: string, value: ComponentChildren] | false;

/** Facts under each other, each with its name beside it. */
export function Facts({ rows }: { rows: readonly Fact[] }) {
  return (
    <dl>
      {rows.map((row) => row !== false && [<dt key={`${row[0]} name`}>{row[0]}</dt>, <dd key={row[0]}>{row[1]}</dd>])}
    </dl>
  );
}
