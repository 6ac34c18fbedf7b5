import { useId } from "preact/hooks";
import { TextCount } from "./text-count.tsx";

interface TextFieldProps {
  /** A number that it goes to, which may allow a national language. */
  to: string;
  value: string;
  onText(value: string): void;
}

/** The text of a message, with its parts and alphabet. */
export function TextField({ to, value, onText }: TextFieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>Text</label>
      <textarea
        id={id}
        rows={5}
        aria-describedby={`${id}-count`}
        value={value}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
      <p class="hint" id={`${id}-count`}>
        <TextCount text={value} to={to} />
      </p>
    </div>
  );
}
