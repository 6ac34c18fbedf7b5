import type { BatchItem, Counts } from "@messaging-plus/sdk";
import { countText, numberText, State } from "../parts/values.tsx";

/** A batch's states in words. */
const STATES: Record<BatchItem["state"], string> = { pending: "scheduled", sending: "under way", done: "done" };

export const batchStateWords = (state: BatchItem["state"]): string => STATES[state];

/** How far a batch has come: a bar, and the same in words. */
export function Progress({ total, delivered, failed }: Counts) {
  const known = delivered + failed;
  const share = total === 0 ? 100 : Math.floor((known * 100) / total);
  return (
    <span class="progress">
      <progress max={Math.max(1, total)} value={known} aria-label={`${share} % of its messages are final`} />
      <small>
        {numberText(delivered)} delivered{failed > 0 && <b>, {numberText(failed)} failed</b>} of {numberText(total)}
      </small>
    </span>
  );
}

/** The same in large figures. */
export function Figures({ total, delivered, failed }: Counts) {
  const rest = total - delivered - failed;
  const counts = [
    ["delivered", delivered],
    ["failed", failed],
    ["under way", rest],
  ] as const;
  return (
    <>
      <div
        class="bar"
        role="img"
        aria-label={`${countText(delivered + failed, "message")} of ${numberText(total)} final`}
      >
        {counts.map(([state, count]) => (
          <i key={state} class={state.replace(" ", "-")} style={{ flexGrow: count }} />
        ))}
      </div>
      <dl class="figures">
        <div>
          <dt>Messages</dt>
          <dd>{numberText(total)}</dd>
        </div>
        {counts.map(([state, count]) => (
          <div key={state}>
            <dt>
              <State of={state} />
            </dt>
            <dd>{numberText(count)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
