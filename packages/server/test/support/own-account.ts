import type { Api } from "./api.ts";
import type { Program } from "./program.ts";

/** What a test does with the organization's key to the program's default account. */
export interface OwnAccount {
  identifier: string;
  /** A client with the organization's key. */
  organization: Api;
  path(rest: string): string;
}

export async function ownAccount({ api, database, organizationKey }: Program): Promise<OwnAccount> {
  const { rows } = await database.pool.query<{ identifier: string }>("SELECT identifier FROM account ORDER BY id");
  const { identifier } = rows[0]!;
  return { identifier, organization: api.as(organizationKey), path: (rest) => `/account/${identifier}${rest}` };
}
