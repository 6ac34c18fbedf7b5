import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

interface FieldProps {
  label: string;
  /** A word about it, under it. */
  hint?: ComponentChildren;
  value: string;
  onText(value: string): void;
  type?: "text" | "password" | "tel" | "url" | "datetime-local";
  inputMode?: "numeric" | "decimal";
  placeholder?: string;
  /** It has the focus when it appears. */
  focused?: boolean;
}

/** A line of text, with its label and a word about it. */
export function Field({ label, hint, value, onText, type = "text", focused = false, ...attributes }: FieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focused) input.current?.focus();
  }, []);
  const hintId = hint === undefined ? {} : { "aria-describedby": `${id}-hint` };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...attributes}
        {...hintId}
        ref={input}
        id={id}
        // Preact's types know what each type of field may have beside; these have nothing of their own.
        type={type as "text"}
        autoComplete="off"
        spellcheck={false}
        value={value}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  /** What may be chosen, and what it is called. */
  choices: readonly (readonly [value: string, words: string])[];
  onText(value: string): void;
}

export function Choice({ label, value, choices, onText }: ChoiceProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => onText(currentTarget.value)}>
        {choices.map(([choice, words]) => (
          <option key={choice} value={choice}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

interface CheckProps {
  label: string;
  checked: boolean;
  onCheck(checked: boolean): void;
  disabled?: boolean;
}

export function Check({ label, checked, onCheck, disabled = false }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={({ currentTarget }) => onCheck(currentTarget.checked)}
      />
      {label}
    </label>
  );
}

interface FormProps {
  /** What it is for, for those who do not see it. */
  label: string;
  onSubmit(): void;
  children: ComponentChildren;
  class?: string;
}

export function Form({ label, onSubmit, children, class: kind = "" }: FormProps) {
  return (
    <form
      aria-label={label}
      class={kind}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

const LOCAL = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short" });

/** A moment as a field for a date and time has it, in the reader's zone. */
export const localText = (at: number): string => LOCAL.format(at).replace(" ", "T");

/** What a date and time of the reader's zone is in UTC, as the API takes it; undefined where there is none. */
export function timeText(local: string): string | undefined {
  const at = new Date(local);
  return local === "" || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
