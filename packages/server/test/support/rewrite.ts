import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Answer } from "./api.ts";
import type { Program } from "./program.ts";

/** The answer of POST /reload. */
export interface Reloaded {
  changed: string[];
  restart: string[];
  others: { state: string; changed: string[]; restart: string[]; errors: { path: string }[] }[];
  type: string;
  errors: { path: string; message: string }[];
}

/** Writes the program's configuration over, but for what each start gives it. */
export function rewrite(program: Program, config: object): void {
  const keys = { organizationKey: program.organizationKey, accountKey: program.api.key };
  const file = { network: "loopback", dataDir: program.folder, server: { port: 0 }, ...keys, ...config };
  writeFileSync(join(program.folder, "config.json"), JSON.stringify(file), { mode: 0o600 });
}

/** Has the program, and others on its store, read their configurations anew. */
export function reload(program: Program, operatorKey: string): Promise<Answer<Reloaded>> {
  return program.api.as(operatorKey).request<Reloaded>("POST", "/reload");
}

/** A program's further life with another configuration, whose `operatorKey` it has. Rejects where it refuses it. */
export async function goOnWith(
  program: Program,
  config: { operatorKey: string } & Record<string, unknown>,
): Promise<Reloaded> {
  rewrite(program, config);
  const { status, text, body } = await reload(program, config.operatorKey);
  if (status !== 200) throw new Error(`the configuration was refused: ${text}`);
  return body;
}
