// Has other makers' SMPP software bind to the server of this build: Debian's Kannel, Perl's Net::SMPP, and libsmpp34. Each
// submits texts, long ones too, gets their receipts and the answers of handsets, and asks about a message. Kannel does so a
// second time as the HTTP carrier of another server of this build. Prints a table of what worked. Not part of the tests: it
// uses those that are installed, says which are not, and with --install has apt-get install them.
//
// npm run interop -- [--install] [NAME...]
import "../packages/server/bin/node-version.js";
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { MessagingPlus } from "../packages/sdk/dist/index.js";
import { kannel } from "./interop/kannel.mjs";
import { kannelUpstream } from "./interop/kannel-upstream.mjs";
import { program } from "./interop/program.mjs";
import { ORGANIZATION_KEY, startServer } from "./interop/server.mjs";
import { temporaryFolder } from "./servers.mjs";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { install: { type: "boolean" } } });

const folder = temporaryFolder(join(tmpdir(), "mplus-interop-"));

const PEERS = [
  { name: "Kannel", packages: ["kannel"], run: kannel },
  { name: "Kannel as an HTTP carrier", packages: ["kannel"], run: kannelUpstream },
  {
    name: "Net::SMPP",
    packages: ["libnet-smpp-perl"],
    run: program(() => ["perl", join(import.meta.dirname, "interop/net-smpp.pl")]),
  },
  {
    name: "libsmpp34",
    packages: ["libsmpp34-dev", "gcc", "libc6-dev"],
    run: program(() => {
      const built = join(folder, "libsmpp34");
      const source = join(import.meta.dirname, "interop/libsmpp34.c");
      execFileSync("gcc", ["-I/usr/include/libsmpp34", "-o", built, source, "-lsmpp34"]);
      return [built];
    }),
  },
];

/** The version of Debian's package; null where it is not installed. */
function versionOf(name) {
  try {
    const said = execFileSync("dpkg", ["-s", name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return /^Status: install ok installed$/m.test(said) ? /^Version: (.*)$/m.exec(said)[1] : null;
  } catch {
    return null;
  }
}

function install(packages) {
  console.error(`installing ${packages.join(", ")} with apt-get`);
  execFileSync("apt-get", ["install", "--yes", "--no-install-recommends", ...packages], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** An account with a credential and a number that handsets may answer, and its messages. */
async function customer({ url, port }, number) {
  const organization = new MessagingPlus({ baseUrl: url, key: ORGANIZATION_KEY });
  const { identifier, apiKey } = await organization.accounts.create("interop");
  const { system_id, password } = await organization.smpp.create(identifier);
  await organization.senders.register({ value: number, account: identifier });
  await organization.accountWebhooks.setUrls(identifier, { inbound_url: `smpp:${system_id}` });
  const { messages } = new MessagingPlus({ baseUrl: url, key: apiKey });
  return {
    host: "127.0.0.1",
    port,
    system_id,
    password,
    number,
    folder,
    messages,
    binds: () => organization.smpp.bound(),
  };
}

const STEPS = ["bind", "submit", "long text", "receipts", "inbound", "query"];
const server = await startServer(folder, {
  smpp: { port: 0 },
  carriers: [{ id: "simulator", type: "simulator", receiptDelay: 0.1 }],
});
let failed = 0;
try {
  console.log(`| peer | version | ${STEPS.join(" | ")} |\n|${"---|".repeat(STEPS.length + 2)}`);
  for (const [index, { name, packages, run }] of PEERS.entries()) {
    if (positionals.length > 0 && !positionals.some((part) => name.toLowerCase().includes(part.toLowerCase())))
      continue;
    const absent = packages.filter((one) => versionOf(one) === null);
    if (absent.length > 0 && values.install) install(absent);
    if (packages.some((one) => versionOf(one) === null)) {
      console.log(`| ${name} | not installed (${absent.join(", ")}) | ${STEPS.map(() => "").join(" | ")} |`);
      continue;
    }
    const verdicts = await run(await customer(server, `44770090098${index}`)).catch(({ message }) => ({
      bind: message,
    }));
    const cells = STEPS.map((step) => {
      const verdict = verdicts[step] ?? "not reached";
      if (verdict !== "works" && verdict !== "it has none") failed++;
      return verdict;
    });
    console.log(`| ${name} | ${versionOf(packages[0])} | ${cells.join(" | ")} |`);
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
if (failed > 0) {
  console.error(`${failed} steps failed\n${server.output()}`);
  process.exitCode = 1;
}
