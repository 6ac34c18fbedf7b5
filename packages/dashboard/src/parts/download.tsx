import type { MessagingPlus } from "@messaging-plus/sdk";
import { useEffect, useRef, useState } from "preact/hooks";
import { keptInMemory, placeFor } from "../api/save.ts";
import { useAction } from "../api/use-api.ts";
import { ProblemBox } from "./problem-box.tsx";

interface DownloadProps {
  label: string;
  /** A sentence about the file, under the button. */
  hint: string;
  /** The file's name. */
  file: string;
  read(api: MessagingPlus, options: { signal: AbortSignal }): Promise<ReadableStream<Uint8Array>>;
}

const MEGA = 1_000_000;
const LIMIT = " 256 MB at most: this browser does not write to a file as it comes.";

/** Saves what a request answers to a file, with how far it has come, and a way to end it. */
export function Download({ label, hint, file, read }: DownloadProps) {
  const [octets, setOctets] = useState(0);
  const [done, setDone] = useState(false);
  const reading = useRef<AbortController>(null);
  useEffect(() => () => reading.current?.abort(), []);
  const { run, busy, problem } = useAction(async (api) => {
    setDone(false);
    setOctets(0);
    const place = await placeFor(file);
    if (place === null) return;
    const abort = new AbortController();
    reading.current = abort;
    const { signal } = abort;
    try {
      const counted = new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          setOctets((before) => before + chunk.length);
          controller.enqueue(chunk);
        },
      });
      const body = await read(api, { signal }).catch((error: unknown) => {
        void place.abort();
        throw error;
      });
      await body.pipeThrough(counted).pipeTo(place, { signal });
      setDone(true);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  });
  return (
    <div class="download">
      <p class="buttons">
        <button type="button" class="small" disabled={busy} onClick={() => void run()}>
          {label}
        </button>
        {busy && (
          <button type="button" class="small" onClick={() => reading.current?.abort()}>
            Stop
          </button>
        )}
        <span class="quiet" role="status">
          {!busy && !done && `${hint}${keptInMemory() ? LIMIT : ""}`}
          {busy && `${(octets / MEGA).toFixed(1)} MB so far`}
          {done && `Saved: ${(octets / MEGA).toFixed(octets < MEGA ? 3 : 1)} MB`}
        </span>
      </p>
      <ProblemBox problem={problem} />
    </div>
  );
}
