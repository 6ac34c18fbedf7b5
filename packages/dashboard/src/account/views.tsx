import { messageViews } from "../messages/views.tsx";
import { endpointsView, overviewView } from "../overview/views.tsx";
import type { View } from "../parts/shell.tsx";
import { SendMany } from "../send-many/send-many.tsx";
import { Inbound } from "./inbound.tsx";
import { Scheduled } from "./scheduled.tsx";
import { Send } from "./send.tsx";
import { Webhook } from "./webhook.tsx";
import { Webhooks } from "./webhooks.tsx";

/** What an account's key opens. */
export const accountViews: readonly View[] = [
  overviewView,
  ...messageViews,
  { name: "send", title: "Send", needs: "send", render: () => <Send /> },
  { name: "send-many", title: "Send to many", needs: "send", render: () => <SendMany /> },
  { name: "scheduled", title: "Scheduled", render: () => <Scheduled /> },
  {
    name: "webhooks",
    title: "Webhooks",
    render: ({ steps: [, id], query }) =>
      id === undefined ? <Webhooks key={String(query)} query={query} /> : <Webhook key={id} id={id} />,
  },
  endpointsView,
  { name: "inbound", title: "Inbound", render: () => <Inbound /> },
];
