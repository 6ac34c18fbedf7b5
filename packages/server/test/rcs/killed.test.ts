import { afterAll, expect, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { newKey, type Program, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";
import { event, RcsPlatform } from "./platform.ts";
import { finalOf, handset, keyFile, type RcsRig, rowOf, send, submitted } from "./rig.ts";

const database = await testDatabase();
afterAll(database.close);
const [smsc, hooks, platform] = [await scriptedSmsc(), await receiver(), new RcsPlatform()];
await platform.listen();
afterAll(() => Promise.all([smsc.close(), hooks.close(), platform.close()]));
const credentialsFile = await keyFile(platform.credentials);
const keys = { organizationKey: newKey(), accountKey: newKey() };

/** With an SMSC that is not there, unless told otherwise. */
async function start(onUncertain: "resend" | "fail", reachable: boolean): Promise<RcsRig & { program: Program }> {
  const unreachable = { host: "127.0.0.1", port: 1 };
  const carriers = [smsc.carrier(reachable ? {} : unreachable), platform.carrier(credentialsFile)];
  const config = { ...keys, carriers, callbacks: { allowPrivateAddresses: true }, messages: { onUncertain } };
  const program = await startProgram({ database, config });
  return { platform, smsc, hooks, credentialsFile, program };
}

test.each(["resend", "fail"] as const)(
  "killed, the program goes on with each message at the channel where it was (onUncertain %s)",
  async (onUncertain) => {
    const before = await start(onUncertain, false);
    const [taken, unanswered, fallen] = [handset(), handset(), handset()] as const;
    platform.script(unanswered, "silence");
    platform.script(fallen, 404);
    const sent = {
      taken: await send(before, taken),
      unanswered: await send(before, unanswered, { rcs: { text: "Hi" } }),
      fallen: await send(before, fallen),
    };
    await submitted(before, sent.taken);
    await platform.waitFor(unanswered);
    await until("the fall-back", async () => (await rowOf(before, sent.fallen)).channel === null);
    before.program.kill();
    platform.script(unanswered, 200);

    const after = await start(onUncertain, true);
    try {
      expect(await finalOf(after, sent.fallen)).toBe("delivered 00");
      const again = await platform.waitFor(unanswered, 2);
      expect(again.map(({ messageId }) => messageId)).toEqual(Array(2).fill(sent.unanswered.messageUuid));
      expect(again.map(({ body }) => body.contentMessage)).toEqual([{ text: "Hi" }, { text: "Hi" }]);
      await submitted(after, sent.unanswered);
      expect(await event(after.program.url, "DELIVERED", again[0]!)).toBe(200);
      expect(await finalOf(after, sent.unanswered)).toBe("delivered 00");
      const [message] = platform.to(taken);
      expect(await event(after.program.url, "TTL_EXPIRATION_REVOKED", message!)).toBe(200);
      expect(await finalOf(after, sent.taken)).toBe("delivered 00");
      expect(
        [platform.to(taken), platform.to(fallen), smsc.to(taken), smsc.to(fallen), smsc.to(unanswered)].map(
          (all) => all.length,
        ),
      ).toEqual([1, 1, 1, 1, 0]);
    } finally {
      await after.program.stop();
    }
  },
);
