import { lookup as systemLookup } from "node:dns";
import { Resolver } from "node:dns/promises";
import { setTimeout as delay } from "node:timers/promises";

/** All addresses of a name, in their textual form. Rejects if there are none. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** How long an answer is kept: a burst of new connections to a host asks once. Well below any sensible TTL. */
const KEEP_MS = 1_000;
/** How much longer than the first the other family's answer may take (RFC 8305 §3 has 50 ms, for people who wait). */
const OTHER_FAMILY_MS = 250;

/**
 * Asks the DNS itself for A and AAAA records: `dns.lookup` takes one of the process's four pool threads for each look-up,
 * so four names with silent servers would stop every other customer's.
 */
export function dnsResolve(timeoutMs: number, resolver = dnsResolver(timeoutMs)): Resolve {
  return shared(async (name) => {
    const queries = [resolver.resolve4(name), resolver.resolve6(name)];
    await Promise.any(queries).catch((none: AggregateError) => Promise.reject(none.errors[0]));
    const answers = await Promise.all(queries.map((query) => Promise.race([query.catch(() => []), late()])));
    return answers.flat();
  });
}

const dnsResolver = (timeoutMs: number): Resolver => new Resolver({ timeout: Math.ceil(timeoutMs / 2), tries: 2 });

const late = (): Promise<string[]> => delay(OTHER_FAMILY_MS, [], { ref: false });

/** Names as the system resolves them, its hosts file included: for deployments whose callbacks are their own. */
export function systemResolve(): Resolve {
  return shared(
    (name) =>
      new Promise((resolve, reject) => {
        systemLookup(name, { all: true }, (error, addresses) => {
          if (error) reject(error);
          else resolve(addresses.map(({ address }) => address));
        });
      }),
  );
}

/** One look-up under way per name, and its answer kept for a moment. */
function shared(resolve: Resolve): Resolve {
  const known = new Map<string, Promise<readonly string[]>>();
  return (name) => {
    let answer = known.get(name);
    if (answer === undefined) {
      answer = resolve(name);
      known.set(name, answer);
      const forget = (): void => void setTimeout(() => known.delete(name), KEEP_MS).unref();
      answer.then(forget, forget);
    }
    return answer;
  };
}
