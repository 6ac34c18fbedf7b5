import { Batch } from "../batches/batch.tsx";
import { Batches } from "../batches/batches.tsx";
import type { View } from "../parts/shell.tsx";
import { Message } from "./message.tsx";
import { Messages } from "./messages.tsx";

/** The views that every key opens: the messages and batches that it may see. */
export const messageViews: readonly View[] = [
  {
    name: "messages",
    title: "Messages",
    render: ({ steps: [, uuid], query }) =>
      uuid === undefined ? <Messages query={query} /> : <Message key={uuid} uuid={uuid} />,
  },
  {
    name: "batches",
    title: "Batches",
    render: ({ steps: [, uuid], query }) =>
      uuid === undefined ? <Batches query={query} /> : <Batch key={uuid} uuid={uuid} query={query} />,
  },
];
