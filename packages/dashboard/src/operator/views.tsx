import { messageViews } from "../messages/views.tsx";
import { endpointsView, overviewView } from "../overview/views.tsx";
import type { View } from "../parts/shell.tsx";
import { smppView } from "../smpp/views.tsx";
import { Carriers } from "./carriers.tsx";
import { Organizations } from "./organizations.tsx";

/** What the operator's key opens. */
export const operatorViews: readonly View[] = [
  overviewView,
  ...messageViews,
  { name: "carriers", title: "Carriers", render: () => <Carriers /> },
  endpointsView,
  smppView,
  { name: "organizations", title: "Organizations", render: () => <Organizations /> },
];
