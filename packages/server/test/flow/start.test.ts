import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Api } from "../support/api.ts";
import { testDatabase } from "../support/database.ts";
import { addAccount, newKey, type ProgramOptions, runToEnd, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const SIMULATOR = [{ id: "sim", type: "simulator", receiptDelay: 0 }];
const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };

async function start(options: ProgramOptions) {
  const program = await startProgram(options);
  onTestFinished(program.stop);
  return program;
}

async function database() {
  const made = await testDatabase();
  onTestFinished(made.close);
  return made;
}

test("without configured keys the first start makes them, for its owner's eyes only", async () => {
  const store = await database();
  const program = await start({
    database: store,
    config: { organizationKey: null, accountKey: null } as Record<string, unknown>,
  });
  const file = `${program.folder}/keys.json`;
  const keys = JSON.parse(await readFile(file, "utf8"));
  expect(keys).toEqual({
    organizationKey: expect.stringMatching(/^[0-9a-f]{32}$/),
    accountKey: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const { stdout, stderr } = program.output();
  for (const key of Object.values(keys) as string[]) expect(stdout + stderr).not.toContain(key);
  expect(stdout).toContain(file);
  expect(await new Api(program.url, keys.accountKey).send({ messages: [message] })).toHaveLength(1);
});

test("a port that is taken is noticed before anything is begun, with advice that works as it is typed", async () => {
  const store = await database();
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as AddressInfo;
  const config = { server: { host: "127.0.0.1", port } };
  const { end, stderr } = await runToEnd({ database: store, config });
  const other = port + 1;
  expect({ end, stderr }).toEqual({
    end: "1",
    stderr: `mplus: listen EADDRINUSE: address already in use 127.0.0.1:${port}: another program listens there; another port: mplus serve --port ${other}, or MPLUS_SERVER_PORT=${other}\n`,
  });
  expect((await store.pool.query("SELECT FROM node")).rowCount).toBe(0);
});

test("an address that is not this machine's names its key", async () => {
  const { end, stderr } = await runToEnd({
    database: await database(),
    config: { server: { host: "192.0.2.1", port: 1 } },
  });
  expect(end).toBe("1");
  expect(stderr).toContain("server.host is no address of this machine");
});

test("a key that was revoked is not revived by configuration", async () => {
  const store = await database();
  const [organizationKey, accountKey] = [newKey(), newKey()];
  const first = await startProgram({ database: store, config: { organizationKey, accountKey } });
  onTestFinished(first.kill);
  await first.stop();
  for (const [name, key] of Object.entries({ accountKey, organizationKey })) {
    const hash = createHash("sha256").update(key).digest();
    await store.pool.query("UPDATE api_key SET revoked_at = now() WHERE hash = $1", [hash]);
    const { end, stderr } = await runToEnd({ database: store, config: { organizationKey, accountKey } });
    expect({ end, stderr }).toEqual({
      end: "1",
      stderr: expect.stringMatching(new RegExp(`^mplus: ${name} was revoked`)),
    });
    expect(stderr).not.toContain(key);
    await store.pool.query("UPDATE api_key SET revoked_at = NULL WHERE hash = $1", [hash]);
  }
  await store.pool.query("UPDATE account SET deleted_at = now()");
  expect((await runToEnd({ database: store, config: { organizationKey, accountKey } })).end).toBe("1");
});

test("a key of the other kind is refused", async () => {
  const store = await database();
  const other = await addAccount(store.pool);
  const { end, stderr } = await runToEnd({ database: store, config: { organizationKey: other, accountKey: newKey() } });
  expect({ end, stderr }).toEqual({ end: "1", stderr: expect.stringMatching(/^mplus: organizationKey is in use/) });
});

test("two programs started at once on one empty store have the same keys and share the work", async () => {
  const store = await database();
  const hooks = await receiver();
  onTestFinished(hooks.close);
  const keys = { organizationKey: newKey(), accountKey: newKey() };
  const options = { database: store, config: { ...keys, carriers: SIMULATOR } };
  const programs = await Promise.all([start(options), start(options)]);
  const { rows } = await store.pool.query("SELECT count(*)::int AS count FROM account");
  expect(rows).toEqual([{ count: 1 }]);
  const sent = await Promise.all(
    programs.map(({ api }, index) => {
      const messages = Array.from({ length: 50 }, () => ({ ...message, callback: hooks.url(`/${index}`) }));
      return api.send({ messages });
    }),
  );
  // What one has accepted the other knows.
  for (const [index, { api }] of programs.entries()) {
    for (const { batchUuid } of sent[1 - index]!.slice(0, 3)) {
      await until(
        "the other's message to be final",
        async () => (await api.status(batchUuid, "")).counts.delivered === 1,
      );
    }
    expect(await hooks.waitFor(`/${index}`, 50)).toHaveLength(50);
  }
});
