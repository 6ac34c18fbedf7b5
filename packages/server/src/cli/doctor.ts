import { Command } from "commander";
import type { Finding } from "./doctor/finding.ts";
import { print } from "./output.ts";
import { durationText, withProgress } from "./progress.ts";

const FAULTS = 1;

interface DoctorOptions {
  config?: string;
  dataDir?: string;
  json?: boolean;
}

/** `mplus doctor`: what is wrong with this installation, for people and for scripts. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("Says what is wrong with this installation, whether it runs or not")
    .option("--config <file>", "configuration file (default: messaging-plus.json, or MPLUS_CONFIG)")
    .option("--data-dir <folder>", "where the embedded database and the keys are kept")
    .option("--json", "print the answer as JSON")
    .addHelpText("after", "\nExit code: 0 without faults, 1 with some, 2 if the command itself is wrong.")
    .action(async ({ config: file, dataDir, json }: DoctorOptions) => {
      const { examine } = await import("./doctor/examine.ts");
      const overrides = dataDir === undefined ? {} : { dataDir };
      const findings = await withProgress(
        (seconds) => `looks, ${durationText(seconds)}`,
        () => examine({ file, env: process.env, cwd: process.cwd(), overrides }),
      );
      const faults = findings.filter(({ level }) => level === "fault").length;
      print({ json }, { faults, findings }, () => [...findings.map(lineOf), "", summary(faults)]);
      process.exitCode = faults > 0 ? FAULTS : 0;
    });
}

function lineOf({ level, about, message }: Finding): string {
  return `${level.padEnd(7)}  ${about.padEnd(13)}  ${message}`;
}

function summary(faults: number): string {
  return faults === 0 ? "no fault was found" : `${faults} ${faults === 1 ? "fault" : "faults"}`;
}
