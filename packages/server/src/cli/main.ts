import { asError } from "../runtime/errors.ts";
import { shownText } from "../runtime/shown.ts";
import { explain } from "./explain.ts";
import { mplusCommand } from "./program.ts";

try {
  await mplusCommand().parseAsync();
} catch (error) {
  process.stderr.write(`mplus: ${shownText(explain(asError(error)) ?? "")}\n`);
  process.exitCode = 1;
}
