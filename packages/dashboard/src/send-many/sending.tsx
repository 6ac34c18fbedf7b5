import type { Action } from "../api/use-api.ts";
import { ProblemBox } from "../parts/problem-box.tsx";
import { countText, numberText } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";
import { isDone, type Run } from "./run.ts";

interface SendingProps {
  run: Run;
  send: Action<[]>;
  onStop(): void;
  /** To send something else. */
  onNew(): void;
}

/** How far a run is; it goes on where it was cut off. */
export function Sending({ run, send, onStop, onNew }: SendingProps) {
  const { requests, uuids } = run;
  const count = (of: Run["requests"]): number => of.reduce((sum, { destinations }) => sum + destinations.length, 0);
  const [sent, total] = [count(requests.slice(0, uuids.length)), count(requests)];
  const done = isDone(run);
  return (
    <section class="notice" aria-label="Sent batches">
      <h2>{done ? "Accepted" : send.busy ? "Sending…" : "Not all is sent"}</h2>
      <p>
        <progress max={total} value={sent} aria-label="How much is sent" />
      </p>
      <p role="status">
        {numberText(sent)} of {countText(total, "number")}, as {countText(uuids.length, "batch", "batches")}
      </p>
      <ul>
        {uuids.map((uuid) => (
          <li key={uuid}>
            <a href={hrefOf(["batches", uuid])}>
              <code>{uuid}</code>
            </a>
          </li>
        ))}
      </ul>
      <ProblemBox problem={send.problem} />
      <p class="buttons">
        {!done && !send.busy && (
          <button type="button" class="primary" onClick={() => void send.run()}>
            Go on
          </button>
        )}
        {send.busy ? (
          <button type="button" onClick={onStop}>
            Stop
          </button>
        ) : (
          <button type="button" onClick={onNew}>
            Send something else
          </button>
        )}
      </p>
    </section>
  );
}
