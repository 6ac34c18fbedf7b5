// Kannel's bearerbox and smsbox, bound to an SMSC.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environment, freePort, listens } from "../servers.mjs";

/**
 * Resolves with what stops it.
 * @param folder gets its files, and is made
 * @param getUrl what smsbox asks for each message from a handset
 * @param http the port of smsbox
 */
export async function startKannel({ host, port, system_id, password, folder, getUrl, http }) {
  const [admin, boxes] = [await freePort(), await freePort()];
  mkdirSync(folder);
  const file = join(folder, "kannel.conf");
  writeFileSync(
    file,
    `group = core
admin-port = ${admin}
admin-interface = "127.0.0.1"
admin-password = bar
smsbox-port = ${boxes}
smsbox-interface = "127.0.0.1"
dlr-storage = internal
box-allow-ip = "127.0.0.1"

group = smsc
smsc = smpp
smsc-id = mplus
host = ${host}
port = ${port}
smsc-username = ${system_id}
smsc-password = ${password}
system-type = ""
transceiver-mode = true

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${http}
sendsms-interface = "127.0.0.1"

group = sendsms-user
username = tester
password = foobar
max-messages = 10
concatenation = true

group = sms-service
keyword = default
max-messages = 0
get-url = "${getUrl}"
`,
  );
  const children = [];
  const start = async (name, listensAt) => {
    children.push(spawn(name, ["-v", "4", file], { cwd: folder, env: environment, stdio: "ignore" }));
    await listens(listensAt);
  };
  const stop = async () => {
    for (const child of children.reverse()) {
      child.kill("SIGTERM");
      const killed = setTimeout(() => child.kill("SIGKILL"), 5_000);
      if (child.exitCode === null) await once(child, "exit");
      clearTimeout(killed);
    }
  };
  try {
    await start("bearerbox", boxes);
    await start("smsbox", http);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
