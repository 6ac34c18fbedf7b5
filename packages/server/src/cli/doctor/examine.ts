import { access, constants } from "node:fs/promises";
import { keysFile } from "../../account/keys-file.ts";
import { type Config, loadConfig } from "../../config/config.ts";
import { exposedFile, exposedFiles } from "../../config/exposed-files.ts";
import { ConfigError, type ConfigSources } from "../../config/given.ts";
import { mustBeFree, type TakenPort } from "../../network/free-port.ts";
import { asError } from "../../runtime/errors.ts";
import { nodeReleaseNotice } from "../../runtime/node-release.ts";
import { explain } from "../explain.ts";
import { countText } from "../output.ts";
import { lookAtDatabase } from "./database.ts";
import type { Finding } from "./finding.ts";
import { lookAtProgram } from "./program.ts";

/** All that can be found out about an installation, in the order in which a start needs it. */
export async function examine(sources: ConfigSources): Promise<Finding[]> {
  const findings = [lookAtNode()];
  let config: Config;
  try {
    config = loadConfig(sources);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const rest: Finding = {
      level: "note",
      about: "configuration",
      message: "the rest needs it: look again afterwards",
    };
    return [...findings, ...faultsOf(error), rest];
  }
  const { carriers, routes } = config;
  const valid = `valid, with ${countText(carriers.length, "carrier")} and ${countText(routes.length, "route")}`;
  findings.push({ level: "ok", about: "configuration", message: valid }, ...lookAtFiles(sources, config));
  findings.push(...(await lookAtFolder(config)));
  const program = await lookAtProgram(config);
  if (!program.runs) findings.push(...(await lookAtPorts(config)));
  return [...findings, ...program.findings, ...(await lookAtDatabase(config))];
}

function lookAtNode(): Finding {
  const notice = nodeReleaseNotice(process.versions.node);
  if (notice !== null) return { level: "warning", about: "node", message: notice };
  return { level: "ok", about: "node", message: `Node.js ${process.versions.node}` };
}

/** Its message has a fault a line, under a heading where there are several. */
function faultsOf({ message }: ConfigError): Finding[] {
  const [first = "", ...faults] = message.split("\n");
  return (faults.length === 0 ? [first] : faults).map((line) => {
    return { level: "fault", about: "configuration", message: line.trim() };
  });
}

function lookAtFiles(sources: ConfigSources, { dataDir }: Config): Finding[] {
  return [...exposedFiles(sources), ...exposedFile(keysFile(dataDir))].map(({ file, mode, remedy }) => ({
    level: "warning",
    about: "files",
    message: `others on this machine may read ${file} (mode ${mode}), which has keys or passwords: ${remedy}`,
  }));
}

/** A folder that is not there is made by the start. */
async function lookAtFolder({ dataDir }: Config): Promise<Finding[]> {
  try {
    await access(dataDir, constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    return [{ level: "fault", about: "files", message: `dataDir: this user may not write to ${dataDir} (${code})` }];
  }
}

/** The ports that a start would take. */
async function lookAtPorts({ server, smpp, roles }: Config): Promise<Finding[]> {
  const findings: Finding[] = [];
  const look = async (host: string, port: number, setting: TakenPort["setting"]): Promise<void> => {
    await mustBeFree(host, port, setting).catch((error: unknown) => {
      findings.push({ level: "fault", about: "port", message: explain(asError(error)) ?? "" });
    });
  };
  await look(server.host, server.port, "server.port");
  if (smpp.port !== null && roles.includes("api")) await look(smpp.host, smpp.port, "smpp.port");
  return findings;
}
