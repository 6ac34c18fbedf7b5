import { once } from "node:events";
import { expect, test } from "vitest";
import { encodePdu } from "../src/index.ts";
import { generator, mutate, soundPdus } from "./fuzz.ts";
import { rawEsme } from "./raw-peer.ts";
import { boundEsme, boundToRaw, serve } from "./rig.ts";

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const random = generator(seed);
const sound = soundPdus(seed);
const mutants = (count: number) =>
  Buffer.concat(Array.from({ length: count }, () => mutate(sound[random(sound.length)] as Buffer, random)));

test(`peers that send garbage do not disturb others, FUZZ_SEED=${seed}`, async () => {
  const { port } = await serve({
    onBind: (_bind, session) => {
      session.onSubmit = async () => ({ command_status: 0, message_id: "1" });
      return 0;
    },
  });
  const client = await boundEsme(port, { bind: "transmitter" });
  for (let peers = 0; peers < 100; peers++) {
    const peer = await rawEsme(port);
    peer.socket.removeAllListeners("data").resume();
    peer.socket.write(Buffer.concat([encodePdu({ command: "bind_transceiver" }), mutants(20)]));
    peer.socket.end();
    expect((await client.submit({})).message_id).toBe("1");
    await peer.closed;
  }
  expect(client.state).toBe("bound");
});

test(`an SMSC that answers garbage costs no more than its connection, FUZZ_SEED=${seed}`, async () => {
  const { client, smsc, peer } = await boundToRaw({ backoff: { failedMs: [1] }, onDeliver: async () => 0 });
  let current = peer;
  for (let connections = 0; connections < 50; connections++) {
    const outcome = client.submit({}).then(
      () => "answered",
      (error: Error) => error.name,
    );
    current.socket.removeAllListeners("data").resume();
    const lost = once(client, "lost");
    current.socket.end(mutants(20));
    await lost;
    expect(["answered", "NoAnswer", "NotSent"]).toContain(await outcome);
    current = await smsc.accept();
    const bound = once(client, "bound");
    await current.takeBind();
    await bound;
  }
});
