import { expect, test } from "vitest";
import type { Untold } from "../../store/webhooks/endpoint-health.ts";
import { eventsOf } from "./events.ts";

const untold: Untold = {
  accountId: 1,
  account: "01900000-0000-7000-8000-000000000000",
  endpoint: 7,
  origin: "https://hooks.example.com",
  eventsUrl: "https://example.com/events",
  eventsEndpoint: 8,
  changed: false,
  failing: false,
  changedAt: new Date("2030-01-31T09:30:00Z"),
  reason: "The answer's status was 500.",
  exhausted: 0,
  exhaustedIds: ["01900000-0000-7000-8000-000000000001"],
};
const about = { account_uuid: untold.account, endpoint: untold.origin };
const now = Date.parse("2030-01-31T09:31:00Z");

test.each<[string, Partial<Untold>, object[]]>([
  ["that it fails", { changed: true, failing: true }, [{ type: "endpoint.failing", reason: untold.reason }]],
  ["that it works again, without a reason", { changed: true }, [{ type: "endpoint.recovered" }]],
  [
    "of both what has changed and what is exhausted",
    { changed: true, failing: true, exhausted: 3 },
    [
      { type: "endpoint.failing", reason: untold.reason },
      { type: "webhook.exhausted", reason: untold.reason, count: 3, webhook_ids: untold.exhaustedIds },
    ],
  ],
  ["nothing where nothing is due", {}, []],
])("tells %s", (_, change, expected) => {
  const events = eventsOf({ ...untold, ...change }, now);
  expect(events.map(({ type, data }) => ({ type, ...data }))).toEqual(
    expected.map((event) => ({ ...event, ...about })),
  );
});

test("an event's time is that of the change, or for exhausted ones that of the event", () => {
  const events = eventsOf({ ...untold, changed: true, exhausted: 1 }, now);
  expect(events.map(({ timestamp }) => timestamp)).toEqual(["2030-01-31T09:30:00.000Z", "2030-01-31T09:31:00.000Z"]);
});
