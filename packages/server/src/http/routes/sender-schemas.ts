import Type, { type Static } from "typebox";
import { read } from "../field-rules.ts";

/** The body that registers a sender ID. */

export const PostSender = Type.Object(
  {
    value: read("sender", { description: "The sender ID: a name of 1 to 11 characters, or 3 to 15 digits." }),
    account: Type.Optional(
      read("uuid", { description: "UUID of the account that may use it; without, every account of the organization." }),
    ),
  },
  { additionalProperties: false, title: "SenderRegistration" },
);
export type PostSender = Static<typeof PostSender>;
