import { Agent as HttpAgent, type RequestOptions, request } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP, type LookupFunction, Socket } from "node:net";
import { useAgent } from "request-filtering-agent";
import agentFor from "ssrf-req-filter";

/** How a guard judged a URL: what it would have dialled, or that it refused. */
export type Judgement = { dialled: string } | "refused" | "no URL";

/** The guards of npm, as their documentation has them used. */
export const NPM_GUARDS: Record<string, (url: string) => HttpAgent> = {
  "request-filtering-agent": (url) => useAgent(url, {}),
  "ssrf-req-filter": (url) => agentFor(url),
};

interface ConnectOptions {
  host: string;
  lookup: LookupFunction;
}

/**
 * Has a guard judge a URL without a connection being made: what Node's agents make connections with is put aside for
 * one that does what net.connect does up to there (a literal address is dialled; a name is looked up, each answer is
 * announced by the event `lookup`, and the first is dialled unless the socket was destroyed by then).
 */
export async function judge(
  guard: (url: string) => HttpAgent,
  url: string,
  answers: readonly string[],
): Promise<Judgement> {
  if (!URL.canParse(url)) return "no URL";
  let dialled: string | null = null;
  const connect = ({ host, lookup }: ConnectOptions): Socket => {
    const socket = new Socket();
    const dial = (address: string): void => {
      dialled = address;
      socket.destroy(new Error("nothing is dialled here"));
    };
    process.nextTick(() => {
      if (isIP(host) !== 0) return dial(host);
      lookup(host, { all: true }, (error, addresses) => {
        if (error !== null) return void socket.destroy(error);
        const all = addresses as { address: string; family: number }[];
        for (const { address, family } of all) {
          socket.emit("lookup", null, address, family, host);
          if (socket.destroyed) return;
        }
        dial(all[0]!.address);
      });
    });
    return socket;
  };
  const put = [HttpAgent.prototype, HttpsAgent.prototype].map((prototype) => {
    const agent = prototype as unknown as { createConnection: unknown };
    const own = agent.createConnection;
    agent.createConnection = connect;
    return () => {
      agent.createConnection = own;
    };
  });
  try {
    await new Promise<void>((resolve) => {
      const options: RequestOptions = { agent: guard(url), lookup: answering(answers) };
      request(new URL(url), options)
        .on("error", () => resolve())
        .end();
    });
  } catch {
    // Some throw instead.
  } finally {
    for (const back of put) back();
  }
  return dialled === null ? "refused" : { dialled };
}

function answering(answers: readonly string[]): LookupFunction {
  const addresses = answers.map((address) => ({ address, family: isIP(address) }));
  return (_name, _options, callback) => process.nextTick(() => callback(null, addresses));
}
