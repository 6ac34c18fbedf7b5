import Type from "typebox";
import { ACTIONS } from "../store/accounts/audit.ts";
import { count, listOf, text, time, titled } from "./answers.ts";

/** The shapes of what those who run the program, or an organization, see of it. */

const AuditItem = titled("AuditItem", {
  at: time("When it was changed."),
  key: text(
    "The name of the key that asked for it, or where it has none its identifier; `operator` for the operator's.",
  ),
  action: Type.Enum([...ACTIONS], { description: "What was done." }),
  object: text("To what: its UUID; a handset by its last four digits; a carrier by its `id`."),
  organization_uuid: Type.Optional(
    Type.Union([Type.String({ format: "uuid" }), Type.Null()], {
      description: "Whose it is; for the operator. Null of a carrier and of the configuration.",
    }),
  ),
});
export const Audit = listOf("Audit", AuditItem, "The newest first.");

const Carrier = titled("Carrier", {
  id: text("Its `id` in the configuration."),
  type: text("Its `type` there."),
  state: Type.Enum(["up", "slowed", "no-receiver", "down"], {
    description:
      "`slowed`: it is up, and has asked for less than it is allowed to get. `no-receiver`: it takes messages, and none of the binds is up that its receipts come over.",
  }),
  paused: Type.Boolean({ description: "The operator has it take nothing; what it says of messages counts." }),
  since: time("Since when it takes messages, or takes none."),
  why: Type.Union([Type.String(), Type.Null()], {
    description: "Why a bind of it is not up; null where all are.",
  }),
  last_status: Type.Union([Type.String(), Type.Null()], {
    description:
      "The command_status of its last answer to a bind, by its name in SMPP 3.4 §5.1.3 (`ESME_RINVPASWD`), or as eight hexadecimal digits where the standard has none; of an RCS platform the HTTP status of its last answer. Null where it has answered nothing yet.",
  }),
  next_try_at: Type.Union([time("When a bind that is not up is tried again."), Type.Null()], {
    description: "When a bind that is not up is tried again; null where all are up, or one is tried right now.",
  }),
  binds: Type.Object({ up: count("Up now."), of: count("As configured.") }, { description: "Its connections." }),
  bind_counts: Type.Object(
    {
      bound: count("Binds that it took."),
      refused: count("Binds that it refused."),
      failed: count("Tries without a connection, or without an answer to the bind."),
      lost: count("Binds that stood and are gone."),
    },
    { description: "Since the program began; over HTTP there are none." },
  ),
  window: count("Submits that may be under way now."),
  under_way: count("Submits that are."),
  throughput: Type.Number({ minimum: 0, description: "Submits a second at most, as configured; 0 for no limit." }),
  counts: Type.Object(
    {
      submitted: count("Taken by the carrier."),
      refused: count("Refused for good."),
      later: count("To be tried again."),
      uncertain: count("Sent without an answer."),
      received: count("What the carrier sent of its own accord: receipts and inbound messages."),
    },
    { description: "Since the program began." },
  ),
});
export const Carriers = listOf("Carriers", Carrier, "In the order of the configuration.");

const OptOut = titled("OptOut", {
  account_uuid: text("The account that does not send to the handset."),
  number: text("The handset's number, with `+`."),
  at: time("When it opted out."),
});
export const OptOuts = listOf("OptOuts", OptOut, "By the accounts, in the order in which they were made.");
export const OptOutsRemoved = titled("OptOutsRemoved", {
  number: text("The handset's number, with `+`."),
  accounts: count("Accounts that may send to it again."),
});
