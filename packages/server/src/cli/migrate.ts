import { Command } from "commander";
import type { StoreConfig } from "../store/client.ts";
import { type ConfirmOptions, confirm, withConfirmation } from "./confirm.ts";
import { print } from "./output.ts";
import { durationText, withProgress } from "./progress.ts";

interface MigrateOptions extends ConfirmOptions {
  config?: string;
  json?: boolean;
  finish?: boolean;
}

export function migrateCommand(): Command {
  return withConfirmation(new Command("migrate"))
    .description("Brings the database's schema up to this program's; `serve` does it too")
    .option("--config <file>", "configuration file")
    .option("--finish", "also what would break programs of the version before; refused while one runs")
    .option("--json", "print what was applied as JSON")
    .action(async (options: MigrateOptions, command: Command) => {
      const { config: file, json, finish = false } = options;
      const [{ loadConfig }, { MIGRATIONS, migrate }, { commandLog, onStore }] = await Promise.all([
        import("../config/config.ts"),
        import("../store/upkeep/migrate.ts"),
        import("./store.ts"),
      ]);
      const config = loadConfig({ file, env: process.env, cwd: process.cwd() });
      const log = commandLog(config, "migrate");
      const { applied, waiting } = await onStore(config, log, "beside a program", async (database) => {
        if (finish && (await isBehind(database))) {
          await confirm(command, options, "Programs of the version before no longer run on this store.");
        }
        return withProgress(
          (seconds) => `migrates, ${durationText(seconds)}`,
          () => migrate(database, MIGRATIONS, (level, message) => log[level](message), { finish }),
        );
      });
      const done = () => [
        applied.length > 0 ? `applied: ${applied.join(", ")}` : "nothing to do",
        ...(waiting.length > 0
          ? [`waiting for --finish, once no program of the version before runs: ${waiting.join(", ")}`]
          : []),
      ];
      print({ json }, { applied, waiting }, done);
    });
}

/** Whether a store that has been used is of a version before this program's. */
async function isBehind(database: StoreConfig): Promise<boolean> {
  const [{ connect }, { MIGRATIONS, stateOfSchema }] = await Promise.all([
    import("../store/connect.ts"),
    import("../store/upkeep/migrate.ts"),
  ]);
  const client = await connect(database, "messaging-plus migrate");
  try {
    const { applied, known } = await stateOfSchema(client, MIGRATIONS);
    return applied > 0 && applied < known;
  } finally {
    await client.end();
  }
}
