// What the scripts that start servers of others share.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

export function isInstalled(program) {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { env: environment, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Waits until something listens there, for a minute at most, and only while `mayCome()`. */
export async function listens(port, mayCome = () => true) {
  for (let look = 0; look < 600 && mayCome(); look++) {
    const socket = connect(port, "127.0.0.1");
    const open = await Promise.race([once(socket, "connect").then(() => true), sleep(500, false)]).catch(() => false);
    socket.destroy();
    if (open) return;
    await sleep(100);
  }
  throw new Error("it does not listen");
}
