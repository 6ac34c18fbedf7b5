import { useEffect, useState } from "preact/hooks";
import { useMay } from "../api/me.ts";
import { useAction, useAnswer } from "../api/use-api.ts";
import { Field, Form } from "../parts/field.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";

/** Where an account is told of inbound messages, and of its endpoints. */
export function WebhookUrls({ uuid }: { uuid: string }) {
  const { answer, problem } = useAnswer((api, options) => api.accountWebhooks.urls(uuid, options), uuid);
  const [inbound, setInbound] = useState("");
  const [events, setEvents] = useState("");
  const [saved, setSaved] = useState(false);
  const may = useMay("admin");
  useEffect(() => {
    setInbound(answer?.inbound_url ?? "");
    setEvents(answer?.events_url ?? "");
  }, [answer]);
  const save = useAction(async (api) => {
    setSaved(false);
    await api.accountWebhooks.setUrls(uuid, { inbound_url: inbound || null, events_url: events || null });
    setSaved(true);
  });
  return (
    <>
      <ProblemBox problem={problem} />
      <Form label="Webhook URLs" onSubmit={save.run}>
        <fieldset disabled={!may}>
          <Field
            label="Inbound messages go to"
            type="url"
            placeholder="nowhere"
            value={inbound}
            onText={setInbound}
            hint="Or over SMPP, to smpp: and one of its names."
          />
          <Field
            label="Events about its endpoints go to"
            type="url"
            placeholder="nowhere"
            value={events}
            onText={setEvents}
          />
        </fieldset>
        {may && (
          <p class="buttons">
            <button type="submit" disabled={answer === undefined || save.busy}>
              Save
            </button>
            {saved && <span role="status">Saved.</span>}
          </p>
        )}
      </Form>
      <ProblemBox problem={save.problem} />
    </>
  );
}
