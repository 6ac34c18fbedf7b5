import { loggedError } from "../runtime/logged-error.ts";

/** Errors that a person can fix: one sentence without a stack. By name, so that no module is loaded for it. */
const EXPLAINED = new Set([
  "BackupError",
  "ConfigError",
  "DatabaseUrlError",
  "EmbeddedDatabaseError",
  "InterruptedError",
  "MigrationError",
  "NoAnswerError",
  "NoKeyError",
  "NotFinalError",
  "ProblemError",
  "RequestError",
  "RevokedKeyError",
]);

interface ListenError extends NodeJS.ErrnoException {
  /** The port that could not be listened on. */
  port?: number;
}

/** Why a command failed, for the person who gave it. */
export function explain(error: ListenError): string | undefined {
  const { code, message, port = 0 } = error;
  if (code === "EADDRINUSE") {
    const begin = process.env.npm_lifecycle_event === "start" ? "npm start --" : "mplus serve";
    return `${message}: another program listens there; another port: ${begin} --port ${port + 1}, or MPLUS_SERVER_PORT=${port + 1}`;
  }
  if (code === "EADDRNOTAVAIL") return `${message}: server.host is no address of this machine`;
  if (code === "EACCES" && error.syscall === "listen") {
    return `${message}: server.port is one that this user may not listen on; from 1024 on everybody may`;
  }
  // Without texts or numbers that an error of the database may quote.
  const logged = loggedError(error);
  return code !== undefined || EXPLAINED.has(error.name) ? logged.message : logged.stack;
}
