import type { Database } from "../database.ts";

/** A URL of an account's, with the number of its endpoint. */
export interface AccountUrl {
  url: string;
  endpoint: number;
}

export interface AccountWebhooks {
  inboundUrl: string | null;
  eventsUrl: string | null;
}

const FIND = `
SELECT inbound_url AS "inboundUrl", events_url AS "eventsUrl" FROM account_webhook WHERE account_id = $1`;

export async function accountWebhooks(db: Database, accountId: number): Promise<AccountWebhooks> {
  const { rows } = await db.query<AccountWebhooks>({ text: FIND, values: [accountId] });
  return rows[0] ?? { inboundUrl: null, eventsUrl: null };
}

const SET_INBOUND = `
INSERT INTO account_webhook (account_id, inbound_url, inbound_endpoint) VALUES ($1, $2, $3)
ON CONFLICT (account_id) DO UPDATE SET inbound_url = $2, inbound_endpoint = $3`;

export async function setInboundUrl(db: Database, accountId: number, to: AccountUrl | null): Promise<void> {
  await db.query({ text: SET_INBOUND, values: [accountId, to?.url ?? null, to?.endpoint ?? null] });
}

const SET_EVENTS = `
INSERT INTO account_webhook (account_id, events_url, events_endpoint) VALUES ($1, $2, $3)
ON CONFLICT (account_id) DO UPDATE SET events_url = $2, events_endpoint = $3`;

/** Without a URL there is nothing to tell any more. */
export async function setEventsUrl(db: Database, accountId: number, to: AccountUrl | null): Promise<void> {
  await db.query({ text: SET_EVENTS, values: [accountId, to?.url ?? null, to?.endpoint ?? null] });
  if (to === null) await db.query({ text: "DELETE FROM endpoint_health WHERE account_id = $1", values: [accountId] });
}
