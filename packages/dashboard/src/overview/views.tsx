import { Endpoints } from "../endpoints/endpoints.tsx";
import type { View } from "../parts/shell.tsx";
import { Overview } from "./overview.tsx";

/** Views of every kind of key. */
export const overviewView: View = {
  name: "overview",
  title: "Overview",
  render: ({ query }) => <Overview range={query.get("range")} />,
};
export const endpointsView: View = { name: "endpoints", title: "Endpoints", render: () => <Endpoints /> };
