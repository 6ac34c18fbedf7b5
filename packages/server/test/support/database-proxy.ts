import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestDatabase } from "./database.ts";
import { gate } from "./until.ts";

/** A way to the test database that can be cut: for the program the database is out of reach then. */
export interface DatabaseProxy {
  /** The database as the program is to be given it. */
  database: TestDatabase;
  /** Cuts every connection and refuses new ones. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Takes connections and what is said over them, and passes on nothing. */
  hush(): void;
  /** Passes on what was held back, and everything from now on. */
  speak(): void;
  /** Passes on everything, each way, so many milliseconds later. */
  delay(ms: number): void;
  close(): Promise<void>;
}

export async function databaseProxy(database: TestDatabase): Promise<DatabaseProxy> {
  const target = new URL(database.url);
  const folder = target.searchParams.get("host");
  const port = target.searchParams.get("port") ?? (target.port || "5432");
  const open = new Set<Socket>();
  let voice = gate();
  let delayMs = 0;
  voice.open();
  const relay = (from: Socket, to: Socket): void => {
    let passed = Promise.resolve();
    const pass = (say: () => void): void => {
      const due = Date.now() + delayMs;
      passed = passed
        .then(() => voice.opened)
        .then(() => (due > Date.now() ? sleep(due - Date.now()) : undefined))
        .then(say);
    };
    from.on("data", (chunk) => pass(() => to.write(chunk)));
    from.on("end", () => pass(() => to.end()));
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const at = folder === null ? { port: Number(port), host: target.hostname } : { path: `${folder}/.s.PGSQL.${port}` };
    const far = connect({ ...at, allowHalfOpen: true });
    for (const socket of [near, far]) {
      open.add(socket);
      socket
        .on("error", () => {})
        .on("close", () => {
          open.delete(socket);
          near.destroy();
          far.destroy();
        });
    }
    relay(near, far);
    relay(far, near);
  });
  const listen = (at: number) => new Promise<void>((resolve) => server.listen(at, "127.0.0.1", resolve));
  await listen(0);
  const own = (server.address() as { port: number }).port;
  const url = new URL(`${target.protocol}//${target.username}@127.0.0.1:${own}${target.pathname}`);
  url.password = target.password;
  const cut = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of open) socket.destroy();
    await closed;
  };
  return {
    database: { ...database, url: url.href },
    cut,
    restore: () => listen(own),
    hush: () => {
      voice = gate();
    },
    speak: () => voice.open(),
    delay: (ms) => {
      delayMs = ms;
    },
    close: cut,
  };
}
