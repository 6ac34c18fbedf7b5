import { useId, useState } from "preact/hooks";

interface FileFieldProps {
  label: string;
  hint: string;
  file: File | undefined;
  onFile(file: File): void;
}

/** A file that is chosen, or dropped on the field. */
export function FileField({ label, hint, file, onFile }: FileFieldProps) {
  const id = useId();
  const [over, setOver] = useState(false);
  const take = (files: FileList | null | undefined): void => {
    const [first] = files ?? [];
    if (first !== undefined) onFile(first);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the field within it does the same.
    <div
      class={`field drop ${over ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <label for={id}>{label}</label>
      <input
        id={id}
        type="file"
        accept=".csv,.tsv,.txt,text/*"
        aria-describedby={`${id}-hint`}
        onChange={({ currentTarget }) => {
          take(currentTarget.files);
          // The same file may be chosen again when it was mended.
          currentTarget.value = "";
        }}
      />
      <p class="hint" id={`${id}-hint`}>
        {file === undefined ? hint : <b>{file.name}</b>}
      </p>
    </div>
  );
}
