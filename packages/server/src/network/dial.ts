import { connect, type Socket } from "node:net";

/** Begins a TCP connection to a literal address. */
export type Dial = (target: { host: string; port: number }) => Socket;

/** A new attempt begins when the one before has failed or has taken this long (RFC 8305 §5, "Connection Attempt Delay"). */
const ATTEMPT_DELAY_MS = 250;
/** Most addresses of one host that are tried; all of them are checked. */
const MAX_ATTEMPTS = 8;

export const dialTcp: Dial = ({ host, port }) =>
  connect({ host, port, autoSelectFamily: false, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });

/** The first of a host's addresses to answer, families in turn (RFC 8305 §4). Rejects with the last error. */
export function dialFirst(
  addresses: readonly string[],
  port: number,
  dial: Dial,
  signal: AbortSignal,
): Promise<Socket> {
  const hosts = alternateFamilies(addresses).slice(0, MAX_ATTEMPTS);
  const attempts = new Set<Socket>();
  return new Promise((resolve, reject) => {
    let delayed: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(delayed);
      signal.removeEventListener("abort", abort);
      for (const attempt of attempts) attempt.destroy();
    };
    const abort = (): void => {
      finish();
      reject(signal.reason);
    };
    const next = (): void => {
      clearTimeout(delayed);
      const host = hosts.shift();
      if (host === undefined) return;
      const socket = dial({ host, port });
      attempts.add(socket);
      if (hosts.length > 0) delayed = setTimeout(next, ATTEMPT_DELAY_MS);
      // The listener stays: an error of the winning socket must find one until its next owner has added its own.
      socket.on("error", (error) => {
        if (!attempts.delete(socket)) return;
        if (hosts.length > 0) {
          next();
        } else if (attempts.size === 0) {
          finish();
          reject(error);
        }
      });
      socket.once("connect", () => {
        attempts.delete(socket);
        finish();
        resolve(socket);
      });
    };
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    else next();
  });
}

function alternateFamilies(addresses: readonly string[]): string[] {
  const first = addresses[0]?.includes(":");
  const same = addresses.filter((address) => address.includes(":") === first);
  const other = addresses.filter((address) => address.includes(":") !== first);
  return same.flatMap((address, index) => [address, ...other.slice(index, index + 1)]).concat(other.slice(same.length));
}
