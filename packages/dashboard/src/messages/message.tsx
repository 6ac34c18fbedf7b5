import type { MessageStory } from "@messaging-plus/sdk";
import { useMe } from "../api/me.ts";
import { useAnswer, useEvery } from "../api/use-api.ts";
import { Confirm } from "../parts/confirm.tsx";
import { type Fact, Facts } from "../parts/facts.tsx";
import { May } from "../parts/may.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { Copyable, Moment, State } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";
import { useAccounts } from "./accounts.ts";
import { AccountLink, NumberLink } from "./links.tsx";
import { Story } from "./story.tsx";
import { endOfWait, outcomeWords, stateWords, waitingWords } from "./words.ts";

const ASK_EVERY_MS = 2_000;
/** How long the webhook of a final message is waited for. */
const WEBHOOK_MS = 60_000;

/** One message, and its story as it goes on. */
export function Message({ uuid }: { uuid: string }) {
  const { answer: story, problem, loading, ask } = useAnswer((api, options) => api.messages.get(uuid, options), uuid);
  useEvery(story !== undefined && goesOn(story) && !loading ? ASK_EVERY_MS : null, ask);
  return (
    <>
      <p class="back">
        <a href={hrefOf(["messages"])}>Messages</a>
      </p>
      <h1>
        Message {story?.to == null ? "" : `to ${story.to}`}{" "}
        {story !== undefined && <State of={story.state}>{stateWords(story.state)}</State>}
      </h1>
      <ProblemBox problem={problem} />
      {problem?.status === 404 && (
        <p>
          It may be another account's, older than what is kept, or held for its time: then it is among the{" "}
          <a href={hrefOf(["batches"])}>batches</a>.
        </p>
      )}
      {story === undefined && loading && <p class="quiet">Loading…</p>}
      {story !== undefined && (
        <>
          <Outcome {...story} />
          <MessageFacts {...story} />
          <h2>What happened</h2>
          <Story story={story} />
          <ItsWebhook story={story} onReplayed={ask} />
        </>
      )}
    </>
  );
}

/** Whether there is more to come: it is not final, or its webhook has not come through. */
function goesOn({ waiting, callback, final_at, events }: MessageStory): boolean {
  if (waiting !== null) return true;
  if (callback === null || final_at === null) return false;
  const told = events.some((event) => event.kind === "webhook" && event.status !== null && event.status < 300);
  return !told && Date.now() - Date.parse(final_at) < WEBHOOK_MS;
}

/** The outcome of a message, or the reason why it waits. */
function Outcome(story: MessageStory) {
  const { waiting } = story;
  return (
    <div class="outcome" role="status">
      <p>{waiting === null ? outcomeWords(story) : waitingWords(waiting)}</p>
      {waiting !== null && (
        <p class="quiet">
          So since <Moment at={waiting.since} />
          {waiting.until !== null && (
            <>
              , until <Moment at={waiting.until} /> at most. {endOfWait(waiting)}
            </>
          )}
        </p>
      )}
    </div>
  );
}

function MessageFacts(story: MessageStory) {
  const { message_uuid, batch_uuid, to, from, body, rcs, parts, channel, callback, account_uuid, carrier } = story;
  const accounts = useAccounts();
  const rows: Fact[] = [
    ["To", <NumberLink number={to} />],
    ["From", from ?? <span class="quiet">–</span>],
    ["Text", body === null ? <span class="quiet">erased</span> : <span class="text">{body}</span>],
    rcs !== undefined && ["By RCS", <pre>{JSON.stringify(rcs, null, 2)}</pre>],
    ["Channel", `${channel.toUpperCase()}, ${parts === 1 ? "1 part" : `${parts} parts`}`],
    account_uuid !== undefined && ["Account", <AccountLink uuid={account_uuid} accounts={accounts} />],
    carrier != null && ["Carrier", carrier],
    ["Accepted", <Moment at={story.accepted_at} />],
    ["With a carrier", <Moment at={story.submitted_at} />],
    ["Final", <Moment at={story.final_at} />],
    ["Batch", <a href={hrefOf(["batches", batch_uuid])}>{batch_uuid}</a>],
    ["Webhook", callback === null ? <span class="quiet">nobody is told</span> : <span class="url">{callback}</span>],
    ["Message", <Copyable text={message_uuid} />],
  ];
  return <Facts rows={rows} />;
}

interface ItsWebhookProps {
  story: MessageStory;
  onReplayed(): void;
}

/** Leads an account to its webhook, with each answer, and has it sent again. */
function ItsWebhook({ story: { message_uuid, callback, waiting }, onReplayed }: ItsWebhookProps) {
  if (useMe().kind !== "account" || callback === null || waiting !== null) return null;
  return (
    <p class="buttons">
      <a href={hrefOf(["webhooks", message_uuid])}>Its webhook, with each answer</a>
      <May>
        <Confirm
          label="Replay the webhook"
          act={async (api) => {
            await api.webhooks.replay(message_uuid);
            onReplayed();
          }}
        >
          <p>
            It is sent again to <span class="url">{callback}</span>, with the same <code>webhook-id</code>.
          </p>
        </Confirm>
      </May>
    </p>
  );
}
