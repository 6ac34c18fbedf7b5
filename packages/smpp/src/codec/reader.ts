import { BodyFault } from "./error.ts";
import { commandStatus } from "./status.ts";

/** Reads the fields of one PDU and never past its end: a cut field is a `BodyFault`. */
export class PduReader {
  readonly #buffer: Buffer;
  readonly end: number;
  offset: number;

  constructor(buffer: Buffer, offset: number, end: number) {
    this.#buffer = buffer;
    this.offset = offset;
    this.end = end;
  }

  get left(): number {
    return this.end - this.offset;
  }

  u8(): number {
    if (this.offset >= this.end) throw cut();
    return this.#buffer[this.offset++] as number;
  }

  /** The octet `ahead` octets on, which must exist; takes nothing. */
  peekU8(ahead: number): number {
    return this.#buffer.readUInt8(this.offset + ahead);
  }

  /** The rest of the body; takes nothing. */
  peek(): Buffer {
    return this.#buffer.subarray(this.offset, this.end);
  }

  /** The 16 bits that begin `ahead` octets on, which must exist; takes nothing. */
  peekU16(ahead: number): number {
    return this.#buffer.readUInt16BE(this.offset + ahead);
  }

  u16(): number {
    const high = this.u8();
    return (high << 8) | this.u8();
  }

  u32(): number {
    const high = this.u16();
    return high * 0x10000 + this.u16();
  }

  /**
   * A C-octet string, §3.1, without its NUL. Read as Latin-1, so that no octet of a peer is lost. The standard's maximum
   * lengths are not enforced (peers exceed them); the end of the frame is.
   */
  cString(): string {
    const buffer = this.#buffer;
    const start = this.offset;
    let at = start;
    while (at < this.end && buffer[at] !== 0) at++;
    if (at === this.end) throw cut();
    this.offset = at + 1;
    return at === start ? "" : buffer.toString("latin1", start, at);
  }

  /** A C-octet string that ends the body, whose NUL the peer may have left out. */
  lastString(): string {
    const nul = this.#buffer.indexOf(0, this.offset);
    if (nul >= 0 && nul < this.end) return this.cString();
    return this.octets(this.left).toString("latin1");
  }

  /** `length` octets that share memory with the received buffer. */
  octets(length: number): Buffer {
    if (length > this.left) throw cut();
    const start = this.offset;
    this.offset += length;
    return this.#buffer.subarray(start, this.offset);
  }

  /** `sm_length` and `short_message`. */
  shortMessage(): Buffer {
    const length = this.u8();
    if (length > this.left) {
      throw new BodyFault(`sm_length says ${length} octets, ${this.left} are left`, commandStatus.ESME_RINVMSGLEN);
    }
    return this.octets(length);
  }
}

function cut(): BodyFault {
  return new BodyFault("the body ends within a mandatory field", commandStatus.ESME_RINVCMDLEN);
}
