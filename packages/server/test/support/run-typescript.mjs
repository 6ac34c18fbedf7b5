// Runs a TypeScript file of ours in a process of its own, as the tests see it: no build that could be out of date.
import { runnerImport } from "vite";

await runnerImport(process.argv[2], { configFile: false, logLevel: "error" });
