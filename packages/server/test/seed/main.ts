/**
 * `npm run seed -- --accounts 100 --messages 10000 --seed 1 --url URL`: fills the store of `npm run dev`. Where no program
 * listens there, starts one for as long as it takes.
 */
import { parseArgs } from "node:util";
import { readKeys } from "../../src/account/keys-file.ts";
import { reachOf } from "../../src/cli/reach.ts";
import { seed } from "./seed.ts";
import { type Started, startServer } from "./start.ts";

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    accounts: { type: "string", default: "100" },
    messages: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    url: { type: "string" },
  },
});
const startedAt = Date.now();
const say = (line: string) =>
  void process.stdout.write(`${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(5)} s  ${line}\n`);

const { server, dataDir, organizationKey, operatorKey } = await reachOf({
  file: undefined,
  env: process.env,
  cwd: process.cwd(),
});
const expected = values.url ?? `http://${server.host}:${server.port}`;
const running = await fetch(`${expected}/health/ready`).then(
  ({ ok }) => ok,
  () => false,
);
let program: Started | undefined;
try {
  if (!running) {
    if (values.url !== undefined) throw new Error(`no program is ready at ${values.url}`);
    program = await startServer();
    say(`started a program on ${dataDir}`);
  }
  const url = program?.url ?? expected;
  const key = organizationKey ?? (await readKeys(dataDir)).organizationKey;
  if (key === null) throw new Error(`no organization's key in ${dataDir}/keys.json: set MPLUS_ORGANIZATION_KEY`);
  await seed({
    url,
    organizationKey: key,
    operatorKey,
    seed: Number(values.seed),
    accounts: Number(values.accounts),
    messages: Number(values.messages),
    say,
  });
} finally {
  await program?.stop();
}
