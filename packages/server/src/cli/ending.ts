import { type Command, CommanderError } from "commander";
import { explain } from "./explain.ts";
import { tell } from "./output.ts";

/** Exit codes of commands that fail, for scripts. */
const EXIT = {
  /** Whatever is not of the kinds below. */
  failed: 1,
  /** The command itself is wrong: an option, an argument, no key. */
  use: 2,
  /** The program refused the request. */
  refused: 3,
  notFound: 4,
  /** No answer came, or none now (429, 5xx): the same may succeed later. */
  noAnswer: 5,
} as const;

/** Ends a command that was used wrongly. @param message says how it is used rightly */
export function endWrongUse(command: Command, message: string): never {
  command.error(`mplus: ${message}`, { exitCode: EXIT.use });
}

/** The fields of the client's errors (sdk/src/errors.ts). They are told apart by name: most commands never load the client. */
interface Told extends Error {
  status?: number;
  type?: string;
  detail?: string;
  errors?: unknown[];
}

function exitCodeOf({ name, status = 0 }: Told): number {
  if (name === "NoAnswerError" || name === "NotFinalError") return EXIT.noAnswer;
  if (name === "NoKeyError" || name === "RequestError") return EXIT.use;
  if (name !== "ProblemError") return EXIT.failed;
  if (status === 404) return EXIT.notFound;
  return status === 429 || status >= 500 ? EXIT.noAnswer : EXIT.refused;
}

/**
 * Ends a command that failed: says why at standard error, as JSON where that was asked for, and sets the exit code. Commander has
 * printed what it found wrong, or the help that it was asked for.
 */
export function endWith(error: Error, json: boolean): void {
  if (error instanceof CommanderError) {
    // An action's own error says which code it means; all others are of the command line.
    const exit = error.exitCode === 0 || error.code === "commander.error" ? error.exitCode : EXIT.use;
    process.exitCode = exit;
    if (json && exit !== 0) say({ exit, message: error.message.replace(/^(?:error|mplus): /, "") });
    return;
  }
  const exit = exitCodeOf(error);
  process.exitCode = exit;
  const message = explain(error) ?? "";
  // No line but the first begins as one of ours.
  if (!json) tell(`mplus: ${message.replace(/\n(?! )/g, "\n  ")}`);
  else {
    const { status, type, detail, errors } = error as Told;
    say({ exit, message, ...(error.name === "ProblemError" ? { status, type, detail, errors } : {}) });
  }
}

function say(error: object): void {
  tell(JSON.stringify({ error }));
}
