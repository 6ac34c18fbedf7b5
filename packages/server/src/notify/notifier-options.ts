import type { Pool } from "pg";
import type { Endpoint } from "../message/endpoint.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import type { Exchanger } from "./client/exchange.ts";
import type { AttemptOutcome } from "./client/outcome.ts";
import type { EndpointShares } from "./fairness/shares.ts";
import type { SmppDeliveries } from "./smpp/deliveries.ts";
import type { TriesTracing, Webhook } from "./webhook.ts";

export interface NotifierOptions {
  pool: Pool;
  partitions: Partitions;
  log: Logger;
  clock: Clock;
  exchanger: Exchanger;
  /** Delivers webhooks to `smpp:` URLs. */
  smpp: SmppDeliveries;
  shares: EndpointShares<Webhook>;
  /** Seconds between the tries. */
  retryDelays: readonly number[];
  /** `environment` of the configuration. */
  environment: string;
  random(): number;
  node(): number;
  /** Whether the webhooks in memory are this node's beyond doubt. While they are not, nothing is posted. */
  holdsLease(): boolean;
  /** Gives webhooks back, without a try, to be claimed when there is room. */
  release(webhooks: readonly Webhook[]): Promise<void>;
  /** Called with each recorded try. */
  onAttempt(result: "delivered" | "failed" | "exhausted", outcome: AttemptOutcome): void;
  tracing: TriesTracing | null;
  /** Called when an endpoint that was full may have room again. */
  onRoom(): void;
  /** Called when there may be something to report to an account on its endpoints. */
  onHealth(): void;
  /** Called when a try is recorded as failed that began before a customer bound who takes this endpoint's receipts. */
  onPutOff(endpoint: Endpoint): void;
}
