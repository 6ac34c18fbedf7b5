import { Field, localText, timeText } from "./field.tsx";

interface TimeFieldProps {
  label: string;
  /** ISO 8601 in UTC; empty where there is none. */
  value: string;
  onText(value: string): void;
}

/** A date and time in the reader's zone that is kept in UTC. */
export function TimeField({ label, value, onText }: TimeFieldProps) {
  const at = Date.parse(value);
  return (
    <Field
      label={label}
      type="datetime-local"
      value={Number.isNaN(at) ? "" : localText(at)}
      onText={(local) => onText(timeText(local) ?? "")}
    />
  );
}
