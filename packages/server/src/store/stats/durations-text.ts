/** How many took how long, by the buckets of message/durations.ts. */
export type Durations = Map<number, number>;

/** As `stat` has them: `bucket:count`, with commas between. */
export function durationsText(durations: Durations): string {
  return [...durations].map(([bucket, count]) => `${bucket}:${count}`).join(",");
}

/** Adds such a text, in which a bucket may stand several times. */
export function addDurations(durations: Durations, text: string): void {
  if (text === "") return;
  for (const entry of text.split(",")) {
    const colon = entry.indexOf(":");
    const bucket = Number(entry.slice(0, colon));
    durations.set(bucket, (durations.get(bucket) ?? 0) + Number(entry.slice(colon + 1)));
  }
}
