import type { Pool } from "pg";
import { pausedCarriers } from "../store/carriers.ts";

/** The carriers that the operator has paused, as far as this program knows. */
export class PausedCarriers {
  readonly #pool: Pool;
  readonly #onChange: () => void;
  #ids: ReadonlySet<string> = new Set();

  constructor(pool: Pool, onChange: () => void) {
    this.#pool = pool;
    this.#onChange = onChange;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  async refresh(): Promise<boolean> {
    this.#ids = await pausedCarriers(this.#pool);
    this.#onChange();
    return false;
  }
}
