import { afterAll, expect, test } from "vitest";
import { command } from "../support/command.ts";
import { startProgram } from "../support/program.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { gate } from "../support/until.ts";
import { storyOf, storyWhere, storyWith, told } from "./stories.ts";

const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const from = { type: "custom", value: "MyShop" };

// Nothing listens there.
const down = smsc.carrier({ id: "down", port: 1 });
const program = await startProgram({
  config: {
    carriers: [smsc.carrier({ window: 1 }), smsc.carrier({ id: "calm" }), down],
    routes: [
      { to: "4478", carriers: ["down"] },
      { to: "4477", carriers: ["scripted"] },
      { to: "44779", carriers: ["calm"] },
    ],
    messages: { hideCarriers: true },
  },
});
afterAll(program.stop);
const { api } = program;

test("a message waits for a link, a turn in a full window, a carrier that asked to slow down", async () => {
  const send = async (to: string) => (await api.send({ messages: [{ from, to, body: "x" }] }))[0]!.messageUuid;

  const unlinked = await storyWhere(
    api,
    await send("447800900001"),
    "no link",
    ({ waiting }) => waiting?.why === "no-link",
  );
  expect(unlinked.waiting).toEqual({ why: "no-link", since: unlinked.accepted_at, until: expect.any(String) });

  const answer = gate();
  smsc.script("447700900801", { when: answer.opened });
  const first = await send("447700900801");
  await storyWhere(api, first, "the submit to be under way", ({ waiting }) => waiting?.why === "window");
  const second = await send("447700900802");
  await storyWhere(api, second, "a full window", ({ waiting }) => waiting?.why === "window");
  const third = await storyWhere(
    api,
    await send("447700900803"),
    "its turn",
    ({ waiting }) => waiting?.why === "queue",
  );
  expect(third.waiting).toMatchObject({ ahead: 1 });
  answer.open();
  await storyWith(api, third.message_uuid, "delivered");

  smsc.script("447700900804", { command_status: 0x58 });
  const slowed = await send("447700900804");
  const story = await storyWith(api, slowed, "refused");
  expect(story).toMatchObject({ state: "accepted" });
});

test("accounts see no carriers where they are not to, organizations do", async () => {
  const { url, organizationKey } = program;
  const [sent] = await api.send({ messages: [{ from, to: "447790900805", body: "x" }] });
  const story = await storyWith(api, sent!.messageUuid, "delivered");
  const [, submitted, receipt] = told(story);
  expect(submitted).toEqual({ kind: "submitted", carrier: null, part: 1, carrier_message_id: null });
  expect(receipt).toMatchObject({ kind: "receipt", carrier: null, text: null, state: "delivered" });
  const whole = await storyOf(api.as(organizationKey), sent!.messageUuid);
  expect(told(whole)[1]).toMatchObject({ carrier: "calm", carrier_message_id: smsc.idOf("447790900805") });

  const asAccount = ["--url", url, "--key", api.key];
  const found = await command(["find", "*900805", ...asAccount]);
  expect(found.stdout).toMatch(new RegExp(`${sent!.messageUuid}  \\+447790900805 .* delivered  00 Successful`));
  expect((await command(["find", "*900806", ...asAccount])).stdout).toBe("no such message\n");
  const csv = await command(["find", "+447790900805", "--csv", ...asAccount]);
  expect(csv.stdout.split("\n")[0]).toMatch(/^message_uuid,batch_uuid,to,from,/);
  const shown = await command(["show", sent!.messageUuid, "--watch", ...asAccount]);
  expect(shown.stdout).toMatch(
    /state {4}delivered: 00 Successful\n.* accepted .*\n.* submitted .*\n.* receipt .*\n.* delivered/,
  );
  const json = JSON.parse((await command(["show", sent!.messageUuid, "--json", ...asAccount])).stdout) as {
    state: string;
  };
  expect(json.state).toBe("delivered");
});
