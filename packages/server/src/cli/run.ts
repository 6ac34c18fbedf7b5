import type { Config } from "../config/config.ts";
import { exposedFiles } from "../config/exposed-files.ts";
import { start } from "../main.ts";
import { killAcceptors } from "../processes/loading-acceptor.ts";
import { asError } from "../runtime/errors.ts";
import { collectLess } from "../runtime/heap.ts";
import { createLog, type Logger, logUncaught } from "../runtime/log.ts";
import { nodeReleaseNotice } from "../runtime/node-release.ts";
import { ownUrl, removeRunning, writeRunning } from "../runtime/running-file.ts";
import { attended, letGoOfTerminal } from "../runtime/terminal.ts";
import { explain } from "./explain.ts";
import { LISTEN_PORT } from "./listen.ts";
import { print, tell } from "./output.ts";
import { startText } from "./start-text.ts";

collectLess();

/** A stop takes at most this long; then the program ends as it is. */
const STOP_MS = 10_000;

export interface Serving {
  /** The configuration file; undefined where none is named. */
  file: string | undefined;
  /** Whether where it listens is printed as JSON. */
  json: boolean;
  /** The configuration, which is being read, and how it is read again. */
  reading: Promise<Config>;
  read(): Promise<Config>;
}

/** Runs the platform until it is told to stop; ends the process. */
export async function serve({ file, json, reading, read }: Serving): Promise<void> {
  try {
    const config = await reading;
    const terminal = process.stdout.isTTY === true;
    const { format, level } = config.log;
    const readable = format === "text" || (format === "auto" && process.stderr.isTTY === true);
    const log = createLog({ level, name: "engine", readable });
    logUncaught(log);
    let onHangUp = (): void => log.warn("SIGHUP changes nothing before the program is ready");
    const stopped = onceSignalled(() => onHangUp());
    const program = await start(config, log, readable, read);
    onHangUp = () => void program.reload();
    const { dataDir, server } = config;
    const { cert } = server.tls;
    const own = ownUrl(server.host, new URL(program.url).port || (cert === null ? 80 : 443), cert !== null);
    const startedAt = new Date().toISOString();
    const running = { url: own, pid: process.pid, started_at: startedAt, tls: cert === null ? null : { cert } };
    await writeRunning(dataDir, running).catch((error: unknown) => {
      log.warn(
        { err: asError(error) },
        "running.json cannot be written to dataDir: commands look where it is configured",
      );
    });
    warnOfSurroundings(file, log);
    const { url, notes } = program;
    // Without the formatting for people: its emphasis is the terminal's own.
    if (json) print({ json }, { url, notes }, () => []);
    else process.stdout.write(`${startText(program, config, { terminal, listenPort: LISTEN_PORT })}\n`);
    const signal = await stopped;
    log.info({ signal }, "stopping");
    await removeRunning(dataDir, process.pid).catch(() => {});
    const deadline = setTimeout(() => {
      log.error(`not stopped within ${STOP_MS / 1_000} s; ended as it is`);
      process.exit(1);
    }, STOP_MS);
    const clean = await program.stop();
    clearTimeout(deadline);
    log.info("stopped");
    if (signal === "SIGHUP") letGoOfTerminal();
    process.exit(clean ? 0 : 1);
  } catch (error) {
    killAcceptors();
    tell(`mplus: ${explain(asError(error)) ?? ""}`);
    process.exit(1);
  }
}

/** Warnings about faults that do not stop this start. */
function warnOfSurroundings(configFile: string | undefined, log: Logger): void {
  const notice = nodeReleaseNotice(process.versions.node);
  if (notice !== null) log.warn(notice);
  for (const { file, mode, remedy } of exposedFiles({ file: configFile, env: process.env, cwd: process.cwd() })) {
    log.warn({ file, mode }, `others on this machine may read a file with keys or passwords: ${remedy}`);
  }
}

/**
 * Resolves at the first signal to stop. A second (npm forwards Ctrl-C, the terminal sends it too) changes nothing. SIGHUP
 * stops a program with a terminal, which was closed; one without reads its configuration anew.
 */
function onceSignalled(onHangUp: () => void): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on("SIGTERM", resolve);
    process.on("SIGINT", resolve);
    process.on("SIGHUP", (signal) => {
      if (attended) resolve(signal);
      else onHangUp();
    });
    // Output to a closed terminal fails, which is no reason to stop without order.
    if (attended) for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  });
}
