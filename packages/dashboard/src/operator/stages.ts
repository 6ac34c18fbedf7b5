/** The messages or webhooks that wait in a stage. */
export interface Stage {
  title: string;
  waiting: number;
  /** For how many seconds the oldest has; 0 where none does. */
  oldest: number;
}

/** In the order of a message's way. */
const TITLES = {
  schedule: "Scheduled messages, for their time",
  send: "Messages, for a carrier",
  receipt: "Receipts, for their message",
  notify: "Webhooks, for a try",
};

/** @param metrics in Prometheus' text form */
export function stagesOf(metrics: string): Stage[] {
  const readingOf = (name: string, stage: string): number | undefined => {
    const found = new RegExp(`^${name}\\{[^}]*stage="${stage}"[^}]*\\} (\\S+)$`, "m").exec(metrics);
    return found === null ? undefined : Number(found[1]);
  };
  return Object.entries(TITLES).flatMap(([stage, title]) => {
    const waiting = readingOf("mplus_waiting", stage);
    return waiting === undefined
      ? []
      : [{ title, waiting, oldest: readingOf("mplus_oldest_waiting_seconds", stage) ?? 0 }];
  });
}
