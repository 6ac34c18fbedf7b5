import type { RouteConfig } from "../../src/config/config.ts";

/** A route with what it does not say at its default. */
export function route(given: Partial<RouteConfig>): RouteConfig {
  return { to: "", channel: "sms", account: null, sender: null, carriers: [], share: [], failover: ["down"], ...given };
}
