import type { WatchedCarrier } from "../carriers/carrier.ts";
import type { WhyWaiting } from "../message/waiting.ts";
import type { Sender } from "./sender.ts";

/** Why a message in memory has not been submitted yet; null if it is not in memory. */
export function whyWaiting(
  sender: Pick<Sender, "find" | "has">,
  carriers: ReadonlyMap<string, WatchedCarrier>,
  isPaused: (carrier: string) => boolean,
  id: string,
): WhyWaiting | null {
  const found = sender.find(id);
  // A message in memory that does not wait is under way: its carrier has not answered yet.
  if (found === undefined) return sender.has(id) ? { why: "window", said: null } : null;
  const { lane, queued, ahead } = found;
  const said = queued.message.said ?? null;
  const carrier = lane.carriers.find((each) => each.up && !isPaused(each.id));
  if (carrier === undefined) return { why: "no-link", said };
  if (carrier.free > 0) return { why: "queue", ahead, said };
  if (carrier.slowed) return { why: "slowed", said };
  const status = carriers.get(carrier.id)?.status;
  if (ahead > 0 || status === undefined) return { why: "queue", ahead, said };
  return { why: status.under_way >= status.window ? "window" : "throughput", said };
}
