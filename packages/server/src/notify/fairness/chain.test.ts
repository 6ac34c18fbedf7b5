import fc from "fast-check";
import { expect, test } from "vitest";
import { Chain, type Linked } from "./chain.ts";

class Member implements Linked<Member> {
  chain: Chain<Member> | null = null;
  before: Member | null = null;
  after: Member | null = null;
}

test("a member is in one chain at a time, in the order in which they came", () => {
  const step = fc.record({ kind: fc.constantFrom("push", "shift", "remove"), member: fc.nat(7), chain: fc.nat(1) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const members = Array.from({ length: 8 }, () => new Member());
      const chains = [new Chain<Member>(), new Chain<Member>()];
      const models: Member[][] = [[], []];
      const leave = (member: Member): void => {
        for (const model of models) if (model.includes(member)) model.splice(model.indexOf(member), 1);
      };
      for (const { kind, member: index, chain } of steps) {
        const member = members[index]!;
        if (kind === "push") {
          leave(member);
          models[chain]!.push(member);
          chains[chain]!.push(member);
        } else if (kind === "shift") {
          expect(chains[chain]!.shift()).toBe(models[chain]!.shift() ?? null);
        } else if (member.chain !== null) {
          leave(member);
          member.chain.remove(member);
        }
        chains.forEach((each, which) => {
          const found: Member[] = [];
          for (let at = each.first; at !== null; at = at.after) found.push(at);
          expect(found).toEqual(models[which]);
          expect(each.size).toBe(found.length);
        });
      }
    }),
  );
});
