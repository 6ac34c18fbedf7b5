/** A file that the reader picked (File System Access API; Chromium has it, over HTTPS and at loopback). */
interface PickedFile {
  createWritable(): Promise<WritableStream<Uint8Array>>;
}
type Pick = (options: { suggestedName: string }) => Promise<PickedFile>;

/** The most that is kept in the browser's memory. */
const MOST_IN_MEMORY = 256_000_000;

const picker = (): Pick | undefined => (globalThis as { showSaveFilePicker?: Pick }).showSaveFilePicker;

/** Whether a download is kept in the browser's memory until it is whole. */
export const keptInMemory = (): boolean => picker() === undefined;

/**
 * Where a download goes: to a file that the reader picks, as it comes, or, where the browser has no such thing, to its
 * memory and from there to its downloads. To be called while a click is handled.
 * @returns null where the reader picked none
 */
export async function placeFor(name: string): Promise<WritableStream<Uint8Array> | null> {
  const pick = picker();
  if (pick === undefined) return inMemory(name);
  try {
    return await (await pick({ suggestedName: name })).createWritable();
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    throw error;
  }
}

function inMemory(name: string): WritableStream<Uint8Array> {
  const chunks: BlobPart[] = [];
  let size = 0;
  return new WritableStream({
    write: (chunk) => {
      size += chunk.length;
      if (size > MOST_IN_MEMORY) {
        throw new Error(
          "This browser keeps a download in its memory, 256 MB at most. Choose a shorter time, or ask the API itself",
        );
      }
      chunks.push(chunk as BlobPart);
    },
    close: () => {
      const url = URL.createObjectURL(new Blob(chunks, { type: "text/csv" }));
      const link = document.createElement("a");
      link.href = url;
      link.download = name;
      link.click();
      // The browser reads it after the click.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
  });
}
