import Type, { type Static } from "typebox";
import { read } from "../field-rules.ts";

/** The bodies that make and change organizations and accounts. */

const strict = (title: string) => ({ additionalProperties: false, title });

/** The most credits that the operator adds or takes back at once. */
const MOST_AT_ONCE = 1e12;
/** A topup is short of what the organization has (402) whatever it asks for, as long as a number holds it exactly. */
const MOST_TOPUP = Number.MAX_SAFE_INTEGER;
/** Thirty days, in seconds. */
const LONGEST_GRACE = 2_592_000;

const Name = Type.String({ minLength: 1, maxLength: 200, description: "A name of your own choice." });
const Topup = Type.Integer({ minimum: 1, maximum: MOST_TOPUP, description: "Credits to move to the account." });
const Credits = Type.Boolean({ description: "Whether messages are priced, a credit a part." });

export const PostOrganization = Type.Object(
  {
    name: Name,
    credits: Type.Optional(Credits),
    balance: Type.Optional(Type.Integer({ minimum: 0, maximum: MOST_AT_ONCE, description: "Credits to begin with." })),
  },
  strict("NewOrganization"),
);
export type PostOrganization = Static<typeof PostOrganization>;

export const PatchOrganization = Type.Object(
  {
    name: Type.Optional(Name),
    credits: Type.Optional(Credits),
    balance: Type.Optional(
      Type.Object(
        {
          add: Type.Integer({
            minimum: -MOST_AT_ONCE,
            maximum: MOST_AT_ONCE,
            description: "Credits to add; negative to take back.",
          }),
        },
        { additionalProperties: false, description: "A change of what the organization has." },
      ),
    ),
  },
  strict("OrganizationChange"),
);
export type PatchOrganization = Static<typeof PatchOrganization>;

export const PostAccount = Type.Object({ name: Name }, strict("NewAccount"));
export type PostAccount = Static<typeof PostAccount>;

export const PatchAccount = Type.Object(
  {
    topup: Type.Optional(Topup),
    name: Type.Optional(Name),
    overdraft: Type.Optional(Type.Boolean({ description: "Whether the balance may go below zero." })),
    deleted: Type.Optional(Type.Literal(false, { description: "Takes a deactivation back." })),
  },
  strict("AccountChange"),
);
export type PatchAccount = Static<typeof PatchAccount>;

export const PatchTopup = Type.Object(
  { accountUuid: read("uuid", { description: "The account's UUID." }), topup: Topup },
  strict("Topup"),
);
export type PatchTopup = Static<typeof PatchTopup>;

export const PostKey = Type.Object(
  {
    graceSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: LONGEST_GRACE,
        description: "Seconds for which the keys before it still work; 0 unless given.",
      }),
    ),
  },
  strict("KeyRotation"),
);
export type PostKey = Static<typeof PostKey>;

export const PostNamedKey = Type.Object(
  {
    name: Name,
    scope: Type.Enum(["send", "read", "admin"], {
      description: "`read`: every `GET`. `send`: sending and cancelling too. `admin`: everything.",
    }),
  },
  strict("NewNamedKey"),
);
export type PostNamedKey = Static<typeof PostNamedKey>;
