import type { MessagingPlus } from "@messaging-plus/sdk";
import { createContext } from "preact";
import { useCallback, useContext, useEffect, useRef, useState } from "preact/hooks";
import { clientOf } from "./client.ts";
import { type Problem, problemOf } from "./problem.ts";

/** The API under the key of the session. */
export const ApiContext = createContext(clientOf(""));

export const useApi = (): MessagingPlus => useContext(ApiContext);

export interface Asked<Answer> {
  /** The latest answer; undefined before the first. */
  answer: Answer | undefined;
  problem: Problem | undefined;
  loading: boolean;
  ask(): void;
}

/**
 * Asks once, whenever `about` changes, and when told to. What was answered of something else is forgotten at once; what
 * was answered of the same stays until the next answer is in.
 */
export function useAnswer<Answer>(
  question: (api: MessagingPlus, options: { signal: AbortSignal }) => Promise<Answer>,
  about = "",
): Asked<Answer> {
  const api = useApi();
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ about: string; answer?: Answer; problem?: Problem; turn: number }>();
  const latest = useRef(question);
  latest.current = question;
  useEffect(() => {
    const abort = new AbortController();
    latest.current(api, { signal: abort.signal }).then(
      (answer) => setState({ about, answer, turn }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setState((before) => ({ ...(before?.about === about ? before : {}), about, problem: problemOf(error), turn }));
      },
    );
    return () => abort.abort();
  }, [api, about, turn]);
  const ask = useCallback(() => setTurn((before) => before + 1), []);
  const current = state?.about === about ? state : undefined;
  return { answer: current?.answer, problem: current?.problem, loading: current?.turn !== turn, ask };
}

/** Whether the page asks again by itself. */
export const LiveContext = createContext(true);

/** Calls again and again while the page is seen and live; null: not now, as while an answer is waited for. */
export function useEvery(milliseconds: number | null, call: () => void): void {
  const live = useContext(LiveContext);
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => {
    if (milliseconds === null || !live) return;
    const timer = setInterval(() => {
      if (!document.hidden) latest.current();
    }, milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds, live]);
}

export interface Action<Args extends unknown[]> {
  run(...args: Args): Promise<void>;
  busy: boolean;
  problem: Problem | undefined;
}

/** Something that the user has done: one at a time, and why it failed. */
export function useAction<Args extends unknown[]>(
  act: (api: MessagingPlus, ...args: Args) => Promise<void>,
): Action<Args> {
  const api = useApi();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const run = async (...args: Args): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    await act(api, ...args)
      .catch((error: unknown) => setProblem(problemOf(error)))
      .finally(() => setBusy(false));
  };
  return { run, busy, problem };
}
