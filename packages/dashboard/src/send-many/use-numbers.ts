import { useEffect, useState } from "preact/hooks";
import type { NoNumber } from "../../../server/src/message/number-list.ts";
import { columnsOf, readFile } from "./read-file.ts";

/** A file's numbers, as far as they are read. */
export interface ReadNumbers {
  /** The cells of the first line; one where it is no CSV. */
  columns: string[];
  /** Undefined while it is read, or where it cannot be. */
  list: { numbers: string[]; repeated: number; faults: NoNumber[] } | undefined;
  /** Of the file's octets, 0 to 1. */
  share: number;
  fault: string | undefined;
}

const NOTHING: ReadNumbers = { columns: [], list: undefined, share: 0, fault: undefined };
/** A column of numbers often has one of these names. */
const USUAL = /mobile|phone|msisdn|number|tel|handy/i;

/** The place of the column that seems to have the numbers, from 1; empty where it is no CSV. */
export function likelyColumn(columns: readonly string[]): string {
  if (columns.length < 2) return "";
  const named = columns.findIndex((name) => USUAL.test(name));
  const looks = columns.findIndex((cell) => /^[+\d][\d\s().-]{6,}$/.test(cell));
  return String(Math.max(0, named === -1 ? looks : named) + 1);
}

/** Reads a file whenever it, its column or the country changes. @param column undefined: the likely one */
export function useNumbers(file: File | undefined, column: string | undefined, country: string): ReadNumbers {
  const [read, setRead] = useState(NOTHING);
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    // A choice of the same columns stays where it is.
    setRead(({ columns }) => ({ ...NOTHING, columns }));
    const work = async (from: File): Promise<void> => {
      const columns = await columnsOf(from);
      const onRead = (octets: number): void => {
        if (!signal.aborted) setRead({ ...NOTHING, columns, share: octets / Math.max(1, from.size) });
      };
      const chosen = column ?? likelyColumn(columns);
      const { numbers, repeated, faults } = await readFile(from, { column: chosen, country, signal, onRead });
      setRead({ columns, list: { numbers: [...numbers], repeated, faults }, share: 1, fault: undefined });
    };
    if (file !== undefined) {
      work(file).catch((error: Error) => {
        if (!signal.aborted) setRead((before) => ({ ...before, list: undefined, fault: error.message }));
      });
    }
    return () => abort.abort();
  }, [file, column, country]);
  return read;
}
