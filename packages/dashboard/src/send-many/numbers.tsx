import { Check, Choice, Field } from "../parts/field.tsx";
import { countText, numberText } from "../parts/values.tsx";
import { FileField } from "./file-field.tsx";
import { likelyColumn, type ReadNumbers } from "./use-numbers.ts";

/** Faults that are shown; the others have most likely the same cause. */
const MOST_SHOWN = 200;

interface NumbersProps {
  file: File | undefined;
  onFile(file: File): void;
  column: string | undefined;
  onColumn(column: string): void;
  country: string;
  onCountry(country: string): void;
  skip: boolean;
  onSkip(skip: boolean): void;
  read: ReadNumbers;
}

/** A file of numbers: which column has them, how many there are, and which lines have none. */
export function Numbers({ file, onFile, column, onColumn, country, onCountry, skip, onSkip, read }: NumbersProps) {
  const { columns, list, share, fault } = read;
  return (
    <>
      <FileField
        label="File of numbers"
        hint="Choose or drop a CSV, or a text with a number a line. It stays on this machine; only its numbers are sent."
        file={file}
        onFile={onFile}
      />
      <div class="row">
        {columns.length > 1 && (
          <Choice
            label="Column with the numbers"
            value={column ?? likelyColumn(columns)}
            onText={onColumn}
            choices={columns.map((name, index) => [String(index + 1), `${index + 1}: ${name}`])}
          />
        )}
        <Field
          label="Country of national numbers"
          inputMode="numeric"
          placeholder="44"
          hint="Its calling code, where numbers begin with 0."
          value={country}
          onText={onCountry}
        />
      </div>
      {file !== undefined && list === undefined && fault === undefined && (
        <p>
          <progress max={1} value={share} aria-label="How much of the file is read" />
        </p>
      )}
      {fault !== undefined && (
        <p class="problem" role="alert">
          {fault}
        </p>
      )}
      {list !== undefined && (
        <div aria-live="polite">
          <p>
            <b>{countText(list.numbers.length, "number")}</b>
            {list.repeated > 0 && `, ${numberText(list.repeated)} repeated`}
            {list.faults.length > 0 && `, ${countText(list.faults.length, "entry", "entries")} without one`}
          </p>
          {list.faults.length > 0 && (
            <>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what does not fit is scrolled to with the keyboard. */}
              <section class="faults" aria-label="Entries that are no numbers" tabIndex={0}>
                <ul>
                  {list.faults.slice(0, MOST_SHOWN).map(({ line, value, why }, index) => (
                    <li key={index}>
                      Line {numberText(line)}: {value !== "" && <code>{value.slice(0, 60)}</code>} {why}
                    </li>
                  ))}
                </ul>
                {list.faults.length > MOST_SHOWN && <p>And {numberText(list.faults.length - MOST_SHOWN)} more.</p>}
              </section>
              <Check label="Send to the others" checked={skip} onCheck={onSkip} />
            </>
          )}
        </div>
      )}
    </>
  );
}
