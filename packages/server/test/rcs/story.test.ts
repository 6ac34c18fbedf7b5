import { expect, test } from "vitest";
import { type Story, storyWith, told } from "../messages/stories.ts";
import { event } from "./platform.ts";
import { handset, rcsRig, send, submitted } from "./rig.ts";

const rig = await rcsRig();
const { platform, smsc, program } = rig;
const { api } = program;

test("a message's story has the channel that failed, and the one that it went on to", async () => {
  const to = handset();
  platform.script(to, 404);
  smsc.script(to, { message_id: "m-1" });
  const messages = [{ from: { type: "custom", value: "MyShop" }, to, body: "x", channels: ["rcs", "sms"] }];
  const [sent] = await api.send({ messages });
  const story = await storyWith(api, sent!.messageUuid, "delivered");
  expect(told(story).map((event) => (event as { kind: string }).kind)).toEqual([
    "accepted",
    "refused",
    "fallback",
    "submitted",
    "receipt",
    "delivered",
  ]);
  expect(told(story)[1]).toMatchObject({ carrier: "rbm", status: "HTTP 404", part: 1 });
  expect(told(story)[2]).toEqual({ kind: "fallback", from: "rcs", to: "sms" });
  expect(told(story)[3]).toMatchObject({ carrier: "scripted", carrier_message_id: "m-1" });
});

test("what a carrier says after its channel was given up is told, and moves nothing", async () => {
  const byRcs = await send(rig, handset());
  const [message] = await platform.waitFor(byRcs.to);
  await submitted(rig, byRcs);
  await event(program.url, "TTL_EXPIRATION_REVOKED", message!);
  await storyWith(api, byRcs.messageUuid, "delivered");
  await event(program.url, "DELIVERED", message!);
  const applied = { part: null, applied: true, why: null };
  const late = { applied: false, why: "late" };
  expect(receiptsOf(await storyWith(api, byRcs.messageUuid, "receipt", 3))).toEqual([
    { carrier: "rbm", state: "expired", ...applied },
    { carrier: "scripted", state: "delivered", ...applied },
    { carrier: "rbm", state: "delivered", part: null, ...late },
  ]);

  const to = handset();
  smsc.script(to, ({ part }) => ({ receipts: part?.sequence === 2 ? [{ stat: "UNDELIV" }] : [] }));
  const bySms = await send(rig, to, { channels: ["sms", "rcs"], body: "x".repeat(200) });
  const [after] = await platform.waitFor(to);
  await submitted(rig, bySms);
  const [first] = smsc.idsOf(to);
  await smsc.receipt({ id: first! });
  await event(program.url, "DELIVERED", after!);
  expect(receiptsOf(await storyWith(api, bySms.messageUuid, "delivered"))).toEqual([
    { carrier: "scripted", state: "undeliverable", ...applied, part: 2 },
    { carrier: "scripted", state: "delivered", part: 1, ...late },
    { carrier: "rbm", state: "delivered", ...applied },
  ]);
});

function receiptsOf(story: Story): object[] {
  return story.events
    .filter(({ kind }) => kind === "receipt")
    .map(({ carrier, state, part, applied, why }) => ({ carrier, state, part, applied, why }));
}
