import type { AcceptedMessage, MessageStatus } from "@messaging-plus/sdk";
import { useAnswer, useEvery } from "../api/use-api.ts";
import { ProblemBox } from "../parts/problem-box.tsx";
import { Moment, State } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";
import { TextCount } from "./text-count.tsx";

const ASK_EVERY_MS = 1_000;

export const stateOf = ({ delivered, failed }: MessageStatus): string =>
  delivered ? "delivered" : failed ? "failed" : "under way";

interface AcceptedProps {
  message: AcceptedMessage;
  text: string;
  dryRun: boolean;
}

/** What the API made of a message, and then what becomes of it. */
export function Accepted({ message, text, dryRun }: AcceptedProps) {
  const { to, from, send_at, scheduled, batchUuid, messageUuid } = message;
  return (
    <section class="notice" aria-label={dryRun ? "Dry run" : "Sent message"}>
      <h2>{dryRun ? "It would be accepted" : "Accepted"}</h2>
      <dl>
        <dt>To</dt>
        <dd>{to}</dd>
        <dt>From</dt>
        <dd>
          {from.value} {from.type === "shared" && <span class="quiet">(shared)</span>}
        </dd>
        <dt>Text</dt>
        <dd>
          <TextCount text={text} to={to} />
        </dd>
        <dt>When</dt>
        <dd>{scheduled && send_at !== undefined ? <Moment at={send_at} /> : "at once"}</dd>
        {!dryRun && (
          <>
            <dt>Batch</dt>
            <dd>
              <a href={hrefOf(["batches", batchUuid])}>{batchUuid}</a>
            </dd>
            <dt>Message</dt>
            <dd>
              <code>{messageUuid}</code>
            </dd>
            <dt>State</dt>
            <dd aria-live="polite">{scheduled ? <State of="pending" /> : <Progress batch={batchUuid} />}</dd>
          </>
        )}
      </dl>
      {dryRun && <p class="quiet">Nothing was stored, sent or charged.</p>}
    </section>
  );
}

/** How a message does, until it is final. */
function Progress({ batch }: { batch: string }) {
  const status = useAnswer((api, { signal }) => api.batches.details(batch, { limit: 1, signal }).page(), batch);
  const message = status.answer?.items[0];
  const state = message === undefined ? "under way" : stateOf(message);
  useEvery(state === "under way" && !status.loading ? ASK_EVERY_MS : null, status.ask);
  return (
    <>
      <State of={state} />{" "}
      {message?.info && (
        <span class="quiet">
          {message.info.code} {message.info.description}
        </span>
      )}
      <ProblemBox problem={status.problem} />
    </>
  );
}
