import { expect, test } from "vitest";
import { storyWith, told } from "../messages/stories.ts";
import { handset, rcsRig } from "./rig.ts";

const { platform, smsc, program } = await rcsRig();
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
