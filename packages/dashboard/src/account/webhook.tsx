import type { Attempt, WebhookDetails } from "@messaging-plus/sdk";
import { useAnswer, useEvery } from "../api/use-api.ts";
import { Confirm } from "../parts/confirm.tsx";
import { May } from "../parts/may.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { Moment, State } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";

const ASK_EVERY_MS = 2_000;

/** A webhook with what is sent and every attempt. */
export function Webhook({ id }: { id: string }) {
  const { answer: webhook, problem, loading, ask } = useAnswer((api, options) => api.webhooks.get(id, options), id);
  useEvery(webhook?.state === "pending" && !loading ? ASK_EVERY_MS : null, ask);
  return (
    <>
      <p class="back">
        <a href={hrefOf(["webhooks"])}>Webhooks</a>
      </p>
      <h1>Webhook {webhook !== undefined && <State of={webhook.state} />}</h1>
      <ProblemBox problem={problem} />
      {webhook === undefined && loading && <p class="quiet">Loading…</p>}
      {webhook !== undefined && (
        <>
          <Facts {...webhook} />
          <May>
            <p class="buttons">
              <Confirm
                label="Replay"
                act={async (api) => {
                  await api.webhooks.replay(id);
                  ask();
                }}
              >
                <p>
                  It is sent again to <span class="url">{webhook.url}</span>, with the same <code>webhook-id</code>.
                </p>
              </Confirm>
            </p>
          </May>
          <h2>Attempts</h2>
          {webhook.attempts.length === 0 && <p class="empty">It was not tried yet.</p>}
          <ol class="attempts">
            {webhook.attempts.toReversed().map((attempt, at, { length }) => (
              // Numbered by hand: Chromium's reversed lists count what can be opened in them as well.
              <li key={attempt.at} value={length - at}>
                <AttemptRow {...attempt} />
              </li>
            ))}
          </ol>
          <h2>Body</h2>
          <pre>{webhook.body ?? "It was erased."}</pre>
        </>
      )}
    </>
  );
}

function Facts({ id, kind, url, batch_uuid, message_uuid, created_at, next_at, tries }: WebhookDetails) {
  return (
    <dl>
      <dt>webhook-id</dt>
      <dd>
        <code>{id}</code>
      </dd>
      <dt>Tells</dt>
      <dd>{kind}</dd>
      <dt>URL</dt>
      <dd class="url">{url}</dd>
      {batch_uuid !== null && (
        <>
          <dt>Batch</dt>
          <dd>
            <a href={hrefOf(["batches", batch_uuid])}>{batch_uuid}</a>
          </dd>
        </>
      )}
      {message_uuid !== null && (
        <>
          <dt>Message</dt>
          <dd>
            <a href={hrefOf(["messages", message_uuid])}>{message_uuid}</a>
          </dd>
        </>
      )}
      <dt>Made</dt>
      <dd>
        <Moment at={created_at} />
      </dd>
      <dt>Tries</dt>
      <dd>{tries}</dd>
      {next_at !== null && (
        <>
          <dt>Next try</dt>
          <dd>
            <Moment at={next_at} />
          </dd>
        </>
      )}
    </dl>
  );
}

function AttemptRow({ at, status, fault, reason, connect_ms, first_byte_ms, total_ms, answer }: Attempt) {
  const timings = [
    ["request written after", connect_ms],
    ["answer after", first_byte_ms],
    ["ended after", total_ms],
  ] as const;
  return (
    <>
      <p>
        <span class={`state ${reason === null ? "good" : "bad"}`}>{status ?? fault}</span> <Moment at={at} />
      </p>
      <p class="quiet">
        {timings
          .filter(([, ms]) => ms !== null)
          .map(([what, ms]) => `${what} ${ms?.toFixed(1)} ms`)
          .join(" · ")}
      </p>
      {reason !== null && <p>{reason}</p>}
      {answer !== null && answer !== "" && (
        <details>
          <summary>What was answered</summary>
          <pre>{answer}</pre>
        </details>
      )}
    </>
  );
}
