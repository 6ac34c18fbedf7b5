import { asError } from "../runtime/errors.ts";
import { explain } from "./explain.ts";
import { mplusCommand } from "./program.ts";

try {
  await mplusCommand().parseAsync();
} catch (error) {
  process.stderr.write(`mplus: ${explain(asError(error))}\n`);
  process.exitCode = 1;
}
