import type { AcceptedMessage, Message, MessagingPlus } from "@messaging-plus/sdk";
import { useRef, useState } from "preact/hooks";
import { randomKey } from "../api/random-key.ts";
import { useAction } from "../api/use-api.ts";
import { Choice, Field, Form } from "../parts/field.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { Accepted } from "./accepted.tsx";
import { channelsOf, useChannelOrders } from "./channels.tsx";
import { NO_REST, Rest, restOf } from "./rest.tsx";
import { TextField } from "./text-field.tsx";

const EMPTY = { sender: "custom", from: "", to: "", body: "", ...NO_REST };

/** The form as the API takes it: what is empty is left out, so that the API says what is missing. */
function messageOf({ sender, from, to, body, ...rest }: typeof EMPTY): Message {
  return {
    from: sender === "shared" ? { type: "shared" } : { type: "custom", value: from },
    to,
    body,
    channels: rest.channels === "" ? undefined : channelsOf(rest.channels),
    ...restOf(rest),
  };
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
          <TextField to={form.to} {...field("body")} />
          <Rest {...form} onText={(name, value) => field(name).onText(value)} />
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
