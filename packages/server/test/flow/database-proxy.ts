import { connect, createServer, type Socket } from "node:net";
import type { TestDatabase } from "../database.ts";

/** A way to the test database that can be cut: for the program the database is out of reach then. */
export interface DatabaseProxy {
  /** The database as the program is to be given it. */
  database: TestDatabase;
  /** Cuts every connection and refuses new ones. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function databaseProxy(database: TestDatabase): Promise<DatabaseProxy> {
  const target = new URL(database.url);
  const folder = target.searchParams.get("host");
  const port = target.searchParams.get("port") ?? (target.port || "5432");
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = folder === null ? connect(Number(port), target.hostname) : connect(`${folder}/.s.PGSQL.${port}`);
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
    near.pipe(far).pipe(near);
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
  return { database: { ...database, url: url.href }, cut, restore: () => listen(own), close: cut };
}
