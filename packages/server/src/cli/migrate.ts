import { Command } from "commander";
import { loadConfig } from "../config.ts";
import { createLog } from "../runtime/log.ts";
import { startEmbedded } from "../store/embedded.ts";
import { MIGRATIONS, migrate } from "../store/migrate.ts";
import { print } from "./client.ts";

export function migrateCommand(): Command {
  return new Command("migrate")
    .description("Brings the database's schema up to this program's; `serve` does it too")
    .option("--config <file>", "configuration file")
    .option("--json", "print what was applied as JSON")
    .action(async ({ config: file, json }: { config?: string; json?: boolean }) => {
      const config = loadConfig({ file, env: process.env, cwd: process.cwd() });
      const log = createLog({ level: config.log.level, name: "migrate", readable: process.stderr.isTTY === true });
      const say = (level: "debug" | "info" | "warn" | "error", message: string) => log[level](message);
      const embedded = config.database.url === null ? await startEmbedded({ dataDir: config.dataDir, log: say }) : null;
      try {
        const database = embedded?.connection ?? { connectionString: config.database.url as string };
        const applied = await migrate(database, MIGRATIONS, say);
        const done = () => [applied.length > 0 ? `applied: ${applied.join(", ")}` : "nothing to do"];
        print({ json }, { applied }, done);
      } finally {
        await embedded?.stop();
      }
    });
}
