import { readFileSync } from "node:fs";

/** The folder of this package: two up from its sources, from what the compiler makes of them, and from the bundle alike. */
export const PACKAGE_FOLDER = new URL("../../", import.meta.url);

/** The version of this package. */
export const { version } = JSON.parse(readFileSync(new URL("package.json", PACKAGE_FOLDER), "utf8")) as {
  version: string;
};
