import { readFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { request as requestOverTls } from "node:https";
import { createConnection } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { within } from "./until.ts";

/** Of programs that speak TLS the certificate is judged, whatever name it has. */
const TRUST = {
  ca: readFileSync(new URL("../notify/certificates/authority.crt", import.meta.url)),
  checkServerIdentity: () => undefined,
};

export interface Answer<Body> {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The text read as JSON; undefined where it is none. */
  body: Body;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: { path: string; message: string }[];
}

export interface MessageAnswers {
  messages: {
    to: string;
    body: string;
    from: { type: string; value: string };
    callback?: string;
    send_at?: string;
    batchUuid: string;
    messageUuid: string;
    scheduled: boolean;
  }[];
}

export interface BatchStatus {
  counts: { total: number; delivered: number; failed: number };
  details: {
    destination: string;
    delivered: boolean;
    failed: boolean;
    batchuuid: string;
    messageuuid: string;
    info: { code: string; description: string } | null;
  }[];
  next?: string | null;
}

export interface RequestOptions {
  /** Sent as it is where it is text or bytes, else as JSON with its type. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Goes into the query; null: no key there. Default: the client's own. */
  key?: string | null;
}

/** A client of the program, for one key. It reads any answer; what it expects is the test's to say. */
export class Api {
  readonly url: string;
  readonly key: string;

  constructor(url: string, key: string) {
    this.url = url;
    this.key = key;
  }

  /** The same for another key. */
  as(key: string): Api {
    return new Api(this.url, key);
  }

  request<Body = Problem>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<Body>> {
    const { body, headers = {}, key = this.key } = options;
    const raw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
    const bytes = raw ? body : JSON.stringify(body);
    const type = raw ? {} : { "content-type": "application/json" };
    const url = new URL(path, this.url);
    // Joined as text: what stands in the path's query is sent as the test wrote it.
    const query = [url.search.slice(1), key === null ? "" : `key=${key}`].filter((part) => part !== "").join("&");
    return new Promise((resolve, reject) => {
      const outgoing = (url.protocol === "https:" ? requestOverTls : request)(url, {
        ...TRUST,
        method,
        path: `${path.split("?", 1)[0]}${query === "" ? "" : `?${query}`}`,
        headers: {
          ...type,
          ...(bytes === undefined ? {} : { "content-length": Buffer.byteLength(bytes) }),
          ...headers,
        },
      });
      outgoing.on("error", reject);
      outgoing.on("response", (response) => {
        text(response).then((answer) => {
          const { statusCode = 0, headers: answered } = response;
          resolve({ status: statusCode, headers: answered, text: answer, body: readJson(answer) as Body });
        }, reject);
      });
      outgoing.end(bytes);
    });
  }

  /** POST /message; rejects unless it is accepted. */
  async send(body: unknown, query = ""): Promise<MessageAnswers["messages"]> {
    const answer = await this.request<MessageAnswers>("POST", `/message${query}`, { body });
    return accepted(answer).messages;
  }

  /** POST /batch; answers the batch's identifier, and rejects unless it is accepted. */
  async sendBatch(body: unknown, query = ""): Promise<string> {
    const answer = await this.request<{ identifier: string }>("POST", `/batch${query}`, { body });
    return accepted(answer).identifier;
  }

  /** GET /batch/{uuid}; rejects unless it is found. */
  async status(uuid: string, query = "?details=true"): Promise<BatchStatus> {
    return accepted(await this.request<BatchStatus>("GET", `/batch/${uuid}${query}`));
  }
}

/**
 * Asks until its turn comes: what waits for five seconds is answered `overloaded`, and nothing of it is done. On a busy
 * machine that is no fault of what is tested.
 */
export async function inTurn<Body>(ask: () => Promise<Answer<Body>>): Promise<Answer<Body>> {
  for (;;) {
    const answer = await ask();
    const { type } = (answer.body ?? {}) as { type?: string };
    if (answer.status !== 503 || type !== "/docs#problem-overloaded") return answer;
  }
}

/** Sends bytes as they are over a connection of their own; answers all that comes back until the program closes it. */
export async function rawExchange(url: string, bytes: string | Uint8Array): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = createConnection(Number(port), hostname);
  socket.write(bytes);
  const answer = await within("the program to close the connection", buffer(socket)).finally(() => socket.destroy());
  return answer.toString("latin1");
}

function accepted<Body>({ status, text: answer, body }: Answer<Body>): Body {
  if (status !== 200) throw new Error(`answered ${status}: ${answer.slice(0, 2_000)}`);
  return body;
}

function readJson(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}
