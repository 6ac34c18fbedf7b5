import { expect, test } from "vitest";
import { AccountDeactivated, Rejected } from "../runtime/errors.ts";
import type { ProblemName } from "../runtime/problems.ts";
import { refusalOf } from "./status.ts";

test.each<[ProblemName, number]>([
  ["store-unavailable", 0x64],
  ["overloaded", 0x64],
  ["no-progress", 0x64],
  ["too-many-requests", 0x58],
  ["credits-short", 0x45],
  ["sender-not-yours", 0x0a],
  ["no-shared-number", 0x0a],
])("the problem %s is the status %i", (problem, status) => {
  expect(refusalOf(new Rejected(problem, "why"))).toMatchObject({ status, message: "why" });
});

test.each([
  ["messages[0].to", 0x0b, "destination_addr"],
  ["defaults.from.value", 0x0a, "source_addr"],
  ["messages[3].send_at", 0x61, "schedule_delivery_time"],
  ["messages[0].validity", 0x62, "validity_period"],
  ["messages[0].tlvs.0x1400", 0xc0, "tlvs"],
  ["defaults.body", 0x45, "short_message"],
])("a fault of %s is the status %i, of the field %s", (path, status, field) => {
  const rejected = new Rejected("invalid-request", "The request has a fault.", [{ path, message: "why" }]);
  expect(refusalOf(rejected)).toMatchObject({ status, field, message: "why" });
});

test("what is of no field has a status too", () => {
  expect(refusalOf(new AccountDeactivated()).status).toBe(0x45);
  expect(refusalOf(new Error("a fault of our own")).status).toBe(0x08);
  expect(refusalOf(Object.assign(new Error("connection terminated"), { code: "57P01" })).status).toBe(0x64);
});
