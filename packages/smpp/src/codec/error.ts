/**
 * Octets that are no PDU.
 *
 * `fatal`: the frame itself is wrong, so nothing after it can be trusted and the connection must be closed. Otherwise only
 * this PDU is lost: `sequence_number` and `command_id` are those of its header, and `commandStatus` is the answer to it.
 */
export class PduError extends Error {
  override readonly name = "PduError";
  readonly commandStatus: number;
  readonly command_id: number;
  readonly sequence_number: number;
  readonly fatal: boolean;

  constructor(
    message: string,
    about: { commandStatus: number; command_id: number; sequence_number: number; fatal: boolean },
  ) {
    super(message);
    this.commandStatus = about.commandStatus;
    this.command_id = about.command_id;
    this.sequence_number = about.sequence_number;
    this.fatal = about.fatal;
  }
}

/** Fields that cannot be written as SMPP. The caller is at fault; nothing was sent, and no other peer would take them. */
export class EncodeError extends Error {
  override readonly name = "EncodeError";
}

/** Thrown while a body is read; the decoder adds the header's fields and makes a `PduError` of it. */
export class BodyFault extends Error {
  override readonly name = "BodyFault";
  readonly commandStatus: number;

  constructor(message: string, commandStatus: number) {
    super(message);
    this.commandStatus = commandStatus;
  }
}
