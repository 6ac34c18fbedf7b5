import { variableOf } from "../config/given.ts";
import type { PortError, TakenPort } from "../network/free-port.ts";
import { loggedError } from "../runtime/logged-error.ts";
import { shellWord } from "../runtime/shell-word.ts";

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

/** Why a command failed, for the person who gave it. */
export function explain(error: PortError): string | undefined {
  const { code, message, taken } = error;
  if (code === "EADDRINUSE") {
    return `${message}: another program listens there${taken === undefined ? "" : `; another port: ${another(taken)}`}`;
  }
  if (code === "EADDRNOTAVAIL") return `${message}: server.host is no address of this machine`;
  if (code === "EACCES" && error.syscall === "listen") {
    return `${message}: server.port is one that this user may not listen on; from 1024 on everybody may`;
  }
  // Without texts or numbers that an error of the database may quote.
  const logged = loggedError(error);
  return code !== undefined || EXPLAINED.has(error.name) ? logged.message : logged.stack;
}

/** How the program is started at a port that is free. */
function another({ setting, free }: TakenPort): string {
  const [group, name] = setting.split(".") as [string, string];
  const variable = `${variableOf(`MPLUS_${group.toUpperCase()}`, name)}=${free}`;
  return setting === "server.port" ? `${serveAt(free)}, or ${variable}` : variable;
}

/** The start as it was typed, at another port. */
function serveAt(port: number): string {
  const [command, ...typed] = process.argv.slice(2);
  const kept = command === "serve" ? typed.filter((word, at) => !isPort(word) && typed[at - 1] !== "--port") : [];
  const begin = process.env.npm_lifecycle_event === "start" ? "npm start --" : "mplus serve";
  return [begin, ...kept.map(shellWord), "--port", port].join(" ");
}

function isPort(word: string): boolean {
  return word === "--port" || word.startsWith("--port=");
}
