import { expect, test } from "vitest";
import { SmppBinds } from "./smpp-binds.ts";

const acme = { systemId: "acme", accountId: 1 };
const other = { systemId: "other", accountId: 1 };

test("receipts go to the process with the most receiving binds, as long as it has one", () => {
  const binds = new SmppBinds<string>();
  binds.receives("one", 1, acme);
  binds.receives("two", 1, acme);
  binds.receives("two", 2, acme);
  binds.receives("one", 2, other);
  expect([binds.holderOf(acme), binds.holderOf(other)]).toEqual(["two", "one"]);
  expect(binds.holderOf({ ...acme, accountId: 2 })).toBeUndefined();
  expect(binds.receivers).toEqual([acme, other]);
  binds.ended("two", 1);
  binds.ended("two", 2);
  expect(binds.holderOf(acme)).toBe("one");
  binds.gone("one");
  expect([binds.holderOf(acme), binds.holderOf(other)]).toEqual([undefined, undefined]);
  expect(binds.receivers).toEqual([]);
});

test("after a failure receipts go to another process that has binds, if there is one", () => {
  const binds = new SmppBinds<string>();
  binds.receives("one", 1, acme);
  binds.receives("one", 2, acme);
  binds.failed("one", acme);
  expect(binds.holderOf(acme)).toBe("one");
  binds.receives("two", 1, acme);
  expect(binds.holderOf(acme)).toBe("two");
  binds.failed("two", acme);
  expect(binds.holderOf(acme)).toBe("one");
});

test("a credential has at most its binds over all processes", () => {
  const binds = new SmppBinds<string>();
  const admitted = (holder: string, id: number) => binds.admit(holder, { id, credential: "a", most: 2 });
  expect([admitted("one", 1), admitted("two", 1), admitted("one", 2)]).toEqual([true, true, false]);
  binds.ended("two", 1);
  expect([admitted("one", 2), admitted("two", 2)]).toEqual([true, false]);
  binds.gone("one");
  expect(admitted("two", 2)).toBe(true);
});
