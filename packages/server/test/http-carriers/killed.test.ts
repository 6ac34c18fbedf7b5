import { afterAll, expect, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { newKey, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { byHand, finalOf, type HttpRig, handset, ownApi, post, send, submitted } from "./rig.ts";

const [hooks, provider, next] = [await receiver(), ownApi(), ownApi()];
await Promise.all([provider.listen(), next.listen()]);
afterAll(() => Promise.all([hooks.close(), provider.close(), next.close()]));
const keys = { organizationKey: newKey(), accountKey: newKey() };

const refusal = { status: 400, body: { error: { code: "E0" } } };

test.each([
  ["resend", 2, "delivered 00"],
  ["fail", 1, "failed 7A"],
] as const)(
  "killed between a submit and its answer, the message goes on by onUncertain, at the next carrier too: %s",
  async (onUncertain, requests, final) => {
    const database = await testDatabase();
    const start = async (): Promise<HttpRig> => {
      const carriers = [byHand(provider), byHand(next, { id: "next" })];
      const routes = [{ carriers: ["own", "next"], failover: ["down", "refused"] }];
      const config = { ...keys, carriers, routes, callbacks: { allowPrivateAddresses: true } };
      const program = await startProgram({ database, config: { ...config, messages: { onUncertain } } });
      return { provider, hooks, program };
    };
    try {
      const before = await start();
      const [taken, unanswered] = [handset(), handset()] as const;
      provider.script(taken, { status: 202, body: { data: { id: `taken-${onUncertain}` } } });
      provider.script(unanswered, "silence", { status: 202, body: { data: { id: `again-${onUncertain}` } } });
      const [takenNext, unansweredNext] = [handset(), handset()] as const;
      for (const to of [takenNext, unansweredNext]) provider.script(to, refusal, refusal);
      next.script(takenNext, { status: 202, body: { data: { id: `taken-${onUncertain}` } } });
      next.script(unansweredNext, "silence", { status: 202, body: { data: { id: `again-${onUncertain}` } } });
      const sent = { taken: await send(before, taken), unanswered: await send(before, unanswered) };
      const sentNext = { taken: await send(before, takenNext), unanswered: await send(before, unansweredNext) };
      await submitted(before, sent.taken);
      await submitted(before, sentNext.taken);
      await Promise.all([provider.waitFor(unanswered), next.waitFor(unansweredNext)]);
      before.program.kill();

      const after = await start();
      try {
        // The receipt of the second submit comes before it is known whose it is.
        for (const id of [`taken-${onUncertain}`, `again-${onUncertain}`]) {
          for (const carrier of ["own", "next"]) {
            expect(await post(after.program, `/carriers/${carrier}/receipts`, { id, state: "ok" })).toBe(200);
          }
        }
        for (const { taken, unanswered } of [sent, sentNext]) {
          expect(await finalOf(after, taken)).toBe("delivered 00");
          expect(await finalOf(after, unanswered)).toBe(final);
        }
        expect({ taken: provider.to(taken).length, unanswered: provider.to(unanswered).length }).toEqual({
          taken: 1,
          unanswered: requests,
        });
        // The carrier that refused it may be asked again by the next start, and has it not for that.
        expect({
          refused: provider.to(takenNext).length,
          refusedAgain: provider.to(unansweredNext).length,
          taken: next.to(takenNext).length,
          unanswered: next.to(unansweredNext).length,
        }).toEqual({ refused: 1, refusedAgain: requests, taken: 1, unanswered: requests });
      } finally {
        await after.program.stop();
      }
    } finally {
      await database.close();
    }
  },
);
