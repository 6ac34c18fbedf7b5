import { createServer } from "node:net";

/** The processes of a program that was just killed release its port within milliseconds. */
const PATIENCE_MS = 2_000;
const AGAIN_MS = 50;

/**
 * Checks that a port can be listened on, and releases it again.
 * @param port 0 for any, of which one is always free
 * @throws the system's error (EADDRINUSE, EADDRNOTAVAIL, EACCES) if it cannot
 */
export async function mustBeFree(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await listenOnce(host, port);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE" || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

function listenOnce(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}
