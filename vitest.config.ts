import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Generous: a busy machine is no fault of the code's, and no test is to say anything of time.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    // Files wait for programs, receivers and timers: over 20 s of a run with two workers two cores were 70 % idle.
    maxWorkers: 4,
    // Files share their worker and its modules: loading these for each of 220 files took over a second of CPU time each.
    isolate: false,
    // Projects run by name: the quick files come last and fill the time in which the last slow ones end.
    projects: [
      {
        extends: true,
        test: {
          name: "program",
          include: ["packages/*/test/**/*.test.ts"],
          globalSetup: ["packages/server/test/global-setup.ts"],
          setupFiles: ["packages/server/test/support/each-file.ts"],
        },
      },
      { extends: true, test: { name: "unit", include: ["packages/*/src/**/*.test.ts"] } },
    ],
  },
});
