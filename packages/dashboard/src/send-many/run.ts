import type { BatchRequest, MessagingPlus } from "@messaging-plus/sdk";
import { useEffect, useRef, useState } from "preact/hooks";
import { randomKey } from "../api/random-key.ts";
import { type Action, useAction, useApi } from "../api/use-api.ts";

/** One text to many numbers, as one batch or several. */
export interface Run {
  requests: readonly BatchRequest[];
  /** An idempotency key for each: a request whose answer was lost is done once. */
  keys: readonly string[];
  /** The batches that were accepted. */
  uuids: readonly string[];
}

/** The run of each session that is not sent to its end: it outlives the view. */
const unfinished = new WeakMap<MessagingPlus, Run>();

export const isDone = ({ uuids, requests }: Run): boolean => uuids.length === requests.length;

interface Running {
  run: Run | undefined;
  /** Sends, or goes on. */
  send: Action<[]>;
  /** Prepares a run; without requests there is none. */
  prepare(requests?: readonly BatchRequest[]): void;
  /** Ends it after the batch that is under way. */
  stop(): void;
}

export function useRun(): Running {
  const api = useApi();
  const [run, setRun] = useState(unfinished.get(api));
  const latest = useRef(run);
  const stopped = useRef(false);
  const set = (next: Run | undefined): void => {
    latest.current = next;
    if (next === undefined) unfinished.delete(api);
    else unfinished.set(api, next);
    setRun(next);
  };
  const send = useAction(async () => {
    stopped.current = false;
    for (let now = latest.current; now !== undefined && !isDone(now) && !stopped.current; ) {
      const index = now.uuids.length;
      const options = { allowMulti: true, idempotencyKey: now.keys[index]! };
      const { identifier } = await api.batches.send(now.requests[index]!, options);
      now = { ...now, uuids: [...now.uuids, identifier] };
      set(now);
    }
  });
  const stop = (): void => {
    stopped.current = true;
  };
  useEffect(() => stop, []);
  useLeaveWarning(send.busy);
  const prepare = (requests?: readonly BatchRequest[]): void => {
    set(requests && { requests, keys: requests.map(randomKey), uuids: [] });
  };
  return { run, send, prepare, stop };
}

/** Asks before the tab is closed. */
function useLeaveWarning(on: boolean): void {
  useEffect(() => {
    if (!on) return;
    const warn = (event: Event): void => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [on]);
}
