import { readFile, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type SimulatedOutcome, simulatedOutcome } from "../../carriers/simulator/outcomes.ts";
import { isDelivered } from "../../message/receipt-codes.ts";
import { phonePage } from "./rcs/page.ts";
import { Phones, readDeed } from "./rcs/phones.ts";
import { type AgentMessage, RcsPlatform, type RcsPlatformOptions, Refusal, type Reply } from "./rcs/platform.ts";
import { type Say, sayer } from "./say.ts";

export interface RcsOptions {
  host: string;
  port: number;
  webhook: string;
  clientToken: string;
  keyFile: string;
  receiptDelay: number;
  readDelay: number;
  json?: boolean;
}

/** Plays an RCS platform until it is told to stop. */
export async function simulateRcs(options: RcsOptions): Promise<void> {
  const { host, port, webhook, clientToken, keyFile, json } = options;
  const say = sayer(json);
  const privateKey = await keyOf(keyFile);
  const platform = new TriedPlatform(
    { clientToken, webhook, ...(privateKey === null ? {} : { privateKey }) },
    options,
    say,
  );
  const listening = await platform.listen(port, host);
  await writeFile(keyFile, `${JSON.stringify(platform.credentials, null, 2)}\n`, { mode: 0o600 });
  const where = { host, port: listening, keyFile };
  say(
    { event: "listening", ...where },
    `the simulated RCS platform listens at ${platform.url}; its key is in ${keyFile}`,
  );
  const stop = (): void => void platform.close();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

/** The key of an earlier run, so that the program need not be started again; null if there is none. */
async function keyOf(keyFile: string): Promise<string | null> {
  try {
    const { private_key, token_uri } = JSON.parse(await readFile(keyFile, "utf8")) as Record<string, string>;
    // The file of a real account is not to be written over.
    if (!/^http:\/\/[^/]+\/token$/.test(token_uri ?? "")) throw new Error(`${keyFile} is not of this simulator`);
    return private_key ?? null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** A handset that SMS reaches. */
const WITHOUT_RCS = "447700900908";
const LONGEST_TIMER_MS = 2_147_483_647;

/** Delivers messages and has them read, as far as their numbers do not choose otherwise, and shows them on phones. */
export class TriedPlatform extends RcsPlatform {
  readonly #delays: Pick<RcsOptions, "receiptDelay" | "readDelay">;
  readonly #say: Say;
  readonly #phones = new Phones();
  readonly #throttled = new Map<string, number>();

  constructor(options: RcsPlatformOptions, delays: Pick<RcsOptions, "receiptDelay" | "readDelay">, say: Say) {
    super(options);
    this.#delays = delays;
    this.#say = say;
  }

  protected override reaches(handset: string): boolean {
    return handset !== WITHOUT_RCS && simulatedOutcome(handset).kind !== "refused";
  }

  protected override replyTo({ handset }: AgentMessage): Reply | null {
    const outcome = simulatedOutcome(handset);
    const turn = this.#throttled.get(handset) ?? 0;
    if (outcome.kind !== "throttled" || turn >= outcome.times) return null;
    this.#throttled.set(handset, turn + 1);
    return 429;
  }

  protected override async onTaken(message: AgentMessage): Promise<void> {
    const { handset, messageId, agentId, body } = message;
    const content = body.contentMessage;
    this.#say(
      { event: "message", handset, messageId, ...body },
      `${agentId} → +${handset}  ${JSON.stringify(content)}`,
    );
    this.#phones.show(handset, { by: "agent", agentId, content });
    const outcome = simulatedOutcome(handset);
    if (outcome.kind === "receipt_first") await this.postEvent("DELIVERED", message);
    else if (outcome.kind !== "no_receipt") this.#report(message, outcome);
  }

  #report(message: AgentMessage, outcome: SimulatedOutcome): void {
    const {
      afterSeconds = this.#delays.receiptDelay,
      code = "00",
      copies = 1,
      reply,
    } = outcome.kind === "receipt" ? outcome : {};
    if (!isDelivered(code)) {
      // The platform's word for a message that it could not deliver comes at the end of its time.
      const seconds = Number.parseFloat(message.body.ttl ?? "0");
      this.later(
        Math.min(seconds * 1_000, LONGEST_TIMER_MS),
        () => void this.postEvent("TTL_EXPIRATION_REVOKED", message),
      );
      return;
    }
    this.later(afterSeconds * 1_000, () => {
      const delivered = Promise.all(Array.from({ length: copies }, () => this.postEvent("DELIVERED", message)));
      this.later(this.#delays.readDelay * 1_000, () => {
        void delivered.then(() => this.postEvent("READ", message));
        if (reply !== undefined) this.#do(message.handset, JSON.stringify({ text: reply }), true);
      });
    });
  }

  protected override onPosted(event: object, status: number | null): void {
    const { eventType, messageId, senderPhoneNumber, phoneNumber } = event as Record<string, string>;
    const what = eventType ?? "answer";
    const line = `${what} of ${senderPhoneNumber ?? phoneNumber}: ${status ?? "the webhook is not set up, or gave no answer"}`;
    this.#say({ event: "posted", what, messageId, status }, line);
  }

  /** `/handset/+447700900123`: its screen; a POST has it do something. */
  protected override async onOther(request: IncomingMessage, response: ServerResponse, body: string): Promise<boolean> {
    const [, handset] = /^\/handset\/(?:\+|%2B)?(\d{7,15})$/i.exec(request.url ?? "") ?? [];
    if (handset === undefined) return false;
    const isJson = !/urlencoded/.test(request.headers["content-type"] ?? "") || body.startsWith("{");
    if (request.method === "POST") {
      const fault = this.#do(handset, body, isJson);
      if (fault !== null) throw new Refusal(400, fault);
      if (isJson) response.writeHead(200, { "content-type": "application/json" }).end("{}");
      else response.writeHead(303, { location: `/handset/${handset}` }).end();
      return true;
    }
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(phonePage(handset, this.#phones.of(handset)));
    return true;
  }

  /** Has a handset do something; a text says why it cannot. */
  #do(handset: string, body: string, isJson: boolean): string | null {
    const deed = readDeed(body, isJson);
    if (deed === null) return 'A handset does {"text"}, {"tap"}, {"file"} or {"location": {"latitude", "longitude"}}.';
    const sent = this.#phones.do(handset, deed);
    if (typeof sent === "string") return sent;
    this.#say(
      { event: "answer", handset, ...sent.content },
      `+${handset} → ${sent.agentId}  ${JSON.stringify(sent.words)}`,
    );
    void this.postAnswer(handset, sent.agentId, sent.content);
    return null;
  }
}
