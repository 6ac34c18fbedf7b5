import { Command } from "commander";
import { version } from "../runtime/package.ts";
import { accountCommand } from "./account.ts";
import { auditCommand } from "./audit.ts";
import { backupCommand, restoreCommand } from "./backup.ts";
import { batchCommand, statusCommand } from "./batch.ts";
import { batchesCommand, cancelCommand } from "./batches.ts";
import { carrierCommand } from "./carrier.ts";
import { completionCommand } from "./completion.ts";
import { doctorCommand } from "./doctor.ts";
import { eraseCommand } from "./erase.ts";
import { codesCommand, healthCommand, languagesCommand, whoamiCommand } from "./facts.ts";
import { findCommand, showCommand } from "./find.ts";
import { listenCommand } from "./listen.ts";
import { migrateCommand } from "./migrate.ts";
import { optOutsCommand } from "./optouts.ts";
import { orgCommand } from "./org.ts";
import { configCommand, reloadCommand } from "./reload.ts";
import { replayCommand } from "./replay.ts";
import { routeCommand } from "./route.ts";
import { secretCommand } from "./secret.ts";
import { sendCommand } from "./send.ts";
import { senderCommand } from "./sender.ts";
import { serveCommand } from "./serve.ts";
import { simulateCommand } from "./simulate.ts";
import { statsCommand } from "./stats.ts";
import { endpointsCommand, inboundCommand, webhookCommand } from "./webhook.ts";

const EXIT_CODES = `
Exit codes:
  0  done
  1  it failed
  2  the command itself is wrong
  3  the program refused the request
  4  there is no such thing
  5  no answer, or none now: the same may succeed later
With --json an error is JSON, too, at standard error.`;

/** `mplus`, with all its commands. */
export function mplusCommand(): Command {
  return new Command("mplus")
    .version(version)
    .description("Messaging Plus: a self-hosted platform for texts that matter")
    .showHelpAfterError("mplus --help lists the commands.")
    .addCommand(serveCommand())
    .addCommand(migrateCommand())
    .addCommand(sendCommand())
    .addCommand(batchCommand())
    .addCommand(statusCommand())
    .addCommand(batchesCommand())
    .addCommand(cancelCommand())
    .addCommand(findCommand())
    .addCommand(showCommand())
    .addCommand(statsCommand())
    .addCommand(codesCommand())
    .addCommand(languagesCommand())
    .addCommand(whoamiCommand())
    .addCommand(orgCommand())
    .addCommand(accountCommand())
    .addCommand(senderCommand())
    .addCommand(secretCommand())
    .addCommand(eraseCommand())
    .addCommand(auditCommand())
    .addCommand(optOutsCommand())
    .addCommand(inboundCommand())
    .addCommand(listenCommand())
    .addCommand(webhookCommand())
    .addCommand(endpointsCommand())
    .addCommand(replayCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addCommand(simulateCommand())
    .addCommand(carrierCommand())
    .addCommand(routeCommand())
    .addCommand(reloadCommand())
    .addCommand(configCommand())
    .addCommand(healthCommand())
    .addCommand(doctorCommand())
    .addCommand(completionCommand())
    .addHelpText("after", EXIT_CODES);
}
