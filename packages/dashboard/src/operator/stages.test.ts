import { expect, test } from "vitest";
import { stagesOf } from "./stages.ts";

test("reads how much waits in each stage from the metrics, in the order of a message's way", () => {
  const metrics = `# TYPE mplus_waiting gauge
mplus_waiting{stage="send",process="engine"} 92
mplus_waiting{process="engine",stage="schedule"} 100000
mplus_oldest_waiting_seconds{stage="send",process="engine"} 2353.25
mplus_oldest_waiting_seconds{stage="schedule",process="engine"} 0
`;
  expect(stagesOf(metrics)).toEqual([
    { title: "Scheduled messages, for their time", waiting: 100_000, oldest: 0 },
    { title: "Messages, for a carrier", waiting: 92, oldest: 2_353.25 },
  ]);
});

test("finds none where none is counted", () => {
  expect(stagesOf('mplus_carrier_up{carrier="a"} 1\n')).toEqual([]);
});
