import {
  type Concatenation,
  commandStatus,
  type DataSmResp,
  type DeliverSmResp,
  type Fields,
  type ServerSession,
  SmppServer,
  type SubmitAnswer,
  type SubmitSm,
} from "@messaging-plus/smpp";
import { readSubmit, receiptFields, receiptText } from "./smsc-pdus.ts";
import { until } from "./until.ts";

/** A receipt that the SMSC sends; what is left out is as most carriers have it. */
export interface SmscReceipt {
  /** The message's id as the receipt spells it. Default: as the submit's answer did. */
  id?: string;
  stat?: string;
  err?: string;
  /** As appendix B's text, as TLVs alone, as both, or as text in message_payload. */
  form?: "text" | "tlv" | "both" | "payload";
  esm_class?: number;
  /** The handset that it names. Default: the message's own. */
  source_addr?: string;
  networkError?: { network_type: number; error_code: number };
}

/** What the SMSC does with one submit_sm. */
export interface SmscReply {
  command_status?: number;
  message_id?: string;
  /** Sent, and answered by the program, before the submit's answer goes out. */
  early?: SmscReceipt[];
  /** Sent right after the submit's answer. Default: one that says delivered, where the submit was taken. */
  receipts?: SmscReceipt[];
  /** The answer goes out once this resolves; one that never does is an answer that never comes. */
  when?: Promise<unknown>;
  /** Cuts the connection instead of answering. */
  cut?: boolean;
}

/** A submit_sm as it came in. */
export interface Submitted extends SubmitSm {
  /** The short message without its user data header, in characters. */
  text: string;
  /** Which part it is, of how many, where it is a part. */
  part: Concatenation | undefined;
}

export type SmscScript = (submit: Submitted, count: number) => SmscReply;

/** An SMSC on a loopback port of its own that does what the test says. */
export class ScriptedSmsc {
  readonly submits: Submitted[] = [];
  /** How often somebody has bound, and was refused because there were as many binds as it allows. */
  binds = 0;
  refused = 0;
  readonly #scripts = new Map<string, SmscScript>();
  readonly #server: SmppServer;
  readonly #handsetOf = new Map<string, string>();
  #nextId = 0;
  #port = 0;

