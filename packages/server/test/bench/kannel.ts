import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { perMessage, perSecond, say } from "./figures.ts";
import { closedLoop } from "./load.ts";
import { freePort, listening } from "./ports.ts";
import { cpuOf, FarEnd } from "./processes.ts";
import { to } from "./side.ts";

/** The path of one of Kannel's programs; undefined where it is not installed. */
function installed(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** The reference: Kannel with its receipts in memory, bound to the same SMSC, called back at the same sink. */
export class Kannel {
  readonly #smscPort: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "kannel-bench-"));
  readonly #children: { name: string; child: ChildProcess }[] = [];
  port = 0;

  static readonly isInstalled = installed("bearerbox") !== undefined && installed("smsbox") !== undefined;

  constructor(smscPort: number) {
    this.#smscPort = smscPort;
  }

  async start(): Promise<this> {
    const [admin, boxes, http] = await Promise.all([freePort(), freePort(), freePort()]);
    mkdirSync(join(this.#folder, "store"));
    const file = join(this.#folder, "kannel.conf");
    writeFileSync(file, configuration(this.#folder, this.#smscPort, admin!, boxes!, http!));
    this.#start("bearerbox", file);
    await listening(boxes!);
    this.#start("smsbox", file);
    await listening(http!);
    this.port = http!;
    return this;
  }

  request(to: string, index: number, sinkPort: number): string {
    const query = new URLSearchParams({
      username: "tester",
      password: "foobar",
      from: "test",
      to,
      text: `Your code is ${100_000 + index}`,
      "dlr-mask": "3",
      "dlr-url": `http://127.0.0.1:${sinkPort}/dlr/${process.hrtime.bigint()}`,
    });
    return `GET /cgi-bin/sendsms?${query} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  }

  cpu(): Record<string, number> {
    return Object.fromEntries(this.#children.map(({ name, child }) => [name, cpuOf(child.pid!)]));
  }

  async stop(): Promise<void> {
    for (const { child } of this.#children.reverse()) {
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await gone;
      clearTimeout(timer);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #start(name: string, file: string): void {
    const child = spawn(installed(name) as string, ["-v", "4", file], { stdio: "ignore", cwd: this.#folder });
    this.#children.push({ name, child });
  }
}

function configuration(folder: string, smsc: number, admin: number, boxes: number, http: number): string {
  return `group = core
admin-port = ${admin}
admin-interface = "127.0.0.1"
admin-password = bar
smsbox-port = ${boxes}
smsbox-interface = "127.0.0.1"
log-level = 4
log-file = "${folder}/bearerbox.log"
dlr-storage = internal
store-type = file
store-location = "${folder}/store/messages"
box-allow-ip = "127.0.0.1"

group = smsc
smsc = smpp
smsc-id = sim
host = 127.0.0.1
port = ${smsc}
smsc-username = u
smsc-password = p
system-type = "x"
transceiver-mode = true
max-pending-submits = 1000

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${http}
sendsms-interface = "127.0.0.1"
log-level = 4
log-file = "${folder}/smsbox.log"
max-pending-requests = 512
http-request-retry = 5
http-queue-delay = 1

group = sendsms-user
username = tester
password = foobar

group = sms-service
keyword = default
text = "no"
`;
}

/** Messages a second through the reference, from HTTP submit to the receipt's request; prints its CPU time. */
export async function kannelRound(count: number, connections: number): Promise<number> {
  const smsc = await new FarEnd("smsc", []).start();
  const sink = await new FarEnd("sink", []).start();
  const kannel = await new Kannel(smsc.port).start();
  const send = async (messages: number, from: number): Promise<void> => {
    await closedLoop(kannel.port, connections, messages, (index) =>
      kannel.request(`+${to(from + index)}`, index, sink.port),
    );
    await sink.arrived(from + messages);
  };
  await send(1_000, 0);
  const before = kannel.cpu();
  const rate = await perSecond(count, () => send(count, 1_000));
  say(`    Kannel ${rate} a second; ${perMessage(before, kannel.cpu(), count)}`);
  await kannel.stop();
  smsc.stop();
  sink.stop();
  return rate;
}
