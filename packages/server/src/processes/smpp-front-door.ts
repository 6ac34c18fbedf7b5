import type { Pool } from "pg";
import type { Registry } from "prom-client";
import type { Acceptor } from "../accept/acceptor.ts";
import type { SenderOwners } from "../accept/sender-owners.ts";
import type { Config } from "../config/config.ts";
import type { RulesOptions } from "../http/send/rules.ts";
import { systemClock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import type { SmppTls } from "../runtime/tls-files.ts";
import { Logins } from "../smpp-server/logins.ts";
import { smppServerMetrics } from "../smpp-server/metrics.ts";
import { SmppFrontDoor } from "../smpp-server/smpp-server.ts";
import { Submits } from "../smpp-server/submits.ts";
import type { Connections } from "../store/database.ts";
import type { FromApi, Question } from "./protocol.ts";

export interface FrontDoorParts {
  config: Config;
  tls: SmppTls | null;
  pool: Pool;
  log: Logger;
  registry: Registry;
  acceptor: Acceptor;
  senderOwners: SenderOwners;
  rules(): RulesOptions;
  /** Whether the requests of an account are limited. */
  isLimited(): boolean;
  databaseOf(accountId: number): Connections;
  ask(question: Question): Promise<string | number>;
  send(message: FromApi): void;
}

/** The SMPP server of an accepting process. It asks the engine's process for everything that is counted for all processes. */
export function smppFrontDoor({
  config,
  tls,
  pool,
  log,
  registry,
  ask,
  send,
  ...parts
}: FrontDoorParts): SmppFrontDoor {
  const { acceptor, senderOwners, rules, isLimited, databaseOf } = parts;
  // While the engine does not answer, requests are admitted uncounted.
  const seconds = async (question: Question): Promise<number> => Number(await ask(question).catch(() => 0));
  const door: SmppFrontDoor = new SmppFrontDoor({
    config: config.smpp,
    tls,
    log,
    pool,
    logins: new Logins(pool, systemClock),
    metrics: smppServerMetrics(registry, () => countsOf(door)),
    submits: new Submits({ acceptor, senderOwners, rules, clock: systemClock }),
    databaseOf,
    cancel: async (message) => (await ask({ kind: "cancel", message })) === 1,
    admit: async (admission) => (await ask({ kind: "admit", ...admission })) === 1,
    onBound: ({ id, receives, login: { systemId, accountId } }) => {
      if (receives) send({ kind: "receives", id, systemId, accountId });
    },
    onEnded: (id) => send({ kind: "unbound", id }),
    takeToken: async ({ identifier, throughput, accountId }) => {
      const own = throughput === null ? 0 : await seconds({ kind: "throughput", credential: identifier, throughput });
      if (own > 0 || !isLimited()) return own;
      return seconds({ kind: "token", of: "requests", holder: `account ${accountId}` });
    },
  });
  return door;
}

function countsOf({ binds }: SmppFrontDoor): Record<string, number> {
  const counts = { transmitter: 0, receiver: 0, transceiver: 0 };
  for (const { kind } of binds) counts[kind]++;
  return counts;
}
