import { connect, type Socket } from "node:net";

/** One answer: its status, and how long it took from when it was meant to be sent, in milliseconds. */
export interface Answered {
  status: number;
  ms: number;
}

const HEAD_END = Buffer.from("\r\n\r\n");

/** A keep-alive HTTP/1.1 connection for one request at a time; no more than what a load needs of HTTP. */
export class Connection {
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #answered: ((status: number) => void) | undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (chunk) => this.#data(chunk));
    this.#socket.on("close", () => this.#answered?.(0));
    this.#socket.on("error", () => {});
  }

  send(request: string | Buffer): Promise<number> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.write(request);
    });
  }

  /** Whether the server has closed it, as it does with idle ones. */
  get isClosed(): boolean {
    return this.#socket.closed || this.#socket.readableEnded;
  }

  close(): void {
    this.#socket.destroy();
  }

  #data(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const head = this.#rest.indexOf(HEAD_END);
    if (head < 0) return;
    const text = this.#rest.toString("latin1", 0, head);
    const length = Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0);
    if (this.#rest.length < head + 4 + length) return;
    this.#rest = this.#rest.subarray(head + 4 + length);
    const done = this.#answered;
    this.#answered = undefined;
    done?.(Number(text.slice(9, 12)));
  }
}

export function post(path: string, body: string): string {
  const length = Buffer.byteLength(body);
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;
}

/** A closed loop: `connections` callers, each with its next request as soon as it is answered. Throws at a failure. */
export async function closedLoop(
  port: number,
  connections: number,
  count: number,
  request: (index: number) => string,
): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    const connection = new Connection(port);
    while (next < count) {
      const status = await connection.send(request(next++));
      if (status < 200 || status > 299) throw new Error(`a request was answered with ${status}`);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, caller));
}

/**
 * An open loop: `rate` a second whatever the answers; each is timed from when it was meant to be sent. Throws at the end
 * where some were refused.
 */
export async function openLoop(
  port: number,
  rate: number,
  count: number,
  request: (index: number) => string,
  onPlanned: (index: number, at: number) => void = () => {},
): Promise<Answered[]> {
  const idle: Connection[] = [];
  const answers: Promise<Answered>[] = [];
  const start = performance.now() + 50;
  for (let index = 0; index < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - start) / 1_000) * rate) + 1);
    for (; index < due; index++) {
      const planned = start + (index / rate) * 1_000;
      onPlanned(index, performance.timeOrigin + planned);
      while (idle.at(-1)?.isClosed) idle.pop();
      const connection = idle.pop() ?? new Connection(port);
      answers.push(
        connection.send(request(index)).then((status) => {
          if (status !== 0) idle.push(connection);
          return { status, ms: performance.now() - planned };
        }),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const all = await Promise.all(answers);
  for (const connection of idle) connection.close();
  const refused = all.filter(({ status }) => status < 200 || status > 299);
  if (refused.length > 0) throw new Error(`void: ${refused.length} requests were answered with ${refused[0]!.status}`);
  return all;
}
