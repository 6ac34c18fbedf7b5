import { createServer } from "node:net";

/** The processes of a program that was just killed release its port within milliseconds. */
const PATIENCE_MS = 2_000;
const AGAIN_MS = 50;

/** Ports that are looked at for one to advise. */
const LOOK_AT = 100;

/** A port that another program has: the setting that names it, and the next one that is free; 0 if none was found. */
export interface TakenPort {
  setting: "server.port" | "smpp.port";
  free: number;
}

/** The system's error for a port that cannot be listened on (EADDRINUSE, EADDRNOTAVAIL, EACCES). */
export interface PortError extends NodeJS.ErrnoException {
  taken?: TakenPort;
}

/**
 * Checks that a port can be listened on, and releases it again.
 * @param port 0 for any, of which one is always free
 * @param setting the one that names the port
 * @throws PortError if it cannot
 */
export async function mustBeFree(host: string, port: number, setting: TakenPort["setting"]): Promise<void> {
  if (port === 0) return;
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await listenOnce(host, port);
      return;
    } catch (error) {
      const { code } = error as PortError;
      if (code !== "EADDRINUSE") throw error;
      if (performance.now() > until) {
        const taken: TakenPort = { setting, free: await nextFree(host, port) };
        throw Object.assign(error as PortError, { taken });
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/** 0, with which the system chooses, if none of the next ones is. */
async function nextFree(host: string, taken: number): Promise<number> {
  for (let port = taken + 1; port <= Math.min(taken + LOOK_AT, 65_535); port++) {
    try {
      await listenOnce(host, port);
      return port;
    } catch {
      // Taken, too.
    }
  }
  return 0;
}

function listenOnce(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}
