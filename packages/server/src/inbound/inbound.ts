import { createHash } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import type { Carrier, Delivery } from "../carriers/carrier.ts";
import type { Clock } from "../runtime/clock.ts";
import { asError } from "../runtime/errors.ts";
import { GroupCommit } from "../runtime/group-commit.ts";
import { LastingFault } from "../runtime/lasting-fault.ts";
import type { Logger } from "../runtime/log.ts";
import { remembered } from "../runtime/remembered.ts";
import { findNumberOwners } from "../store/accounts/number-owners.ts";
import { transaction } from "../store/database.ts";
import { isTransientDatabaseError } from "../store/errors.ts";
import { deleteParts, insertParts, lockParts, type PartsKey, staleParts } from "../store/handsets/inbound-parts.ts";
import { type InboundName, noteNew } from "../store/handsets/told-inbound.ts";
import { type AgentOwner, findAgentOwners } from "./agent-owners.ts";
import { assemble, close } from "./assemble.ts";
import { decodeParts } from "./decode.ts";
import type { OptOutWord } from "./opt-out-words.ts";
import { type PassedOn, passOn } from "./pass-on.ts";
import { type InboundPart, type InboundText, readInbound, readRcs } from "./read.ts";

export interface InboundOptions {
  pool: Pool;
  log: Logger;
  clock: Clock;
  optOut: "shared" | "all" | "off";
  optOutWord(text: string): OptOutWord;
  /** Called after the commit. */
  onPassedOn(passedOn: PassedOn): void;
  count(outcome: InboundOutcome): void;
}

/**
 * The result of a message from a handset: passed on to its account, whole or with missing parts; refused because nobody has
 * its number, or because an address is no number.
 */
export type InboundOutcome = "passed_on" | "incomplete" | "nobody" | "unreadable";

/** command_status of deliver_sm_resp (SMPP 3.4 §5.1.3): taken; again later; never. */
const ESME_ROK = 0x00;
const ESME_RX_T_APPN = 0x64;
const ESME_RX_R_APPN = 0x66;

/** How long after its last part a long message goes on without the missing ones, in ms. */
const PARTS_WAIT_MS = 600_000;
const MOST_CLOSED = 100;

/**
 * Messages from handsets: joins long ones, finds their accounts and the messages that they answer, stores them with their
 * webhooks in one transaction, and answers the carrier after the commit.
 */
