import type pg from "pg";
import { urlsOfHosts } from "../runtime/postgres-url.ts";

/** Which of the hosts that a URL names connections are tried with, for all connections of the process. */
export class Hosts {
  readonly urls: readonly string[];
  #at = 0;

  constructor(urls: readonly string[]) {
    this.urls = urls;
  }

  /** The URL with this host alone. */
  get current(): string {
    return this.urls[this.#at]!;
  }

  /** The next is tried from now on, unless it is already. @param url with which there was no connection, or none that takes writes */
  failed(url: string): void {
    if (url === this.current) this.#at = (this.#at + 1) % this.urls.length;
  }
}

const known = new Map<string, Hosts>();

/** Null where there is no choice. */
export function hostsOf({ connectionString }: pg.ClientConfig): Hosts | null {
  const urls = connectionString === undefined ? [] : urlsOfHosts(connectionString);
  if (connectionString === undefined || urls.length < 2) return null;
  const hosts = known.get(connectionString) ?? new Hosts(urls);
  known.set(connectionString, hosts);
  return hosts;
}
