import Type from "typebox";
import { orNull, titled } from "./answers.ts";

/** Answers of pausing, reloading and looking up a route. */

const text = (description: string) => Type.String({ description });
const paths = (description: string) => Type.Array(Type.String(), { description });
export const PausedCarrier = titled("PausedCarrier", { id: text("The carrier's."), paused: Type.Boolean() });
const reloaded = {
  changed: paths("What counts from now on: keys of the configuration, a carrier's by its id (`carriers.acme`)."),
  restart: paths("What has changed in the configuration and does not count before the program is started again."),
};
export const Reload = titled("Reload", {
  ...reloaded,
  others: Type.Array(
    Type.Object({
      host: text("The machine."),
      pid: Type.Integer({ description: "The number of its process there." }),
      state: Type.Enum(["reloaded", "refused", "silent"], {
        description:
          "`refused`: its configuration has a fault, and nothing has changed there. `silent`: it has not answered in 15 seconds.",
      }),
      ...reloaded,
      detail: orNull(Type.String(), "What went wrong, in words; null if it reloaded."),
      errors: Type.Array(Type.Object({ path: text("The key of the configuration."), message: text("What is wrong.") })),
    }),
    { description: "The answers of the other programs on the store; each reads a configuration of its own." },
  ),
});
export const RouteTaken = titled("RouteTaken", {
  to: text("Digits of the number."),
  channel: Type.Enum(["sms", "rcs"], { description: "As asked." }),
  account: orNull(Type.String(), "As asked."),
  sender: orNull(Type.String(), "As asked."),
  route: orNull(
    Type.Object({
      index: Type.Integer({ minimum: 0, description: "Its place among the `routes` of the configuration, from 0." }),
      to: text("Its prefix."),
      account: orNull(Type.String(), "The account that it is for; null for all."),
      sender: orNull(Type.String(), "The sender that it is for; null for all."),
      failover: Type.Array(Type.String(), { description: "What makes a message go on to the next carrier." }),
    }),
    "Null where none fits, or there are none and every carrier serves.",
  ),
  carriers: Type.Array(
    Type.Object({
      id: text("Its `id` in the configuration."),
      state: orNull(Type.String(), "As in `GET /carriers`; null where this program does not send."),
      paused: Type.Boolean({ description: "The operator has it take nothing." }),
      share: orNull(Type.Number(), "The part of the messages that it is the first for; null without shares."),
    }),
    { description: "In order of preference." },
  ),
  next: orNull(
    Type.String(),
    "The carrier that such a message goes to now; null where shares decide, or none takes it.",
  ),
  why: text("In words."),
});
