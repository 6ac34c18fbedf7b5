import { useEffect, useState } from "preact/hooks";
import { type Pages, type Read, usePages } from "./use-pages.ts";

export interface Search<Item> extends Pages<Item> {
  /** How far back was looked, ISO 8601; null where the list is at its end, or is not read yet. */
  lookedBackTo: string | null;
  /** Whether all that is shown came in one page, so that to reload it is one request. */
  onePage: boolean;
}

/** Rows that are worth showing, and pages that are read for them at most before one is asked whether to go on. */
const ENOUGH = 25;
const MOST_PAGES = 20;

/**
 * Reads a list whose pages may come short, since the server looks for half a second a page: goes on until there is
 * something to show.
 */
export function useSearch<Item>(read: Read<Item>, about = ""): Search<Item> {
  const pages = usePages(read, about, null);
  const { items, next, loading, problem, more } = pages;
  const count = items?.length ?? 0;
  const [aim, setAim] = useState({ about, rows: ENOUGH, pages: MOST_PAGES, read: 1 });
  const current = aim.about === about ? aim : { about, rows: ENOUGH, pages: MOST_PAGES, read: 1 };
  const goesOn =
    next !== null && !loading && problem === undefined && count < current.rows && current.read < current.pages;
  useEffect(() => {
    if (!goesOn || items === undefined) return;
    setAim({ ...current, read: current.read + 1 });
    more();
  }, [goesOn, items]);
  return {
    ...pages,
    more: () => {
      setAim({ about, rows: count + ENOUGH, pages: current.read + MOST_PAGES, read: current.read + 1 });
      more();
    },
    reload: () => {
      setAim({ about, rows: Math.max(count, ENOUGH), pages: MOST_PAGES, read: 1 });
      pages.reload();
    },
    lookedBackTo: next === null ? null : timeOfCursor(next),
    onePage: current.read === 1,
  };
}

/** A cursor is the identifier that the next page begins below, a UUID of version 7: its first 48 bits are its time. */
function timeOfCursor(cursor: string): string | null {
  const at = Number.parseInt(cursor.replaceAll("-", "").slice(0, 12), 16);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
