import { closeSync } from "node:fs";
import { isatty } from "node:tty";

/** The standard descriptors that are a terminal when the program begins: of one that was closed it cannot be told any more. */
const TERMINALS = [0, 1, 2].filter((descriptor) => isatty(descriptor));

/** Somebody is, or was, at the terminal that this program was started from. */
export const attended = TERMINALS.length > 0;

/**
 * To be called before the process exits whose terminal was closed. Node.js sets terminals back as it found them, and
 * aborts where that fails but for a descriptor that was closed (`ResetStdio` of src/node.cc, seen with 20.20.2).
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
