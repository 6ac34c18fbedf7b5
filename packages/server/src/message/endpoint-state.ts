/** How an endpoint does, by the numbers that rows have. */
export const ENDPOINT_STATES = ["ok", "failing", "probed"] as const;
export type EndpointStateName = (typeof ENDPOINT_STATES)[number];
export const OK = 0;
/** Its last try has failed. */
export const FAILING = 1;
/** So many webhooks in a row have failed that it is left alone but for probes. */
export const PROBED = 2;
