import type pg from "pg";

/** The database that `database.url` names cannot be used: the message is one sentence that says what to do. */
export class DatabaseUrlError extends Error {
  override readonly name = "DatabaseUrlError";

  /** The message without the key that it begins with. */
  readonly sentence: string;

  constructor(sentence: string, options?: ErrorOptions, key: "database.url" | "database.schema" = "database.url") {
    super(`${key}: ${sentence}`, options);
    this.sentence = sentence;
  }
}

/** Where a connection leads. */
export type Target = Pick<pg.Client, "host" | "port" | "user" | "database">;

/**
 * Why no connection came about, or why a statement was not allowed, for the operator who wrote `database.url`: by Node's
 * code of the socket, the SQLSTATE (PostgreSQL's documentation, appendix A), or what `pg` says without a code.
 */
export function explainUnreachable(error: Error, target: Target): DatabaseUrlError {
  const { code } = error as { code?: string };
  const sentence = (code !== undefined && BY_CODE[code]?.(target, error.message)) || byMessage(error, target);
  return new DatabaseUrlError(sentence, { cause: error });
}

const at = ({ host, port }: Target) => (host.startsWith("/") ? `${host}/.s.PGSQL.${port}` : `${host}:${port}`);

const BY_CODE: Record<string, (target: Target, message: string) => string> = {
  ECONNREFUSED: (target) => `nothing listens at ${at(target)}: start PostgreSQL there, or correct host and port`,
  ECONNRESET: (target) => `what listens at ${at(target)} ended the connection: is it PostgreSQL?`,
  ENOENT: (target) => `there is no socket ${at(target)}: start PostgreSQL there, or correct its folder and port`,
  EACCES: (target) => `this user may not open the socket ${at(target)}`,
  ENOTFOUND: ({ host }) => `there is no host "${host}": correct its name`,
  EAI_AGAIN: ({ host }) => `the name of the host "${host}" cannot be looked up now: correct it, or the name service`,
  ETIMEDOUT: noAnswer,
  EHOSTUNREACH: noAnswer,
  ENETUNREACH: noAnswer,
  "25006": (target) => `the server at ${at(target)} is a standby`,
  "28P01": ({ user }) => `the server does not take this password of the role "${user}": correct it`,
  "28000": (target, message) =>
    `the server at ${at(target)} does not let the role "${target.user}" in (${message}): create the role, or allow it in pg_hba.conf`,
  "3D000": (target) =>
    `there is no database "${target.database}" at ${at(target)}: correct its name, or create it: CREATE DATABASE ${quoted(target.database)} ENCODING 'UTF8' TEMPLATE template0`,
  "42501": ({ user, database }, message) =>
    `the role "${user}" lacks a right in the database "${database}" (${message}): make it the owner of the schema that it works in`,
  "3F000": ({ user, database }) =>
    `the role "${user}" has no schema to work in in the database "${database}": create one, or correct the role's search_path`,
  "53300": (target) => `the server at ${at(target)} has no connection left: raise its max_connections`,
  "57P03": (target, message) => `the server at ${at(target)} lets nobody in for now (${message}): start again later`,
};

function noAnswer(target: Target): string {
  return `no answer from ${at(target)}: correct host and port, or let the connection through where a firewall stands between`;
}

function byMessage(error: Error, target: Target): string {
  const { message } = error;
  if (/^timeout exp/.test(message)) return noAnswer(target);
  if (/password must be a string/.test(message)) {
    return `the server at ${at(target)} asks for a password of the role "${target.user}", and there is none`;
  }
  // A host of several addresses is tried at each, and the error as a whole says nothing.
  const reasons = error instanceof AggregateError ? error.errors.map((one: Error) => one.message) : [message];
  return `no connection to ${at(target)}: ${reasons.join("; ")}`;
}

function quoted(name = ""): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A server's and a database's facts about themselves. */
export interface Nature {
  /** `server_version_num`, as 160004. */
  version: number;
  /** `getdatabaseencoding()`. */
  encoding: string;
  /** `pg_is_in_recovery()`. */
  standby: boolean;
}

export const NATURE = `
SELECT current_setting('server_version_num')::int AS version, getdatabaseencoding() AS encoding,
       pg_is_in_recovery() AS standby`;

const OLDEST = 14;

/** Why that cannot hold our tables; null where it can. */
export function unusable({ version, encoding, standby }: Nature, target: Target): DatabaseUrlError | null {
  if (version < OLDEST * 10_000) {
    return new DatabaseUrlError(
      `the server at ${at(target)} is PostgreSQL ${Math.floor(version / 10_000)}: use ${OLDEST} or later`,
    );
  }
  if (standby) {
    return new DatabaseUrlError(`the server at ${at(target)} is a standby, which takes no writes: name its primary`);
  }
  if (encoding !== "UTF8") {
    const { database } = target;
    return new DatabaseUrlError(
      `the database "${database}" is encoded in ${encoding}, which cannot hold every text: use one that was made with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`,
    );
  }
  return null;
}
