import { keptKeys, knownKey, RevokedKeyError } from "../../account/defaults.ts";
import type { Config } from "../../config/config.ts";
import type { Database } from "../../store/database.ts";
import type { Finding } from "./finding.ts";

/** The findings of a start about the configured keys or, where there are none, about those of `keys.json`. */
export async function lookAtKeys(db: Database, config: Config): Promise<Finding[]> {
  const about = "keys";
  if (config.organizationKey === null && config.accountKey === null) {
    const { notes } = await keptKeys(db, config.dataDir);
    return notes.map((message) => ({ level: "warning", about, message }));
  }
  const findings: Finding[] = [];
  for (const name of ["organizationKey", "accountKey"] as const) {
    await knownKey(db, name, config[name]).catch((error: unknown) => {
      if (!(error instanceof RevokedKeyError)) throw error;
      findings.push({ level: "fault", about, message: error.message });
    });
  }
  return findings;
}
