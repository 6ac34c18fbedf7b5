import { useState } from "preact/hooks";
import { useMe } from "../api/me.ts";
import { Check, Choice, Field, Form } from "../parts/field.tsx";
import { TimeField } from "../parts/time-field.tsx";
import { go, hrefOf } from "../route.ts";
import { useAccounts } from "./accounts.ts";
import { MESSAGE_STATES, type MessageFields } from "./fields.ts";

interface FilterProps {
  applied: MessageFields;
  /** The same filter was asked for again. */
  onSame(): void;
}

/** Changes the address: a link finds the same again. */
export function Filter({ applied, onSame }: FilterProps) {
  const { kind } = useMe();
  const [filter, setFilter] = useState(applied);
  const set = (name: keyof MessageFields, value: string): void =>
    setFilter((before) => ({ ...before, [name]: value.trim() }));
  const field = (name: keyof MessageFields) => ({
    value: filter[name],
    onText: (value: string) => set(name, value),
  });
  const states = new Set(filter.state.split(",").filter((state) => state !== ""));
  const toggle = (state: string, checked: boolean): void => {
    if (checked) states.add(state);
    else states.delete(state);
    set("state", [...states].join(","));
  };
  const apply = (): void => {
    const href = hrefOf(["messages"], filter);
    if (href === location.hash) onSame();
    else go(href);
  };
  const wide = matchMedia("(min-width: 52rem)").matches;
  const usual = (
    <>
      <Field label="Sender ID" {...field("from")} />
      <TimeField label="Accepted from" {...field("since")} />
      <TimeField label="Accepted before" {...field("until")} />
    </>
  );
  const { to: _, state: __, from, since, until, ...rare } = applied;
  const isOpen = [...Object.values(rare), ...(wide ? [] : [from, since, until])].some((value) => value !== "");
  return (
    <Form label="Filter" onSubmit={apply} class="search">
      <div class="filter">
        <Field label="Number" type="tel" placeholder="+44…, or *its last digits" {...field("to")} />
        {wide && usual}
      </div>
      <fieldset class="choices">
        <legend>State</legend>
        {MESSAGE_STATES.map(([state, words]) => (
          <Check key={state} label={words} checked={states.has(state)} onCheck={(checked) => toggle(state, checked)} />
        ))}
      </fieldset>
      <details open={isOpen}>
        <summary>More filters</summary>
        <div class="filter">
          {!wide && usual}
          <Field label="Receipt code" placeholder="22" {...field("code")} />
          <Choice
            label="Channel"
            {...field("channel")}
            choices={[
              ["", "any"],
              ["sms", "SMS"],
              ["rcs", "RCS"],
            ]}
          />
          <Field label="Batch" placeholder="UUID" {...field("batch")} />
          {kind !== "account" && <Field label="Carrier" placeholder="Its id" {...field("carrier")} />}
          {kind === "organization" && <AccountChoice {...field("account")} />}
          {kind === "operator" && <Field label="Account" placeholder="UUID" {...field("account")} />}
        </div>
      </details>
      <p class="buttons">
        <button type="submit" class="primary">
          Search
        </button>
        <a href={hrefOf(["messages"])}>Clear</a>
      </p>
    </Form>
  );
}

function AccountChoice(field: { value: string; onText(value: string): void }) {
  const accounts = useAccounts();
  const named = [...accounts].map(([identifier, name]) => [identifier, name] as const);
  // One that is in the address and not in the list is still what is searched.
  const other = field.value === "" || accounts.has(field.value) ? [] : [[field.value, field.value] as const];
  return <Choice label="Account" {...field} choices={[["", "any"], ...other, ...named]} />;
}
