import { randomUUID } from "node:crypto";
import type { Clock } from "../../runtime/clock.ts";

/**
 * `GET /v1/phones/{E.164}/capabilities` (phones.getCapabilities): a request with an id of an earlier one is ignored.
 * (https://developers.google.com/business-communications/rcs-business-messaging/reference/rest/v1/phones/getCapabilities,
 * read on 2026-11-29)
 */
export function capabilitiesUrl(handset: string, { baseUrl, agentId }: { baseUrl: string; agentId: string }): string {
  const query = new URLSearchParams({ requestId: randomUUID(), agentId });
  return `${baseUrl.replace(/\/+$/, "")}/v1/phones/+${handset}/capabilities?${query}`;
}

/**
 * Whether an answer says that the agent reaches the handset; null where it says nothing of it.
 * @param isTold whether the platform is known to answer such requests. If it is not, a 404 says that a handset is not reached
 * only as the platform's own error, `{"error": {"code": 404, "status": "NOT_FOUND"}}`: it may have no such resource
 */
export function isReachable(status: number, body: string, isTold: boolean): boolean | null {
  if (status === 200) return true;
  return status === 404 && (isTold || isOwnError(body)) ? false : null;
}

function isOwnError(body: string): boolean {
  try {
    return Object(Object(JSON.parse(body)).error).status === "NOT_FOUND";
  } catch {
    return false;
  }
}

/** Handsets seldom lose RCS, and a message finds out. One that gets it should not miss it for long. */
const KEPT_MS = { reachable: 7 * 86_400_000, unreachable: 3_600_000 };
/** Handsets in memory: about 10 MB. */
const MOST = 100_000;

/** Which handsets have RCS, as the platform has said. */
export class Capabilities {
  readonly #clock: Clock;
  readonly #most: number;
  /** By handset, the oldest first. */
  readonly #known = new Map<string, { reachable: boolean; until: number }>();
  readonly #asked = new Map<string, Promise<boolean | null>>();

  constructor(clock: Clock, most = MOST) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Whether a handset has RCS; null where the platform says nothing of it. Of those who ask at one time the first asks it. */
  async of(handset: string, ask: () => Promise<boolean | null>): Promise<boolean | null> {
    const known = this.#known.get(handset);
    if (known !== undefined && known.until > this.#clock.now()) return known.reachable;
    const underWay = this.#asked.get(handset);
    if (underWay !== undefined) return underWay;
    const asked = ask().finally(() => this.#asked.delete(handset));
    this.#asked.set(handset, asked);
    const reachable = await asked;
    if (reachable !== null) this.note(handset, reachable);
    return reachable;
  }

  note(handset: string, reachable: boolean): void {
    this.#known.delete(handset);
    if (this.#known.size >= this.#most) this.#known.delete(this.#known.keys().next().value as string);
    const until = this.#clock.now() + KEPT_MS[reachable ? "reachable" : "unreachable"];
    this.#known.set(handset, { reachable, until });
  }
}