export class Inbound {
  readonly #options: InboundOptions;
  /** The words and the setting by which a handset opts out. */
  settings: Pick<InboundOptions, "optOut" | "optOutWord">;
  readonly #commits: GroupCommit<InboundPart, boolean>;
  readonly #unreadable = this.#faultOf("a message from a handset is refused: an address of it is no number", "warn");
  readonly #nobodys = this.#faultOf("a message to a number that nobody has is refused", "warn");
  readonly #unstored = this.#faultOf(
    "a message from a handset could not be stored; the carrier is to send it again",
    "error",
  );

  constructor(options: InboundOptions) {
    this.#options = options;
    const { optOut, optOutWord } = options;
    this.settings = { optOut, optOutWord };
    this.#commits = new GroupCommit<InboundPart, boolean>({
      maxWeight: 500,
      maxInFlight: 1,
      isCommonFault: isTransientDatabaseError,
      flush: (parts) => this.#flush(parts),
    });
  }

  /** By the carrier's id. */
  #faultOf(what: string, level: "warn" | "error"): (carrier: string) => LastingFault {
    return remembered((carrier) => new LastingFault({ log: this.#options.log.child({ carrier }), what, level }));
  }

  /** Resolves with the command_status for the carrier. */
  async receive(carrier: Carrier, delivery: Delivery): Promise<number> {
    const { count } = this.#options;
    const { rcs } = delivery;
    const part = rcs === undefined ? readInbound(delivery) : readRcs(delivery, rcs, carrier.number);
    if (part === null) {
      this.#unreadable(carrier.id).happened();
      count("unreadable");
      return ESME_RX_R_APPN;
    }
    if (delivery.inboundId !== undefined) part.name = nameOf(carrier.number, delivery.inboundId);
    try {
      if (await this.#commits.add(part)) return ESME_ROK;
      this.#nobodys(carrier.id).happened({ number: part.number });
      count("nobody");
      return ESME_RX_R_APPN;
    } catch (error) {
      this.#unstored(carrier.id).happened({ err: asError(error) });
      return ESME_RX_T_APPN;
    }
  }

  /** Passes on long messages whose missing parts will not come any more. Returns whether there may be more. */
  async closeStale(): Promise<boolean> {
    const { pool, count, onPassedOn } = this.#options;
    const keys = await staleParts(pool, PARTS_WAIT_MS, MOST_CLOSED);
    if (keys.length === 0) return false;
    const passedOn = await transaction(pool, async (client) => {
      const texts: InboundText[] = [];
      const rows = await lockParts(client, keys);
      for (const [, { key, items }] of byKey(rows, (row) => row)) {
        for (const text of close(items, key.total)) texts.push(joined(key, text));
      }
      await deleteParts(client, keys);
      return this.#passOn(client, texts, await this.#ownersOf(client, texts));
    });
    for (let index = 0; index < passedOn.messages; index++) count("incomplete");
    onPassedOn(passedOn);
    return keys.length === MOST_CLOSED;
  }

  drain(): Promise<void> {
    return this.#commits.drain();
  }

  /** Returns for each whether somebody has its number. */
  async #flush(parts: readonly InboundPart[]): Promise<boolean[]> {
    const { pool, count, onPassedOn } = this.#options;
    const { passedOn, owners } = await transaction(pool, async (client) => {
      const known = await this.#ownersOf(client, parts);
      const owned = parts.filter((part) => known.has(conversationName(part)));
      const texts = await this.#assemble(client, await untold(client, owned));
      return { passedOn: await this.#passOn(client, texts, known), owners: known };
    });
    for (let index = 0; index < passedOn.messages; index++) count("passed_on");
    onPassedOn(passedOn);
    return parts.map((part) => owners.has(conversationName(part)));
  }

  /** Texts that are whole now, in the order of their last parts. */
  async #assemble(client: PoolClient, arrived: readonly InboundPart[]): Promise<InboundText[]> {
    const groups = byKey(arrived, ({ part }) => part);
    const keys = [...groups.values()].map(({ key }) => key);
    const kept = keys.length === 0 ? new Map() : byKey(await lockParts(client, keys), (row) => row);
    const texts: InboundText[] = arrived
      .filter(({ part }) => part === null)
      .map((part) => {
        const { handset, number, toAgent } = part;
        return { handset, number, toAgent, text: decodeParts([part]) };
      });
    if (keys.length === 0) return texts;
    const rows = [...groups].flatMap(([name, { key, items }]) => {
      const coming = items.map(({ part, dataCoding, octets }) => ({
        sequence: part?.sequence ?? 0,
        dataCoding,
        octets,
      }));
      const { texts: whole, parts } = assemble(kept.get(name)?.items ?? [], coming, key.total);
      for (const text of whole) texts.push(joined(key, text));
      return parts.map((part) => ({ ...key, ...part }));
    });
    await deleteParts(client, keys);
    await insertParts(client, rows);
    return texts;
  }

  /** Those of each conversation; of those that are nobody's there is none. */
  async #ownersOf(client: PoolClient, all: readonly Addressed[]): Promise<Map<string, AgentOwner>> {
    const conversations = [...new Map(all.map((one) => [conversationName(one), one])).values()];
    const toNumbers = conversations.filter(({ toAgent }) => toAgent === null);
    const toAgents = conversations.flatMap(({ handset, number, toAgent }) =>
      toAgent === null ? [] : [{ handset, number, toAgent, carrier: toAgent.carrier }],
    );
    const owners: (AgentOwner | null)[] = [
      ...(toNumbers.length === 0 ? [] : await findNumberOwners(client, toNumbers)),
      ...(toAgents.length === 0 ? [] : await findAgentOwners(client, toAgents, this.#options.clock.now())),
    ];
    return new Map(
      [...toNumbers, ...toAgents].flatMap((one, index) => {
        const owner = owners[index];
        return owner == null ? [] : [[conversationName(one), owner] as const];
      }),
    );
  }

  #passOn(client: PoolClient, texts: readonly InboundText[], owners: ReadonlyMap<string, AgentOwner>) {
    const { optOut, optOutWord } = this.settings;
    const { clock } = this.#options;
    const owned = texts.flatMap((text) => {
      const owner = owners.get(conversationName(text));
      return owner === undefined ? [] : [{ ...text, ...owner }];
    });
    return passOn(client, owned, clock.now(), optOut, optOutWord);
  }
}

/** Parts whose ids were not passed on before, each id once. */
async function untold(client: PoolClient, parts: readonly InboundPart[]): Promise<readonly InboundPart[]> {
  const names = new Map(parts.flatMap(({ name }) => (name === undefined ? [] : [[keyOf(name), name] as const])));
  if (names.size === 0) return parts;
  const left = new Set((await noteNew(client, [...names.values()])).map(keyOf));
  return parts.filter(({ name }) => name === undefined || left.delete(keyOf(name)));
}

function keyOf({ carrier, name }: InboundName): string {
  return `${carrier} ${name}`;
}

/** A carrier's id of any length, in the form that the store keeps. */
function nameOf(carrier: number, id: string): InboundName {
  return { carrier, name: createHash("sha256").update(id).digest("hex").slice(0, 32) };
}

type Addressed = Omit<InboundText, "text">;

function conversationName({ handset, number, toAgent }: Addressed): string {
  return toAgent === null ? `${handset} ${number}` : `${handset} agent ${toAgent.carrier}`;
}

/** The text of a long message; over RCS there are none. */
function joined({ handset, number }: PartsKey, text: string): InboundText {
  return { handset, number, toAgent: null, text };
}

/** Items by their long message; items of none are left out. */
function byKey<Item>(items: readonly Item[], keyOf: (item: Item) => PartsKey | null) {
  const groups = new Map<string, { key: PartsKey; items: Item[] }>();
  for (const item of items) {
    const whole = keyOf(item);
    if (whole === null) continue;
    const { handset, number, kind, reference, total } = whole;
    const key = { handset, number, kind, reference, total };
    const name = Object.values(key).join(" ");
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { key, items: [item] });
    else group.items.push(item);
  }
  return groups;
}
