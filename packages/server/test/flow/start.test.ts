import { once } from "node:events";
import { chmodSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { newKey, runToEnd, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);
const database = await testDatabase();
afterAll(database.close);

/** Makes the program believe that it runs on another version of Node.js. */
const PRELOAD = (node: string) => {
  const script = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${node}" } })`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(script)}` };
};
const config = {
  organizationKey: newKey(),
  accountKey: newKey(),
  carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
};
/** On one empty store, at once. The first has a file with keys that all may read, the second an old Node.js. */
const programs = await Promise.all([
  startProgram({
    database,
    config,
    beforeSpawn: (folder) => chmodSync(join(folder, "config.json"), 0o644),
    env: PRELOAD("22.22.0"),
  }),
  startProgram({ database, config, env: PRELOAD("20.19.5") }),
]);
afterAll(() => Promise.all(programs.map(({ stop }) => stop())));

test("two programs started at once on one empty store have the same keys and share the work", async () => {
  const { rows } = await database.pool.query("SELECT count(*)::int AS count FROM account");
  expect(rows).toEqual([{ count: 1 }]);
  const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };
  const sent = await Promise.all(
    programs.map(({ api }, index) => {
      const messages = Array.from({ length: 50 }, () => ({ ...message, callback: hooks.url(`/${index}`) }));
      return api.send({ messages });
    }),
  );
  // Each program knows the messages that the other has accepted.
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

test("a configuration with keys that others may read is named at the start, with what to do", () => {
  const [program] = programs;
  const log = program.output().stderr;
  const file = join(program.folder, "config.json");
  expect(JSON.parse(log.split("\n").find((line) => line.includes("others on this machine")) ?? "")).toMatchObject({
    level: "warn",
    file,
    mode: "0644",
    msg: `others on this machine may read a file with keys or passwords: chmod 600 ${file}`,
  });
  expect(log.match(/others on this machine/g)).toHaveLength(1);
  expect(log).not.toContain("no more security fixes");
});

test("a Node.js that gets no more fixes is named once, and a configuration for its owner alone is not", () => {
  const log = programs[1].output().stderr;
  expect(log.match(/Node\.js 20\.19\.5 gets no more security fixes/g)).toHaveLength(1);
  expect(log).not.toContain("others on this machine");
});

test("a port that is taken is noticed before anything is begun, with advice that works as it is typed", async () => {
  const untouched = await testDatabase();
  onTestFinished(untouched.close);
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as AddressInfo;
  // The next one is not to be advised either, whoever has it.
  const next = createServer().on("error", () => {});
  onTestFinished(() => void next.close());
  await new Promise((resolve) =>
    next
      .once("listening", resolve)
      .once("error", resolve)
      .listen(port + 1, "127.0.0.1"),
  );
  const { end, stderr } = await runToEnd({
    database: untouched,
    config: { server: { host: "127.0.0.1", port } },
  });
  const [, file, other, variable] =
    /; another port: mplus serve --config (\S+) --port (\d+), or MPLUS_SERVER_PORT=(\d+)\n$/.exec(stderr) ?? [];
  expect({ end, stderr }).toEqual({
    end: "1",
    stderr: expect.stringContaining(
      `mplus: listen EADDRINUSE: address already in use 127.0.0.1:${port}: another program listens there`,
    ),
  });
  expect({ file, variable }).toEqual({ file: expect.stringContaining("config.json"), variable: other });
  expect(Number(other)).toBeGreaterThan(port + 1);
  expect((await untouched.pool.query("SELECT FROM node")).rowCount).toBe(0);
});

test("an address that is not this machine's names its key", async () => {
  const { end, stderr } = await runToEnd({ database, config: { server: { host: "192.0.2.1", port: 1 } } });
  expect(end).toBe("1");
  expect(stderr).toContain("server.host is no address of this machine");
});

test("every fault of the file and the environment is named at once, with its path, and ends it with 1", async () => {
  const faulty = { sever: {}, carriers: [{ id: "sim", type: "simulator" }], routes: [{ carriers: ["nowhere"] }] };
  const env = { MPLUS_CALLBACKS_TIMEOUT: "-1", MPLUS_SERVER_PROT: "8080" };
  const { end, stdout, stderr } = await runToEnd({ config: faulty, env });
  const paths = stderr.split("\n").flatMap((line) => /^ {2}([^ :]+): \S/.exec(line)?.[1] ?? []);
  expect({ end, stdout, paths: paths.sort() }).toEqual({
    end: "1",
    stdout: "",
    paths: ["MPLUS_SERVER_PROT", "callbacks.timeout", "routes[0].carriers[0]", "sever"],
  });
});

test("a file that is no JSON is named with the place, and nothing of it is quoted", async () => {
  const { end, stderr } = await runToEnd({ file: '{\n  "operatorKey": sesame\n}' });
  const reason = /^mplus: Cannot read \S+config\.json: it is no JSON from line 2, column 18\n$/;
  expect({ end, stderr }).toEqual({ end: "1", stderr: expect.stringMatching(reason) });
});
