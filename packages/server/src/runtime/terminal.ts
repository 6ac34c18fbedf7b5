import { closeSync } from "node:fs";
import { isatty } from "node:tty";

/** The standard descriptors that were a terminal at the start: once it is closed, nothing tells any more. */
const TERMINALS = [0, 1, 2].filter((descriptor) => isatty(descriptor));

/** Whether this program was started from a terminal. */
export const attended = TERMINALS.length > 0;

/**
 * Call it before the exit of a process whose terminal was closed. Node.js restores terminals, and aborts if that fails for
 * any reason but a closed descriptor (`ResetStdio` of src/node.cc, seen with 20.20.2).
 */
export function letGoOfTerminal(): void {
  for (const descriptor of TERMINALS) {
    try {
      closeSync(descriptor);
    } catch {
      // It was closed before.
    }
  }
}
