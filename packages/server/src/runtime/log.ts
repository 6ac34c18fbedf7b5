import { type DestinationStream, type Logger, pino } from "pino";
import { loggedError } from "./logged-error.ts";
import { shownText } from "./shown.ts";

export type { Logger };
export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

/** JSON lines on standard error, so that standard output stays for a command's result. */
export function createLog(options: { level: LogLevel; name: string; readable: boolean }): Logger {
  const destination = options.readable ? readableStream() : plainStream();
  const log = pino(
    {
      level: options.level,
      base: { process: options.name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: loggedError },
      onChild: (child) => void children.add(child),
    },
    destination,
  );
  const children = new Set<Logger>();
  childrenOf.set(log, children);
  return log;
}

/** The children of each log: as many as there are carriers and binds. */
const childrenOf = new WeakMap<Logger, Set<Logger>>();

/** Sets the level of a log and of all its children. */
export function setLogLevel(log: Logger, level: LogLevel): void {
  for (const each of [log, ...(childrenOf.get(log) ?? [])]) each.level = level;
}

function plainStream(): DestinationStream {
  const stream = pino.destination({ fd: 2, sync: true });
  // The reader of the log may go before the program, which then works on without one.
  stream.on("error", () => {});
  return stream;
}

/** An uncaught error ends the process, as in Node.js, but goes to the log like any other. */
export function logUncaught(log: Logger): void {
  process.on("uncaughtException", (err) => {
    log.fatal({ err }, "the process ends: an error that nothing caught");
    process.exit(1);
  });
}

/** One short line per record, for a person at a terminal. */
function readableStream(): DestinationStream {
  process.stderr.on("error", () => {});
  return {
    write(line) {
      const { level, time, process: name, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>;
      const fault = err as { message?: string; stack?: string } | undefined;
      const extra = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : "";
      const trace = fault === undefined ? "" : `: ${level === "error" ? fault.stack : fault.message}`;
      const record = `${String(time).slice(11, 19)} ${String(level)} ${String(name)}: ${String(msg)}${trace}${extra}`;
      process.stderr.write(`${shownText(record)}\n`);
    },
  };
}
