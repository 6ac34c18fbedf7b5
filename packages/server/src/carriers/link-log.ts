import { commandStatusName, type SmppClient } from "@messaging-plus/smpp";
import { LastingFault } from "../runtime/lasting-fault.ts";
import type { Logger } from "../runtime/log.ts";

/**
 * Logs a bind's faults in a few lines a minute, whatever the carrier does. A carrier that speaks no SMPP, takes each bind
 * and drops it, or answers requests that nobody made would otherwise fill a disk with lines.
 */
export function logLink(client: SmppClient, log: Logger): void {
  const endsWhenQuiet = () => client.state === "bound";
  const refused = new LastingFault({ log, what: "the carrier refused the bind", level: "error", endsWhenQuiet });
  const away = new LastingFault({ log, what: "no link to the carrier", endsWhenQuiet });
  const malformed = new LastingFault({ log, what: "the carrier sent octets that are no PDU" });
  const unexpected = new LastingFault({ log, what: "an answer to no request" });
  const all = [refused, away, malformed, unexpected];

  /** Of a link that comes and goes, the log has the first coming, and then that it stays. */
  let toldBound = false;
  const down = (fault: LastingFault, details: object): void => {
    if (!refused.lasts && !away.lasts) toldBound = false;
    fault.happened(details);
  };
  client.on("bound", () => {
    if (!toldBound) log.info("bound");
    toldBound = true;
  });
  client.on("refused", (status, retryMs) => {
    down(refused, { command_status: commandStatusName(status), retryMs });
  });
  client.on("failed", (err, retryMs) => down(away, { err, retryMs }));
  client.on("lost", (err, retryMs) => down(away, { err, retryMs }));
  client.on("fault", (err) => malformed.happened({ err }));
  client.on("unexpected", ({ command }) => unexpected.happened({ command }));
  client.on("closed", () => {
    for (const fault of all) fault.stop();
  });
}
