import type { Pool } from "pg";
import type { RcsCarrierConfig } from "../../config/config.ts";
import { asError } from "../../runtime/errors.ts";
import type { LastingFault } from "../../runtime/lasting-fault.ts";
import { readServiceAccount } from "../../runtime/service-account.ts";
import { findRich } from "../../store/messages/find-rich.ts";
import type { WaitingMessage } from "../../store/messages/waiting-message.ts";
import { ApiCarrier, type ApiCarrierOptions, REST_MS } from "../api-carrier.ts";
import type { Submission } from "../carrier.ts";
import { NotConnected } from "../http-client.ts";
import { withSaid } from "../with-said.ts";
import { agentMessageRequest, agentMessageVerdict, NO_RCS } from "./agent-message.ts";
import { Capabilities, capabilitiesUrl, isReachable } from "./capabilities.ts";
import { readAnswer, readEvent } from "./event.ts";
import { AccessToken } from "./token.ts";

/**
 * RCS Business Messaging over its REST API. A submit is a request under the message's own id, so that one without an answer
 * is simply repeated. Reports come as events to `POST /rcs/{id}` of any program on the store.
 */
export class RcsCarrier extends ApiCarrier<RcsCarrierConfig> {
  readonly ignoresRepeats = true;
  readonly #pool: Pool;
  readonly #token: AccessToken;
  readonly #capabilities: Capabilities;
  #tellsCapabilities = false;
  readonly #away: LastingFault;
  readonly #noToken: LastingFault;
  readonly #tokenRefused: LastingFault;
  readonly #unread: LastingFault;

  constructor(options: ApiCarrierOptions<RcsCarrierConfig> & { pool: Pool }) {
    super(options);
    this.#pool = options.pool;
    this.#capabilities = new Capabilities(this.clock);
    const endsWhenQuiet = () => this.reachable.isWell;
    this.#away = this.fault("no answer from the RCS platform", { endsWhenQuiet });
    this.#noToken = this.fault("no access token for the RCS platform", { endsWhenQuiet });
    this.#unread = this.fault("the rich content of a message could not be read");
    this.#tokenRefused = this.fault("the RCS platform refused the access token");
    this.#token = new AccessToken(readServiceAccount(this.config.credentialsFile), this.client.post, this.clock);
  }

  override async start(): Promise<void> {
    await super.start();
    if (this.config.clientToken === null) {
      this.log.warn("without a clientToken no events are taken: deliveries by RCS stay unknown");
    }
  }

  takeEvent(event: unknown): Promise<boolean> {
    this.counts.received++;
    const delivery = readEvent(event) ?? readAnswer(event, this.config.agentId);
    return delivery === null ? Promise.resolve(true) : this.deliver(delivery);
  }

  protected async request(message: WaitingMessage): Promise<Submission> {
    let missing = this.#noToken;
    try {
      const token = await this.#token.get();
      missing = this.#away;
      const authorization = `Bearer ${token}`;
      const { destination } = message;
      const startedAt = this.clock.now();
      let reason = "no RCS, as was asked before";
      const known = await this.#capabilities.of(destination, () => {
        reason = "HTTP 404";
        return this.#ask(destination, authorization);
      });
      if (known === false) {
        this.pace.answered();
        return withSaid({ kind: "refused", code: NO_RCS }, this.clock.now() - startedAt, reason);
      }
      missing = this.#unread;
      const rich = message.rich === true ? await findRich(this.#pool, message.id) : null;
      missing = this.#away;
      const { url, body } = agentMessageRequest(message, rich, this.config, this.clock.now());
      const answer = await this.client.post(url, { authorization, "content-type": "application/json" }, body);
      const { status } = answer;
      this.reachable.answered(status);
      const reachable = isReachable(status, answer.body, true);
      if (reachable !== null && reachable !== known) this.#capabilities.note(destination, reachable);
      const submission = this.#conclude(message, token, status);
      return withSaid(submission, this.clock.now() - startedAt, `HTTP ${status}`);
    } catch (error) {
      this.pace.dropped();
      this.reachable.rest(missing, REST_MS, { err: asError(error) });
      return { kind: "later", code: null };
    }
  }

  /** Asks the platform whether the agent reaches the handset; a slow or broken answer holds up no message. */
  async #ask(handset: string, authorization: string): Promise<boolean | null> {
    const url = capabilitiesUrl(handset, this.config);
    try {
      const { status, body } = await this.client.ask({ method: "GET", url, headers: { authorization }, body: null });
      this.reachable.answered(status);
      if (status === 200) this.#tellsCapabilities = true;
      return isReachable(status, body, this.#tellsCapabilities);
    } catch (error) {
      if (error instanceof NotConnected) throw error;
      return null;
    }
  }

  #conclude({ id }: WaitingMessage, token: string, status: number): Submission {
    const verdict = agentMessageVerdict(status);
    switch (verdict.kind) {
      case "accepted":
        this.pace.answered();
        return { kind: "submitted", ids: [id] };
      case "refused":
        this.pace.answered();
        return verdict;
      case "unauthorized":
        this.#tokenRefused.happened();
        this.#token.forget(token);
        this.pace.slowDown("throttled");
        return { kind: "later", code: "54" };
      case "later":
        this.pace.slowDown(verdict.code === "20" ? "throttled" : "queue_full");
        return verdict;
    }
  }
}
