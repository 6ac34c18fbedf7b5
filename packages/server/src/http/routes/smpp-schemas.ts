import Type, { type Static } from "typebox";

/** The bodies that make and change SMPP credentials. */

const strict = (title: string) => ({ additionalProperties: false, title });

const fields = {
  system_id: Type.Optional(
    Type.String({
      pattern: "^[A-Za-z0-9._@+-]{1,15}$",
      description:
        "What the customer's software calls itself: 1 to 15 letters, digits, `.`, `_`, `@`, `+`, `-`. Unique on the platform; one is made up unless given.",
    }),
  ),
  binds: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 64, description: "Binds at one time; 4 unless given. Beyond: 0x0D." }),
  ),
  window: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000,
      description: "Submits of one bind that may be without an answer; 100 unless given. Beyond: 0x58.",
    }),
  ),
  throughput: Type.Optional(
    Type.Union([Type.Number({ exclusiveMinimum: 0, maximum: 100_000 }), Type.Null()], {
      description: "Submits a second, of all its binds together; null, or not given: no limit. Beyond: 0x58.",
    }),
  ),
  allow: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), {
      maxItems: 100,
      description: "Addresses and networks that it may bind from; empty, or not given: any. Others: 0x0D.",
    }),
  ),
  alphabet: Type.Optional(
    Type.Enum(["gsm", "latin1", "ascii"], {
      description:
        "What texts with `data_coding` 0 are written in; `gsm` unless given: a character an octet, unpacked.",
    }),
  ),
};

export const PostSmppCredential = Type.Object(fields, strict("NewSmppCredential"));
export type PostSmppCredential = Static<typeof PostSmppCredential>;

export const PatchSmppCredential = Type.Object(fields, strict("SmppCredentialChange"));
export type PatchSmppCredential = Static<typeof PatchSmppCredential>;
