import { type Endpoint, endpointNumber } from "../message/endpoint.ts";
import { smppUrl } from "../message/smpp-origin.ts";
import { addressPolicyOf } from "../network/policy.ts";
import { webhookExchanger } from "../notify/client/exchanger.ts";
import { telling } from "../notify/endpoint-events/telling.ts";
import { EndpointShares } from "../notify/fairness/shares.ts";
import { Notifier } from "../notify/notifier.ts";
import { Receivers } from "../notify/smpp/receivers.ts";
import type { Webhook } from "../notify/webhook.ts";
import { WebhookClaims } from "../notify/webhook-claims.ts";
import { Gaps } from "../runtime/gaps.ts";
import { Poller } from "../runtime/poller.ts";
import type { Loop } from "../runtime/stuck.ts";
import { withLimit } from "../runtime/with-limit.ts";
import type { FinalRow, WebhookLease } from "../store/messages/finals.ts";
import { wakeOthers } from "../store/wakeups.ts";
import { releaseWebhooks } from "../store/webhooks/claim-webhooks.ts";
import { SILENCE_MS } from "./lease.ts";
import type { Receiver } from "./smpp-binds.ts";
import type { Reloaded, Stage, StageOptions } from "./stage.ts";

const POLL_MS = 500;
const RECEIVERS_POLL_MS = 5_000;

/** The stage that reports to customers on their messages and their endpoints. */
export class NotifyStage implements Stage {
  readonly pollers: readonly Poller[];
  readonly groupCommits: readonly Loop[];
  readonly #options: StageOptions;
  readonly #shares: EndpointShares<Webhook>;
  readonly #notifier: Notifier;
  readonly #claims: WebhookClaims;
  readonly #leases = new Gaps();
  readonly #claim: Poller;
  readonly #receivers: Receivers;
  readonly #lookForReceivers: Poller;
  /** Whether it tells of everything; else of what goes over this program's binds alone. */
  readonly #tellsAll: boolean;

  constructor(options: StageOptions) {
    const { config, pool, log, clock, metrics, partitions, node, holdsLease } = options;
    const { inFlight, perEndpoint, retryDelays } = config.callbacks;
    this.#options = options;
    this.#shares = new EndpointShares<Webhook>({ inFlight, perEndpoint, clock, random: Math.random });
    this.#notifier = new Notifier({
      pool,
      partitions,
      log,
      clock,
      shares: this.#shares,
      exchanger: webhookExchanger(options),
      smpp: options.smpp,
      retryDelays,
      environment: config.environment,
      random: Math.random,
      node,
      holdsLease,
      release: (webhooks) => releaseWebhooks(pool, webhooks, node()),
      onAttempt: (result, outcome) => metrics.attempt(result, outcome.phases.totalMs),
      tracing: options.tracing,
      onRoom: () => this.wake(),
      onHealth: () => tell.wake(),
      onPutOff: (endpoint) => this.#hasten(endpoint),
    });
    const notifier = this.#notifier;
    const receivers = new Receivers({ pool, node, silenceMs: SILENCE_MS });
    this.#receivers = receivers;
    this.#tellsAll = config.roles.includes("webhooks");
    this.#claims = new WebhookClaims({
      pool,
      notifier,
      node,
      holdsLease,
      only: () => (this.#tellsAll ? null : receivers.here),
      elsewhere: () => receivers.elsewhere,
      keepsOrder: (endpoint) => receivers.isHere(endpoint),
      whileNothingEnds: (work) => this.#leases.between(work),
    });
    this.#claim = new Poller(
      "claiming webhooks",
      () => notifier.untilDue(POLL_MS),
      log,
      () => this.#claims.take(),
    );
    const { tell, jobs } = telling({
      pool,
      log,
      clock,
      refresh: () => notifier.refreshHealth(),
      recordStates: () => notifier.recordStates(),
      onTold: () => this.wake(),
    });
    this.#lookForReceivers = new Poller("the look for who is bound where", RECEIVERS_POLL_MS, log, async () => {
      if (await receivers.tell()) await wakeOthers(pool, "receivers");
      const { bound, isFewer } = await receivers.look();
      if (isFewer) this.wake();
      // Tries here in vain may have been recorded after the other program made due what it found in the store.
      for (const endpoint of bound) {
        notifier.boundElsewhere(endpoint);
        this.#hasten(endpoint);
      }
      return false;
    });
    this.pollers = [this.#claim, this.#lookForReceivers, ...jobs];
    this.groupCommits = [notifier.attempts];
  }

  get buffered(): number {
    return this.#notifier.buffered;
  }

  /** Looks who is bound to other programs before anything is claimed: their webhooks would be tried in vain, and put off. */
  async prepare(): Promise<void> {
    await this.#receivers.look();
  }

  has(id: string): boolean {
    return this.#notifier.has(id);
  }

  /** The node that takes the webhooks of the next flush, and the endpoints without room; `leaseEnded` ends it. */
  async lease(): Promise<WebhookLease> {
    await this.#leases.begin();
    if (!this.#tellsAll || !this.#notifier.hasRoom) return { node: 0, full: [] };
    const full = [...this.#notifier.fullEndpoints(), ...this.#receivers.elsewhere];
    return { node: this.#options.node(), full };
  }

  leaseEnded(): void {
    this.#leases.end();
  }

  /** Takes messages that have become final; `lease` says who has their webhooks. */
  takeFinals(finals: readonly FinalRow[], lease: WebhookLease): void {
    this.#notifier.takeFinals(finals, lease);
  }

  /** A customer has bound who takes receipts: his waiting ones are due at once. */
  takesReceipts(receiver: Receiver): void {
    const endpoint = endpointOf(receiver);
    this.#notifier.bound(endpoint);
    this.#hasten(endpoint);
  }

  /** Webhooks in the store for this endpoint are due at once. */
  #hasten(endpoint: Endpoint): void {
    this.#claims.hasten(endpoint);
    this.wake();
  }

  /** These customers are bound to this program, and receive. */
  set receivers(receivers: readonly Receiver[]) {
    this.#receivers.here = receivers.map(endpointOf);
    this.#lookForReceivers.wake();
  }

  /** Customers have bound to another program, or have gone. */
  lookForReceivers(): void {
    this.#lookForReceivers.wake();
  }

  forgetSecrets(): void {
    this.#notifier.forgetSecrets();
  }

  async drain(leftMs: () => number): Promise<void> {
    await withLimit(this.#notifier.stop(), leftMs());
  }

  abort(): void {
    this.#notifier.abort();
  }

  abandon(): void {
    this.#notifier.abandon();
  }

  resume(): void {
    this.#notifier.pump();
  }

  wake(): void {
    this.#claim.wake();
  }

  retune({ config }: Reloaded): void {
    const { inFlight, perEndpoint, retryDelays } = config.callbacks;
    const { log, metrics } = this.#options;
    this.#shares.retune({ inFlight, perEndpoint });
    const { options } = this.#notifier;
    // Exchanges under way end as they began.
    void options.exchanger.close();
    options.exchanger = webhookExchanger({ log, metrics, config, policy: addressPolicyOf(config) });
    options.retryDelays = retryDelays;
    this.#notifier.pump();
  }
}

function endpointOf({ systemId, accountId }: Receiver): Endpoint {
  return { accountId, endpoint: endpointNumber(accountId, smppUrl(systemId)) };
}
