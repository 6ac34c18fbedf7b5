import type { AcceptedMessage, Message, MessagingPlus } from "@messaging-plus/sdk";
import { useId, useRef, useState } from "preact/hooks";
import { useAction } from "../api/use-api.ts";
import { Choice, Field, Form, timeText } from "../parts/field.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { Accepted } from "./accepted.tsx";
import { ChannelChoice, channelsOf, useChannelOrders } from "./channels.tsx";
import { TextCount } from "./text-count.tsx";

const EMPTY = {
  sender: "custom",
  from: "",
  to: "",
  body: "",
  callback: "",
  channels: "",
  sendAt: "",
  validity: "",
};

/** The form as the API takes it: what is empty is left out, so that the API says what is missing. */
function messageOf({ sender, from, to, body, callback, channels, sendAt, validity }: typeof EMPTY): Message {
  return {
    from: sender === "shared" ? { type: "shared" } : { type: "custom", value: from },
    to,
    body,
    callback: callback || undefined,
    channels: channels === "" ? undefined : channelsOf(channels),
    send_at: timeText(sendAt),
    validity: validity === "" ? undefined : Number(validity),
  };
}

/** A browser makes UUIDs only where the page came over TLS or from this machine. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

interface Done {
  message: AcceptedMessage;
  text: string;
  dryRun: boolean;
}

export function Send() {
  const orders = useChannelOrders();
  const [form, setForm] = useState({ ...EMPTY, channels: orders[0]?.[0] ?? "" });
  const [done, setDone] = useState<Done>();
  // A message whose answer was lost is sent once, however often the button is pressed: until it is another message.
  const once = useRef({ of: "", key: "" });
  const bodyId = useId();

  const send = async (api: MessagingPlus, dryRun: boolean): Promise<void> => {
    setDone(undefined);
    const request = { messages: [messageOf(form)] };
    const text = JSON.stringify(request);
    if (once.current.of !== text) once.current = { of: text, key: randomKey() };
    const idempotencyKey = dryRun ? randomKey() : once.current.key;
    const { messages } = await api.messages.send(request, { dryRun: dryRun || undefined, idempotencyKey });
    const message = messages[0]!;
    setDone({ message, text: form.body, dryRun });
    if (!dryRun) once.current = { of: "", key: "" };
  };
  const action = useAction(send);
  const field = (name: keyof typeof EMPTY) => ({
    value: form[name],
    onText: (value: string) => setForm((before) => ({ ...before, [name]: value })),
  });

  return (
    <>
      <h1>Send a message</h1>
      <div class="columns">
        <Form label="Message" onSubmit={() => void action.run(false)}>
          <div class="row">
            <Choice
              label="Sender"
              {...field("sender")}
              choices={[
                ["custom", "A sender ID"],
                ["shared", "A shared number"],
              ]}
            />
            {form.sender === "custom" && <Field label="Sender ID" placeholder="MyShop" {...field("from")} />}
          </div>
          <Field label="To" type="tel" placeholder="+447700900123" {...field("to")} />
          <div class="field">
            <label for={bodyId}>Text</label>
            <textarea
              id={bodyId}
              rows={5}
              aria-describedby={`${bodyId}-count`}
              value={form.body}
              onInput={({ currentTarget }) => field("body").onText(currentTarget.value)}
            />
            <p class="hint" id={`${bodyId}-count`}>
              <TextCount text={form.body} to={form.to} />
            </p>
          </div>
          <details>
            <summary>Webhook, channels, time and validity</summary>
            <Field
              label="Callback URL"
              type="url"
              hint="Told as soon as the message is final."
              {...field("callback")}
            />
            <ChannelChoice {...field("channels")} />
            <div class="row">
              <Field label="Send at" type="datetime-local" hint="In your time zone; empty: now." {...field("sendAt")} />
              <Field
                label="Validity in seconds"
                inputMode="numeric"
                hint="Empty: the server's."
                {...field("validity")}
              />
            </div>
          </details>
          <p class="buttons">
            <button type="submit" class="primary" disabled={action.busy}>
              Send
            </button>
            <button type="button" disabled={action.busy} onClick={() => void action.run(true)}>
              Dry run
            </button>
          </p>
        </Form>
        <div aria-live="polite">
          <ProblemBox problem={action.problem} />
          {done !== undefined && <Accepted {...done} />}
        </div>
      </div>
    </>
  );
}
