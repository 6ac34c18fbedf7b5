import { messageViews } from "../messages/views.tsx";
import { endpointsView, overviewView } from "../overview/views.tsx";
import type { View } from "../parts/shell.tsx";
import { smppView } from "../smpp/views.tsx";
import { AccountView } from "./account.tsx";
import { Accounts } from "./accounts.tsx";
import { OrganizationKeys } from "./keys.tsx";
import { Senders } from "./senders.tsx";

/** What an organization's key opens. */
export const organizationViews: readonly View[] = [
  overviewView,
  ...messageViews,
  {
    name: "accounts",
    title: "Accounts",
    render: ({ steps: [, uuid] }) => (uuid === undefined ? <Accounts /> : <AccountView key={uuid} uuid={uuid} />),
  },
  endpointsView,
  smppView,
  { name: "keys", title: "Keys", render: () => <OrganizationKeys /> },
  { name: "senders", title: "Sender IDs", render: () => <Senders /> },
];
