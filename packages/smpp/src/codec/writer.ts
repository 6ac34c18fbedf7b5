import { EncodeError } from "./error.ts";

/**
 * Writes fields one after the other into a growing buffer. Octets before `start` belong to somebody else (they may be on
 * their way out of a socket): it neither overwrites nor copies them.
 */
export class PduWriter {
  readonly #capacity: number;
  #buffer: Buffer;
  #start = 0;
  #offset = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
  }

  /** Octets written and not yet taken. */
  get length(): number {
    return this.#offset - this.#start;
  }

  /** Hands over everything written; the writer never touches it again. */
  take(): Buffer {
    const taken = this.#buffer.subarray(this.#start, this.#offset);
    this.#start = this.#offset;
    return taken;
  }

  /** Drops everything beyond `length` octets: the way back from a PDU that failed half-way. */
  truncate(length: number): void {
    this.#offset = this.#start + length;
  }

  /** Writes `value` over four octets at `position`, counted as `length` is. */
  patch32(position: number, value: number): void {
    this.#buffer.writeUInt32BE(value, this.#start + position);
  }

  u8(value = 0): void {
    if ((value & 0xff) !== value) throw outOfRange(value, 8);
    if (this.#offset === this.#buffer.length) this.#grow(1);
    this.#buffer[this.#offset++] = value;
  }

  u16(value = 0): void {
    if ((value & 0xffff) !== value) throw outOfRange(value, 16);
    this.u8(value >>> 8);
    this.u8(value & 0xff);
  }

  u32(value = 0): void {
    if (value >>> 0 !== value) throw outOfRange(value, 32);
    this.u16(value >>> 16);
    this.u16(value & 0xffff);
  }

  /** A C-octet string with its NUL, one octet per character (Latin-1). */
  cString(value = ""): void {
    const length = value.length;
    if (this.#offset + length >= this.#buffer.length) this.#grow(length + 1);
    const buffer = this.#buffer;
    let at = this.#offset;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code === 0 || code > 0xff) {
        // Without the string itself: it may be a password or a text.
        throw new EncodeError(`character ${i} of a string of ${length} does not fit into one octet`);
      }
      buffer[at++] = code;
    }
    buffer[at++] = 0;
    this.#offset = at;
  }

  octets(value: Uint8Array): void {
    if (this.#offset + value.length > this.#buffer.length) this.#grow(value.length);
    this.#buffer.set(value, this.#offset);
    this.#offset += value.length;
  }

  /** `sm_length` and `short_message`, at most 254 octets (§5.2.21). */
  shortMessage(value: Uint8Array | undefined): void {
    if (value === undefined) {
      this.u8(0);
      return;
    }
    if (value.length > 254) throw new EncodeError(`short_message has ${value.length} octets, at most 254 fit`);
    this.u8(value.length);
    this.octets(value);
  }

  #grow(needed: number): void {
    const length = this.length;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#capacity, 2 * (length + needed)));
    this.#buffer.copy(larger, 0, this.#start, this.#offset);
    this.#buffer = larger;
    this.#start = 0;
    this.#offset = length;
  }
}

function outOfRange(value: number, bits: number): EncodeError {
  return new EncodeError(`${value} is no unsigned integer of ${bits} bits`);
}
