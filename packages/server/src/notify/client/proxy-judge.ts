import type { ConnectorOptions } from "../../network/connector.ts";
import { proxyAsker } from "../../network/proxy.ts";
import { ProxyAnswers, receiversFault } from "../../network/proxy-answer.ts";
import type { AttemptOutcome } from "./outcome.ts";
import type { ProxyGate } from "./proxy-gate.ts";
import type { ResponseReader } from "./response.ts";

/** How long the result of asking the proxy holds, in ms. */
const BELIEVED_MS = 1_000;
/** Faults of a receiver behind a proxy that also a dying or hanging proxy causes. */
const EITHERS: ReadonlySet<string | null> = new Set(["timeout", "reset", "tls"]);

/** Tells the proxy's faults from the receiver's. */
export class ProxyJudge {
  readonly #gate: ProxyGate;
  readonly #ask: () => Promise<boolean>;
  readonly #answers = new ProxyAnswers();
  #asked: { at: number; alive: Promise<boolean> } | null = null;

  constructor(proxy: URL, gate: ProxyGate, options: ConnectorOptions) {
    this.#gate = gate;
    this.#ask = proxyAsker(proxy, options);
  }

  /**
   * Calls back with the outcome that counts: fault `proxy` if it is not the receiver's.
   * @param probe whether it was sent to a proxy that was at fault
   */
  judge(
    { origin, probe }: { origin: string; probe: boolean },
    outcome: AttemptOutcome,
    reader: ResponseReader,
    judged: (outcome: AttemptOutcome) => void,
  ): void {
    const { status, fault, phases } = outcome;
    if (status !== null) {
      judged(origin.startsWith("http:") ? this.#answered(origin, outcome, status, reader) : outcome);
    } else if (EITHERS.has(fault)) {
      // An exchange under way while the proxy was at fault may have been lost there, even if the proxy answers by now.
      const doubtful = probe || this.#gate.wasAtFault(phases.totalMs);
      void this.#alive().then((alive) => {
        if (alive) this.#gate.works();
        else this.#gate.down("no answer");
        judged(alive && !doubtful ? outcome : { ...outcome, fault: "proxy" });
      });
    } else judged(outcome);
  }

  /** Judges the answer to a request for an http URL: the receiver's, or the proxy's own. */
  #answered(
    origin: string,
    outcome: AttemptOutcome,
    status: number,
    { via, proxyError }: ResponseReader,
  ): AttemptOutcome {
    const answer = { status, via, proxyError };
    if (!this.#answers.isOwn(answer)) {
      this.#gate.served(origin);
      return outcome;
    }
    const unanswered: AttemptOutcome = {
      ...outcome,
      status: null,
      detail: String(status),
      retryAfterMs: null,
      answer: null,
    };
    const fault = receiversFault(answer);
    if (fault !== null) this.#gate.served(origin);
    else if (this.#gate.refused(origin, String(status))) return { ...unanswered, fault: "proxy" };
    return { ...unanswered, fault: fault ?? "connect" };
  }

  #alive(): Promise<boolean> {
    const now = performance.now();
    if (this.#asked === null || this.#asked.at + BELIEVED_MS < now) this.#asked = { at: now, alive: this.#ask() };
    return this.#asked.alive;
  }
}
