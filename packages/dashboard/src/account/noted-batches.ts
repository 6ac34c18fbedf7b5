/** A batch that was sent or looked up in this tab: the API lists none but those that wait for their time. */
export interface NotedBatch {
  uuid: string;
  /** The handset, where it is one. */
  to: string | null;
  /** When it was noted, ISO 8601. */
  at: string;
}

const ITEM = "messaging-plus-batches";
const MOST = 20;

/** The newest first. */
export function notedBatches(): NotedBatch[] {
  return JSON.parse(sessionStorage.getItem(ITEM) ?? "[]") as NotedBatch[];
}

export function noteBatch(batch: NotedBatch): void {
  const others = notedBatches().filter(({ uuid }) => uuid !== batch.uuid);
  sessionStorage.setItem(ITEM, JSON.stringify([batch, ...others].slice(0, MOST)));
}
