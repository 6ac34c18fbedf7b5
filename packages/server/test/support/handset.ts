import { concatenationUdh8, concatenationUdh16, type DeliverSmResp, type Fields } from "@messaging-plus/smpp";
import type { ScriptedSmsc } from "./scripted-smsc.ts";

/** The body of an inbound webhook. */
export interface InboundBody {
  account_uuid: string;
  batch_uuid: string | null;
  message_uuid: string | null;
  mo_uuid: string;
  channel: string;
  message: string;
  at: string;
  from: number;
  to: string;
}

/** A handset that writes by way of the scripted SMSC; each resolves with the program's command_status. */
export class Handset {
  readonly number: string;
  readonly #smsc: ScriptedSmsc;
  #reference = 0;

  constructor(smsc: ScriptedSmsc, number: string) {
    this.#smsc = smsc;
    this.number = number;
  }

  async write(to: string, text: string, fields: Fields<"deliver_sm"> = {}): Promise<number> {
    const answer = await this.deliver({
      destination_addr: to,
      data_coding: 3,
      short_message: Buffer.from(text, "latin1"),
      ...fields,
    });
    return answer.command_status;
  }

  /** Over the given one of the program's binds. */
  deliver(fields: Fields<"deliver_sm">, bind = 0): Promise<DeliverSmResp> {
    return this.#smsc.deliver({ source_addr_ton: 1, source_addr_npi: 1, source_addr: this.number, ...fields }, bind);
  }

  /** The deliver_sm of each part of a long text, as `form` has them. */
  parts(to: string, texts: readonly string[], form: "udh8" | "udh16" | "sar"): Fields<"deliver_sm">[] {
    const reference = ++this.#reference;
    return texts.map((text, index) => {
      const octets = Buffer.from(text, "latin1");
      const common = { destination_addr: to, data_coding: 3 };
      if (form === "sar") {
        const sar = { sar_msg_ref_num: reference, sar_total_segments: texts.length, sar_segment_seqnum: index + 1 };
        return { ...common, short_message: octets, tlvs: sar };
      }
      const header = form === "udh8" ? concatenationUdh8 : concatenationUdh16;
      const short_message = Buffer.concat([header(reference, texts.length, index + 1), octets]);
      return { ...common, esm_class: 0x40, short_message };
    });
  }
}
