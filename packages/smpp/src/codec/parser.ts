import { decodePdu } from "./decode.ts";
import { PduError } from "./error.ts";
import type { Pdu } from "./pdu.ts";
import { commandStatus } from "./status.ts";

/** One received frame: a PDU and its number of octets, or the reason why it is none. */
export type Parsed =
  | { readonly pdu: Pdu; readonly length: number; readonly fault?: never }
  | { readonly fault: PduError; readonly pdu?: never };

const HTTP = 0x48545450;

/**
 * Cuts a stream of octets, in chunks of any size, into PDUs.
 *
 * Frames that lie whole in a chunk are read in place; a frame that spans chunks is gathered in a buffer of its own size, so
 * that no octet is copied more than once however small the chunks are.
 */
export class PduParser {
  readonly #maxLength: number;
  readonly #lengthField = Buffer.alloc(4);
  /** The frame being received: `#lengthField` until its length is known, then a buffer of that length. */
  #partial: Buffer = this.#lengthField;
  #filled = 0;
  #broken = false;

  /** @param maxLength the longest frame accepted, in octets */
  constructor(maxLength = 65_536) {
    this.#maxLength = maxLength;
  }

  /**
   * The frames that `chunk` completes, in order. After a fatal fault, always the last, nothing is read any more. Buffers
   * of the PDUs share memory with `chunk`.
   */
  push(chunk: Buffer): Parsed[] {
    const parsed: Parsed[] = [];
    let at = 0;
    while (!this.#broken) {
      if (this.#filled === 0) {
        at = this.#readWhole(chunk, at, parsed);
        if (this.#broken) break;
      }
      if (at === chunk.length) break;
      const copied = chunk.copy(this.#partial, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled < this.#partial.length) break;
      if (this.#partial === this.#lengthField) this.#beginFrame(parsed);
      else this.#endFrame(parsed);
    }
    return parsed;
  }

  /** Reads the frames that lie whole in `chunk` from `at` on; returns the start of the first that does not. */
  #readWhole(chunk: Buffer, from: number, parsed: Parsed[]): number {
    let at = from;
    while (chunk.length - at >= 4) {
      const length = chunk.readUInt32BE(at);
      if (!this.#sane(length, parsed) || chunk.length - at < length) break;
      parsed.push(read(chunk, at, at + length));
      at += length;
    }
    return at;
  }

  #beginFrame(parsed: Parsed[]): void {
    const length = this.#lengthField.readUInt32BE(0);
    if (!this.#sane(length, parsed)) return;
    this.#partial = Buffer.allocUnsafe(length);
    this.#partial.set(this.#lengthField);
  }

  #endFrame(parsed: Parsed[]): void {
    parsed.push(read(this.#partial, 0, this.#partial.length));
    this.#partial = this.#lengthField;
    this.#filled = 0;
  }

  #sane(length: number, parsed: Parsed[]): boolean {
    if (length >= 16 && length <= this.#maxLength) return true;
    this.#broken = true;
    const what =
      length === HTTP
        ? 'the peer speaks HTTP, not SMPP (command_length spells "HTTP")'
        : `command_length ${length} is not between 16 and ${this.#maxLength}`;
    const about = { commandStatus: commandStatus.ESME_RINVCMDLEN, command_id: 0, sequence_number: 0, fatal: true };
    parsed.push({ fault: new PduError(what, about) });
    return false;
  }
}

function read(buffer: Buffer, start: number, end: number): Parsed {
  try {
    return { pdu: decodePdu(buffer, start, end), length: end - start };
  } catch (error) {
    if (error instanceof PduError) return { fault: error };
    throw error;
  }
}
