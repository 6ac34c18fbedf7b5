import { Command } from "commander";
import { accountCommand } from "./account.ts";
import { listenCommand } from "./listen.ts";
import { migrateCommand } from "./migrate.ts";
import { orgCommand } from "./org.ts";
import { replayCommand } from "./replay.ts";
import { secretCommand } from "./secret.ts";
import { batchCommand, sendCommand, statusCommand } from "./send.ts";
import { senderCommand } from "./sender.ts";
import { serveCommand } from "./serve.ts";

const program = new Command("mplus")
  .description("Messaging Plus: a self-hosted platform for texts that matter")
  .showHelpAfterError()
  .addCommand(serveCommand())
  .addCommand(migrateCommand())
  .addCommand(sendCommand())
  .addCommand(batchCommand())
  .addCommand(statusCommand())
  .addCommand(orgCommand())
  .addCommand(accountCommand())
  .addCommand(senderCommand())
  .addCommand(secretCommand())
  .addCommand(listenCommand())
  .addCommand(replayCommand());

await program.parseAsync();
