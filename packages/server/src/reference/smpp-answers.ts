import Type from "typebox";
import { count, listOf, time, titled, uuid } from "./answers.ts";

/** The shapes of the answers about SMPP. */

const systemId = Type.String({ description: "What the software calls itself when it binds." });
const password = Type.String({ description: "The password: 8 characters. It is shown this once." });

export const NewSmppCredential = titled("NewSmppCredentialAnswer", {
  identifier: uuid("What the credential is called from now on."),
  system_id: systemId,
  password,
});
export const NewSmppPassword = titled("NewSmppPassword", { password });
const SmppCredential = titled("SmppCredential", {
  identifier: uuid("The credential."),
  system_id: systemId,
  binds: Type.Integer({ description: "Binds at one time." }),
  window: Type.Integer({ description: "Submits of one bind that may be without an answer." }),
  throughput: Type.Union([Type.Number(), Type.Null()], { description: "Submits a second; null: no limit." }),
  allow: Type.Array(Type.String(), { description: "Where it may bind from; empty: anywhere." }),
  alphabet: Type.Enum(["gsm", "latin1", "ascii"], { description: "What `data_coding` 0 is." }),
  created_at: time("When it was made."),
});
export const SmppCredentials = listOf("SmppCredentials", SmppCredential, "The newest first; 100 at most.");

const SmppBind = titled("SmppBind", {
  system_id: systemId,
  account_uuid: uuid("Whose it is."),
  organization_uuid: Type.Optional(uuid("The account's organization; for the operator.")),
  address: Type.String({ description: "The address that it comes from." }),
  kind: Type.Enum(["transmitter", "receiver", "transceiver"], { description: "The kind of bind." }),
  since: time("When it was bound."),
  window: count("Submits that may be without an answer."),
  under_way: count("Submits that are without an answer."),
  counts: Type.Object(
    {
      accepted: count("Submits that were accepted."),
      refused: count("Requests that were refused."),
      delivered: count("Receipts and inbound messages that it took."),
    },
    { description: "Since it was bound." },
  ),
});
export const SmppBinds = listOf("SmppBinds", SmppBind, "The oldest first.");