  /** @param mostBinds at one time */
  constructor(mostBinds = Number.POSITIVE_INFINITY) {
    this.#server = new SmppServer({
      window: 1_000,
      system_id: "scripted",
      onBind: (_bind, session) => {
        if (this.bound >= mostBinds) {
          this.refused++;
          return commandStatus.ESME_RALYBND;
        }
        this.binds++;
        session.onSubmit = (pdu) => this.#submitted(pdu, session);
        return 0;
      },
    });
  }

  async listen(): Promise<void> {
    this.#port = (await this.#server.listen(0)).port;
  }

  /** Binds that there are now. */
  get bound(): number {
    return this.#server.sessions.length;
  }

  /** A carrier's configuration that leads here. */
  carrier(settings: Record<string, unknown> = {}): Record<string, unknown> {
    return { id: "scripted", type: "smpp", host: "127.0.0.1", port: this.#port, systemId: "esme", ...settings };
  }

  /** What to do with submits to a number (digits); `count` numbers them from 1. */
  script(destination: string, script: SmscScript | SmscReply): void {
    this.#scripts.set(destination, typeof script === "function" ? script : () => script);
  }

  to(destination: string): Submitted[] {
    return this.submits.filter((submit) => submit.destination_addr === destination);
  }

  /** Waits until there are `count` submits to a number. */
  waitFor(destination: string, count = 1): Promise<Submitted[]> {
    return until(
      `${count} submits to ${destination}`,
      () => this.to(destination).length >= count && this.to(destination),
      () => this.submits.slice(-20).map((submit) => submit.destination_addr),
    );
  }

  /** The ids that submits to a number were answered with, in their order. */
  idsOf(destination: string): string[] {
    return [...this.#handsetOf].filter(([, handset]) => handset === destination).map(([id]) => id);
  }

  /** The last of these. */
  idOf(destination: string): string {
    const id = this.idsOf(destination).at(-1);
    if (id === undefined) throw new Error(`nothing was submitted to ${destination}`);
    return id;
  }

  /** Sends a receipt over the given one of the binds that take some; resolves with the program's answer to it. */
  async receipt(receipt: SmscReceipt & { id: string }, bind = 0): Promise<DeliverSmResp> {
    const session = await until(
      `bind ${bind} of those that take receipts`,
      () => this.#server.sessions.filter(({ free }) => free > 0)[bind],
    );
    return session.deliver(fieldsOf(receipt, receipt.id, this.#handsetOf.get(receipt.id) ?? "447700900999"));
  }

  /** A receipt in a data_sm, which has no short_message. */
  async receiptInDataSm(receipt: SmscReceipt & { id: string }): Promise<DataSmResp> {
    const session = await until("a bind that takes receipts", () => this.#server.sessions.find(({ free }) => free > 0));
    const handset = this.#handsetOf.get(receipt.id) ?? "447700900999";
    const { short_message: _, ...fields } = fieldsOf({ form: "payload", ...receipt }, receipt.id, handset);
    return session.dataSm(fields);
  }

  /** Any deliver_sm, over the given one of the binds that take receipts. */
  async deliver(fields: Fields<"deliver_sm">, bind = 0): Promise<DeliverSmResp> {
    const session = await until(
      `bind ${bind} of those that take receipts`,
      () => this.#server.sessions.filter(({ free }) => free > 0)[bind],
    );
    return session.deliver(fields);
  }

  async close(): Promise<void> {
    await this.#server.close({ timeoutMs: 200 });
  }

  async #submitted(pdu: SubmitSm, session: ServerSession): Promise<SubmitAnswer> {
    const { destination_addr } = pdu;
    const submit = { ...pdu, ...readSubmit(pdu) };
    this.submits.push(submit);
    const reply = this.#scripts.get(destination_addr)?.(submit, this.to(destination_addr).length) ?? {};
    const message_id = reply.message_id ?? `id-${++this.#nextId}`;
    this.#handsetOf.set(message_id, destination_addr);
    for (const receipt of reply.early ?? []) {
      await session.deliver(fieldsOf(receipt, message_id, destination_addr));
    }
    await reply.when;
    if (reply.cut === true) session.destroy();
    const command_status = reply.command_status ?? 0;
    if (command_status !== 0) return { command_status };
    // After the answer on the wire: it is written when this function's promise has resolved.
    setImmediate(() => {
      for (const receipt of reply.receipts ?? [{}]) {
        session.deliver(fieldsOf(receipt, message_id, destination_addr)).catch(() => {});
      }
    });
    return { command_status, message_id };
  }
}

export async function scriptedSmsc(mostBinds?: number): Promise<ScriptedSmsc> {
  const smsc = new ScriptedSmsc(mostBinds);
  await smsc.listen();
  return smsc;
}

/** message_state by `stat` (SMPP 3.4 §5.2.28, appendix B). */
const STATES: Record<string, number> = { ENROUTE: 1, DELIVRD: 2, EXPIRED: 3, DELETED: 4, UNDELIV: 5, ACCEPTD: 6 };

function fieldsOf(receipt: SmscReceipt, message_id: string, handset: string): Fields<"deliver_sm"> {
  const { id = message_id, stat = "DELIVRD", err = "000", form = "text", esm_class = 0x04, networkError } = receipt;
  const octets = receiptText({ id, stat, err });
  const inTlvs = form === "tlv" || form === "both";
  return {
    ...receiptFields(receipt.source_addr ?? handset, { id }),
    esm_class,
    short_message: form === "text" || form === "both" ? octets : Buffer.alloc(0),
    tlvs: {
      ...(form === "payload" ? { message_payload: octets } : {}),
      ...(inTlvs ? { receipted_message_id: id, message_state: STATES[stat] ?? 7 } : {}),
      ...(networkError === undefined ? {} : { network_error_code: networkError }),
    },
  };
}
