import type { Api } from "./api.ts";

/** An organization for a test, with the clients of its own and of its accounts. */
export interface TestOrganization {
  identifier: string;
  api: Api;
  account(credits?: number, options?: { overdraft?: boolean }): Promise<TestAccount>;
}

export interface TestAccount {
  identifier: string;
  path: string;
  api: Api;
  credits(): Promise<number>;
  ledger(): Promise<LedgerItem[]>;
}

export interface LedgerItem {
  at: string;
  kind: string;
  credits: number;
  balance: number;
  batch_uuid: string | null;
}

interface Made {
  identifier: string;
  apiKey: string;
}

/** @param balance with one, its messages are priced */
export async function testOrganization(operator: Api, balance?: number): Promise<TestOrganization> {
  const body = { name: "test", ...(balance === undefined ? {} : { credits: true, balance }) };
  const { identifier, apiKey } = await ok<Made>(operator, "POST", "/organization", body);
  const api = operator.as(apiKey);
  return {
    identifier,
    api,
    async account(credits = 0, options = {}) {
      const made = await ok<Made>(api, "POST", "/account", { name: "test" });
      const path = `/account/${made.identifier}`;
      if (credits > 0) await ok(api, "PATCH", path, { topup: credits });
      if (options.overdraft === true) await ok(api, "PATCH", path, { overdraft: true });
      return {
        identifier: made.identifier,
        path,
        api: operator.as(made.apiKey),
        credits: async () => (await ok<{ credits: number }>(api, "GET", path)).credits,
        ledger: () => wholeLedger(api, path),
      };
    },
  };
}

/** Every movement, the oldest first. */
async function wholeLedger(api: Api, path: string): Promise<LedgerItem[]> {
  const items: LedgerItem[] = [];
  for (let query = "limit=1000"; ; ) {
    const page = await ok<{ items: LedgerItem[]; next: string | null }>(api, "GET", `${path}/ledger?${query}`);
    items.push(...page.items);
    if (page.next === null) return items.reverse();
    query = `limit=1000&after=${page.next}`;
  }
}

async function ok<Body>(api: Api, method: string, path: string, body?: unknown): Promise<Body> {
  const answer = await api.request<Body>(method, path, body === undefined ? {} : { body });
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.body;
}
