import { commandStatusName, type SmppClient } from "@messaging-plus/smpp";
import type { Clock } from "../runtime/clock.ts";
import type { CarrierStatus } from "./carrier.ts";

/** The present state of one bind. */
interface Link {
  /** Null while it is bound. */
  why: string | null;
  /** Epoch milliseconds; null while it is bound or being made. */
  nextTryAt: number | null;
  /** When it became so, in epoch milliseconds. */
  at: number;
}

const NOT_YET = "it is being connected to for the first time";

/** Reasons of failed connections, by the system's code. None names an address, because anybody may read them. */
const REASONS: Record<string, string> = {
  ECONNREFUSED: "nothing listens at its host and port",
  ENOTFOUND: "its host is unknown",
  EAI_AGAIN: "the look-up of its host has no answer",
  ETIMEDOUT: "its host does not answer",
  EHOSTUNREACH: "there is no way to its host",
  ENETUNREACH: "there is no way to its host",
  ECONNRESET: "it closed the connection",
  EPIPE: "it closed the connection",
};

/** A carrier's binds: when they came up or went down and why, for its status. */
export class Links {
  readonly #clock: Clock;
  readonly #host: { host: string; port: number };
  readonly #up: () => boolean;
  readonly #links = new Map<SmppClient, Link>();
  readonly #binds: CarrierStatus["bind_counts"] = { bound: 0, refused: 0, failed: 0, lost: 0 };
  #lastStatus: string | null = null;
  #wasUp = false;
  #since: number;

  /** @param up whether the carrier takes messages */
  constructor(clock: Clock, host: { host: string; port: number }, up: () => boolean) {
    this.#clock = clock;
    this.#host = host;
    this.#up = up;
    this.#since = clock.now();
  }

  watch(client: SmppClient): void {
    this.#links.set(client, { why: NOT_YET, nextTryAt: null, at: this.#clock.now() });
    client.on("bound", ({ command_status }) => {
      this.#lastStatus = commandStatusName(command_status);
      this.#ended(client, "bound", null, null);
    });
    client.on("refused", (command_status, retryMs) => {
      this.#lastStatus = commandStatusName(command_status);
      this.#ended(client, "refused", `it refused the bind: ${this.#lastStatus}`, retryMs);
    });
    client.on("failed", (reason, retryMs) => this.#ended(client, "failed", this.#why(reason), retryMs));
    client.on("lost", (reason, retryMs) => this.#ended(client, "lost", this.#why(reason), retryMs));
  }

  get status(): Pick<CarrierStatus, "since" | "why" | "last_status" | "next_try_at" | "bind_counts"> {
    const down = [...this.#links.values()].filter(({ why }) => why !== null);
    const latest = down.reduce<Link | undefined>((best, link) => (best && best.at > link.at ? best : link), undefined);
    const now = this.#clock.now();
    const tries = down.flatMap(({ nextTryAt }) => (nextTryAt !== null && nextTryAt > now ? [nextTryAt] : []));
    return {
      since: new Date(this.#since).toISOString(),
      why: latest?.why ?? null,
      last_status: this.#lastStatus,
      next_try_at: tries.length === 0 ? null : new Date(Math.min(...tries)).toISOString(),
      bind_counts: { ...this.#binds },
    };
  }

  #ended(
    client: SmppClient,
    how: keyof CarrierStatus["bind_counts"],
    why: string | null,
    retryMs: number | null,
  ): void {
    const at = this.#clock.now();
    this.#binds[how]++;
    this.#links.set(client, { why, at, nextTryAt: retryMs === null ? null : at + retryMs });
    if (this.#up() === this.#wasUp) return;
    this.#wasUp = !this.#wasUp;
    this.#since = at;
  }

  #why(error: Error): string {
    for (let each: unknown = error; each instanceof Error; each = each.cause) {
      const { code } = each as NodeJS.ErrnoException;
      if (code !== undefined) return `${REASONS[code] ?? "no connection to it can be made"} (${code})`;
    }
    const { host, port } = this.#host;
    return error.message.replaceAll(`${host}:${port}`, "it").replaceAll(host, "its host");
  }
}
