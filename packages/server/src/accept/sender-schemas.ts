import Type, { type Static } from "typebox";

/** What a sender ID is registered with. */

export const PostSender = Type.Object(
  {
    value: Type.String({ description: "The sender ID: a name of 1 to 11 characters, or 3 to 15 digits." }),
    account: Type.Optional(
      Type.String({ description: "UUID of the account that may use it; without, every account of the organization." }),
    ),
  },
  { additionalProperties: false },
);
export type PostSender = Static<typeof PostSender>;
