import { changesOf, type FilePrints, filePrints, type ReloadAnswer } from "../config/changes.ts";
import type { Config } from "../config/config.ts";
import { asError } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";

export interface ReloadingOptions {
  /** The configuration of the program's start. */
  config: Config;
  files: FilePrints;
  log: Logger;
  /** Rejects with a ConfigError if it has a fault. */
  reread(): Promise<Config>;
  /** Makes the program use it; if it rejects, nothing has changed. */
  apply(config: Config, files: FilePrints): Promise<void>;
}

/** @param quiet logs nothing if nothing has changed */
export type Reload = (options?: { quiet?: boolean }) => Promise<ReloadAnswer>;

/** A function that reads the configuration anew, one call after the other. It never rejects. */
export function reloading({ config, files, log, reread, apply }: ReloadingOptions): Reload {
  let current = { config, files };
  let last: Promise<unknown> = Promise.resolve();
  const once = async (quiet: boolean): Promise<ReloadAnswer> => {
    try {
      const next = await reread();
      const nextFiles = filePrints(next);
      const { changed, restart, config: effective } = changesOf(current.config, next, current.files, nextFiles);
      if (changed.length > 0) {
        await apply(effective, nextFiles);
        current = { config: effective, files: nextFiles };
      }
      const level = quiet && changed.length === 0 ? "debug" : "info";
      log[level]({ changed, restart }, "the configuration was read anew");
      return { kind: "reloaded", changed, restart };
    } catch (thrown) {
      const err = asError(thrown);
      const [detail = "", ...lines] = err.message.split("\n");
      const faults = lines.map((line) => {
        const [path = "", ...message] = line.trim().split(": ");
        return { path, message: message.join(": ") };
      });
      log.error({ err, faults }, "the new configuration is not taken; the one before goes on");
      return { kind: "refused", detail, faults };
    }
  };
  return ({ quiet = false } = {}) => {
    const next = last.then(() => once(quiet));
    last = next;
    return next;
  };
}
