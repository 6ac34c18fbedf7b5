import { asError } from "../runtime/errors.ts";
import { collectLess } from "../runtime/heap.ts";
import { createLog, logUncaught } from "../runtime/log.ts";
import { letGoOfTerminal } from "../runtime/terminal.ts";
import { Wakeups } from "../store/wakeups.ts";
import { answerFor } from "./engine-answers.ts";
import { makeEngine, START_PATIENCE_MS, storeOf } from "./make-engine.ts";
import { countOf, type EngineStart, type FromEngine, type ToEngine } from "./protocol.ts";

collectLess();

function send(message: FromEngine): void {
  process.send?.(message, undefined, undefined, () => {});
}

/**
 * The process with a further engine of the program: a node of its own, with its own connections to the store, to carriers and to
 * receivers. It accepts nothing, and customers who bind over SMPP are bound to the main process.
 */
async function run({ number, name, reloaded, database, readable, publicUrl }: EngineStart): Promise<void> {
  const { config } = reloaded;
  const log = createLog({ level: config.log.level, name, readable });
  logUncaught(log);
  const { minFreeBytes } = config.database;
  // The disk is looked at where messages are accepted, and by the first engine.
  const { pool, store } = storeOf(name, { database, folder: null, minFreeBytes, log });
  let received = 0;
  const made = makeEngine({
    number,
    name,
    reloaded,
    pool,
    store,
    log,
    publicUrl: () => publicUrl,
    onState: (state) => send({ kind: "state", ...state, received }),
    deliver: async () => "unbound",
  });
  const { engine, traces } = made;
  const wakeups = new Wakeups(database, log, (wakeup) => engine.heard(wakeup));

  let stopping = false;
  const stop = async (deadline: number): Promise<void> => {
    stopping = true;
    await wakeups.stop();
    await engine.stop(deadline);
    await traces?.stop();
    await store.stop();
    await pool.end();
    process.disconnect();
    letGoOfTerminal();
  };
  process.on("message", (message: ToEngine) => {
    if (message.kind === "messages" || message.kind === "bundle") {
      received += countOf(message);
      engine.take(message);
    } else if (message.kind === "lookForLost") engine.lookForLost();
    else if (message.kind === "ask") {
      const { request, question } = message;
      answerFor(made, number, question).then(
        (value) => send({ kind: "answer", request, value }),
        (error: unknown) => send({ kind: "fault", request, message: asError(error).message }),
      );
    } else if (message.kind === "stop") {
      stop(message.deadline).catch((error: unknown) => {
        log.error({ err: asError(error) }, "the engine did not end in order");
        process.exit(1);
      });
    }
  });
  // The main process is gone: nobody would feed this one, start it again or stop the database.
  process.on("disconnect", () => {
    if (!stopping) process.exit(1);
  });
  // The main process says when to stop; a terminal's Ctrl-C, and its closing, reach all of a program's processes.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

  await store.start();
  await engine.start(AbortSignal.timeout(START_PATIENCE_MS));
  await wakeups.start();
  send({ kind: "started" });
}

send({ kind: "loaded" });
process.once("message", (first: ToEngine) => {
  if (first.kind !== "start") process.exit(0);
  run(first).catch((error: unknown) => {
    const { message, code }: NodeJS.ErrnoException = asError(error);
    const failed: FromEngine = { kind: "failed", message, code };
    process.send?.(failed, undefined, undefined, () => process.exit(1));
  });
});
