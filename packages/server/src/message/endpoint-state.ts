/** The states of an endpoint, in the order of their numbers in rows. */
export const ENDPOINT_STATES = ["ok", "failing", "probed"] as const;
export type EndpointStateName = (typeof ENDPOINT_STATES)[number];
export const OK = 0;
/** Its last try has failed. */
export const FAILING = 1;
/** So many webhooks have failed in a row (`FAILING_AFTER`) that it gets probes only. */
export const PROBED = 2;
