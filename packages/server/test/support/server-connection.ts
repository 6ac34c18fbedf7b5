import type pg from "pg";

/** What a test file needs to make its database: a server's connection, and how to copy the template there. */
export interface TestServer {
  connection: pg.ClientConfig;
  template: string;
  /** The end of CREATE DATABASE … TEMPLATE …. */
  copying: string;
}

/** The same server, another database. In a URL it stands in the path, and would win over the `database` beside it. */
export function withDatabase(connection: pg.ClientConfig, database: string): pg.ClientConfig {
  const { connectionString } = connection;
  if (connectionString === undefined) return { ...connection, database };
  return { connectionString: connectionString.replace(/^(\w+:\/\/[^/?]*)(\/[^?]*)?/, `$1/${database}`) };
}

/** The connection as a URL. A socket's folder is the parameter `host`, which wins over the host that a URL must have. */
export function urlOf({ connectionString, user, host, port, database }: pg.ClientConfig): string {
  if (connectionString !== undefined) return connectionString;
  return `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(host!)}&port=${port}`;
}
