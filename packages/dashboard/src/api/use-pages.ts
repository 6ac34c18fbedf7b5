import type { ListOptions, MessagingPlus, Paged } from "@messaging-plus/sdk";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Problem, problemOf } from "./problem.ts";
import { useApi, useEvery } from "./use-api.ts";

/** A list as far as it was read. */
export interface Pages<Item> {
  /** Undefined before the first page is in. */
  items: Item[] | undefined;
  /** Whether there are further ones. */
  further: boolean;
  /** The cursor of what follows; null at the end, and before the first page is in. */
  next: string | null;
  loading: boolean;
  problem: Problem | undefined;
  /** Reads the next page. */
  more(): void;
  /** Reads from the beginning, as many as are shown. */
  reload(): void;
}

export type Read<Item> = (api: MessagingPlus, options: ListOptions) => Paged<Item>;

const SIZE = 100;
const MOST = 1_000;
const ASK_EVERY_MS = 10_000;

interface State<Item> {
  about: string;
  items?: Item[];
  next?: string | null;
  problem?: Problem;
  loading: boolean;
}

/**
 * Reads a list, from the beginning whenever `about` changes, and again from time to time: no more of it than one request
 * answers, so that nothing that is shown goes.
 * @param everyMs milliseconds between two readings; null: it is not read again by itself
 */
export function usePages<Item>(read: Read<Item>, about = "", everyMs: number | null = ASK_EVERY_MS): Pages<Item> {
  const api = useApi();
  const [state, setState] = useState<State<Item>>({ about, loading: true });
  const reading = useRef<AbortController>(null);
  const current: State<Item> = state.about === about ? state : { about, loading: true };

  const start = (limit: number, before: Item[], after?: string): void => {
    reading.current?.abort();
    const abort = new AbortController();
    reading.current = abort;
    setState({ ...current, loading: true });
    read(api, { limit, after, signal: abort.signal })
      .page()
      .then(
        ({ items, next }) => setState({ about, items: [...before, ...items], next, loading: false }),
        (error: unknown) => {
          if (!abort.signal.aborted) setState({ ...current, problem: problemOf(error), loading: false });
        },
      );
  };
  // `about` says all that `read` depends on.
  useEffect(() => {
    start(SIZE, []);
    return () => reading.current?.abort();
  }, [api, about]);

  const { items = [], next = null } = current;
  const reload = (): void => start(Math.min(MOST, Math.max(SIZE, Math.ceil(items.length / SIZE) * SIZE)), []);
  useEvery(current.loading || items.length > MOST ? null : everyMs, reload);
  return {
    items: current.items,
    further: next !== null,
    next,
    loading: current.loading,
    problem: current.problem,
    more: () => start(SIZE, items, next ?? undefined),
    reload,
  };
}
