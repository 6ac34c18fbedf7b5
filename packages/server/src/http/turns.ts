import type { Pool, QueryConfig, QueryResultRow } from "pg";
import { Rejected } from "../runtime/errors.ts";
import type { Connections } from "../store/database.ts";
import { Gate } from "./gate.ts";

/** How long to wait for a connection, in ms; as long as the pool itself allows. */
const WAIT_MS = 5_000;
const BUSY = "Too many requests are waiting for the store; nothing of this request is promised.";

/**
 * A part of a pool's connections, for which accounts take turns, statement by statement or transaction by transaction: an
 * account with a thousand requests at once delays another's one only by the work under way. The rest of the pool is for
 * sending.
 */
export class Turns {
  readonly #pool: Pool;
  readonly #gate: Gate;

  /** @param most connections that are used at a time */
  constructor(pool: Pool, most: number) {
    this.#pool = pool;
    this.#gate = new Gate({ most, mostOfOne: most, waitMs: WAIT_MS });
  }

  /**
   * Connections in the turn of an account. A holder of one must not ask for a second. After a wait of five seconds it rejects
   * with Rejected `store-unavailable`; earlier work of the request stays done.
   */
  ofAccount(accountId: number): Connections {
    return this.#of(accountId);
  }

  /** The same for an organization's key. */
  ofOrganization(organizationId: number): Connections {
    return this.#of(-organizationId);
  }

  /** @param accountId negative for an organization */
  #of(accountId: number): Connections {
    const enter = (): Promise<void> | undefined =>
      this.#gate.enter(accountId, 1)?.catch(() => {
        throw new Rejected("store-unavailable", BUSY, [], 1);
      });
    const leave = (): void => this.#gate.leave(accountId, 1);
    return {
      query: async <Row extends QueryResultRow>(query: QueryConfig) => {
        await enter();
        return this.#pool.query<Row>(query).finally(leave);
      },
      connect: async () => {
        await enter();
        const client = await this.#pool.connect().catch((error: unknown) => {
          leave();
          throw error;
        });
        // The pool gives a client another such function each time.
        const { release } = client;
        client.release = (error) => {
          release(error);
          leave();
        };
        return client;
      },
    };
  }
}
