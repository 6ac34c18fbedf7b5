import type { MessageEvent, MessageStory } from "@messaging-plus/sdk";
import { Moment, zoneText } from "../parts/values.tsx";
import { eventWords, spanText } from "./words.ts";

const MOMENT = new Intl.DateTimeFormat("sv-SE", {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

/** A moment to the millisecond, in the reader's time zone, with that zone. */
function Exact({ at }: { at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={at}>
      {MOMENT.format(date).replace(",", ".")} <small>{zoneText(date)}</small>
    </time>
  );
}

/** All that happened to a message, from the request to the customer's answer. */
export function Story({ story }: { story: MessageStory }) {
  const begin = Date.parse(story.accepted_at);
  return (
    <ol class="story" aria-label="What happened to the message">
      {story.events.map((event, index) => (
        // An event keeps its place: they are in the order of time, and what comes later is behind.
        <Event key={`${event.at} ${index}`} event={event} begin={begin} parts={story.parts} />
      ))}
    </ol>
  );
}

interface EventProps {
  event: MessageEvent;
  /** The acceptance, in epoch milliseconds. */
  begin: number;
  parts: number;
}

function Event({ event, begin, parts }: EventProps) {
  const { tone, title, facts } = eventWords(event, parts);
  const after = Date.parse(event.at) - begin;
  return (
    <li class={tone}>
      <p class="when">
        <b>{after <= 0 ? "0 s" : `+${spanText(after)}`}</b> <Exact at={event.at} />
      </p>
      <div>
        <p class="what">{title}</p>
        {facts.length > 0 && <p class="quiet">{facts.join(" · ")}</p>}
        {event.kind === "receipt" && <CarriersWords {...event} />}
        {event.kind === "webhook" && <p class="quiet url">{event.url}</p>}
      </div>
    </li>
  );
}

/** A receipt's text as the carrier sent it, and when the carrier says that it happened. */
function CarriersWords({ text, done_at }: Pick<Extract<MessageEvent, { kind: "receipt" }>, "text" | "done_at">) {
  return (
    <>
      {done_at !== null && (
        <p class="quiet">
          by the carrier's clock at <Moment at={done_at} />
        </p>
      )}
      {text !== null && text !== "" && <pre>{text}</pre>}
    </>
  );
}
