import type { Binaries } from "./binaries.ts";

/** All that initdb and the server see of an environment: none of ours, nor of PG* variables, reaches them. */
export function serverEnvironment({ libraryPath }: Binaries): NodeJS.ProcessEnv {
  // With TZ set, initdb does not compare the machine's clock with every time zone there is.
  const env = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
  return libraryPath === null ? env : { ...env, LD_LIBRARY_PATH: libraryPath };
}
