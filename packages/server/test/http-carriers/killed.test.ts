import { afterAll, expect, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { newKey, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { byHand, finalOf, type HttpRig, handset, ownApi, post, send, submitted } from "./rig.ts";

const [hooks, provider] = [await receiver(), ownApi()];
await provider.listen();
afterAll(() => Promise.all([hooks.close(), provider.close()]));
const keys = { organizationKey: newKey(), accountKey: newKey() };

test.each([
  ["resend", 2, "delivered 00"],
  ["fail", 1, "failed 7A"],
] as const)(
  "killed between a submit and its answer, the message goes on by onUncertain: %s",
  async (onUncertain, requests, final) => {
    const database = await testDatabase();
    const start = async (): Promise<HttpRig> => {
      const config = { ...keys, carriers: [byHand(provider)], callbacks: { allowPrivateAddresses: true } };
      const program = await startProgram({ database, config: { ...config, messages: { onUncertain } } });
      return { provider, hooks, program };
    };
    try {
      const before = await start();
      const [taken, unanswered] = [handset(), handset()] as const;
      provider.script(taken, { status: 202, body: { data: { id: `taken-${onUncertain}` } } });
      provider.script(unanswered, "silence", { status: 202, body: { data: { id: `again-${onUncertain}` } } });
      const sent = { taken: await send(before, taken), unanswered: await send(before, unanswered) };
      await submitted(before, sent.taken);
      await provider.waitFor(unanswered);
      before.program.kill();

      const after = await start();
      try {
        // The receipt of the second submit comes before it is known whose it is.
        for (const id of [`taken-${onUncertain}`, `again-${onUncertain}`]) {
          expect(await post(after.program, "/carriers/own/receipts", { id, state: "ok" })).toBe(200);
        }
        expect(await finalOf(after, sent.taken)).toBe("delivered 00");
        expect(await finalOf(after, sent.unanswered)).toBe(final);
        expect({ taken: provider.to(taken).length, unanswered: provider.to(unanswered).length }).toEqual({
          taken: 1,
          unanswered: requests,
        });
      } finally {
        await after.program.stop();
      }
    } finally {
      await database.close();
    }
  },
);
