import { vi } from "vitest";
import type { Ended } from "./mplus.ts";

const MAIN = new URL("../../src/cli/main.ts", import.meta.url).href;
let runs = 0;

/**
 * Runs a command as `mplus` does, but in this process: its start takes more than most commands do. Signals, input and the
 * end of output are for `mplus` to show. One at a time.
 */
export async function command(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const { argv, env: surroundings, exitCode } = process;
  const said = { stdout: "", stderr: "" };
  const spies = [
    vi.spyOn(process, "cwd").mockReturnValue("/"),
    ...(["stdout", "stderr"] as const).map((name) => {
      return vi.spyOn(process[name], "write").mockImplementation((text) => {
        said[name] += text;
        return true;
      });
    }),
  ];
  const listeners = [process.stdout, process.stderr].map((stream) => ({ stream, before: stream.listeners("error") }));
  process.argv = [argv[0]!, "mplus", ...args];
  process.env = { PATH: surroundings.PATH, ...env };
  process.exitCode = undefined;
  try {
    // It runs as it is imported; the query makes it another module each time.
    await import(`${MAIN}?${runs++}`);
    return { code: Number(process.exitCode ?? 0), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
    for (const { stream, before } of listeners) {
      for (const each of stream.listeners("error")) if (!before.includes(each)) stream.off("error", each as () => void);
    }
    Object.assign(process, { argv, env: surroundings, exitCode });
  }
}
