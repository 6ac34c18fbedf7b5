import type { AcceptedMessage } from "@messaging-plus/sdk";
import { useAnswer, useEvery } from "../api/use-api.ts";
import { Code } from "../messages/links.tsx";
import { stateWords, waitingWords } from "../messages/words.ts";
import { ProblemBox } from "../parts/problem-box.tsx";
import { Moment, State } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";
import { TextCount } from "./text-count.tsx";

const ASK_EVERY_MS = 1_000;

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
              {scheduled ? <code>{messageUuid}</code> : <a href={hrefOf(["messages", messageUuid])}>{messageUuid}</a>}
            </dd>
            <dt>State</dt>
            <dd aria-live="polite">{scheduled ? <State of="pending" /> : <Progress uuid={messageUuid} />}</dd>
          </>
        )}
      </dl>
      {dryRun && <p class="quiet">Nothing was stored, sent or charged.</p>}
    </section>
  );
}

/** How a message does, until it is final. */
function Progress({ uuid }: { uuid: string }) {
  const { answer: story, problem, loading, ask } = useAnswer((api, options) => api.messages.get(uuid, options), uuid);
  useEvery(story?.waiting !== null && !loading ? ASK_EVERY_MS : null, ask);
  return (
    <>
      {story !== undefined && (
        <>
          <State of={story.state}>{stateWords(story.state)}</State>{" "}
          {story.waiting === null ? <Code {...story} /> : <span class="quiet">{waitingWords(story.waiting)}</span>}
        </>
      )}
      <ProblemBox problem={problem} />
    </>
  );
}
