import { endpointNumber } from "../../message/endpoint.ts";
import { batchOf, firstIdAt, isUuid, lastOf } from "../../message/id.ts";
import { NOT_A_TIME, parseIsoTime } from "../../message/iso-time.ts";
import { isSmppUrl, systemIdOf, withoutOrigin } from "../../message/smpp-origin.ts";
import type { FieldFault } from "../../runtime/errors.ts";

/** Above every id, and below. */
export const HIGHEST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";
export const LOWEST_ID = "00000000-0000-0000-0000-000000000000";

/** Ids from `first` to `last`, both included. */
export interface IdRange {
  first: string;
  last: string;
}

export const ALL_IDS: IdRange = { first: LOWEST_ID, last: HIGHEST_ID };

export function within(one: IdRange, other: IdRange): IdRange {
  const [, first] = [one.first, other.first].sort();
  const [last] = [one.last, other.last].sort();
  return { first: first!, last: last! };
}

/** The webhooks of a batch's messages. */
export function rangeOfBatch(batchId: string): IdRange {
  return batchId === batchOf(batchId) ? { first: batchId, last: lastOf(batchId) } : { first: batchId, last: batchId };
}

/** Reads a filter's fields and collects their faults. */
export class FilterFields {
  readonly faults: FieldFault[] = [];

  /** Webhooks whose ids were made from one time (included) to another (not included). */
  times(from: [path: string, value: string | undefined], to: [path: string, value: string | undefined]): IdRange {
    const first = this.#time(...from);
    const last = this.#time(...to);
    return {
      first: first === null ? LOWEST_ID : firstIdAt(first),
      last: last === null ? HIGHEST_ID : firstIdAt(last),
    };
  }

  /** The number of the endpoint that a URL belongs to, of a web server or of binds. */
  endpoint(path: string, value: string | undefined, accountId: number): number | null {
    if (value === undefined) return null;
    if (isSmppUrl(value) && systemIdOf(value) !== "") return endpointNumber(accountId, withoutOrigin(value));
    const url = URL.canParse(value) ? new URL(value) : null;
    if (url !== null && /^https?:$/.test(url.protocol)) return endpointNumber(accountId, url.origin);
    const message = "must be the origin of a URL, as in https://hooks.example.com, or smpp: and a system_id";
    this.faults.push({ path, message });
    return null;
  }

  identifier(path: string, value: string | undefined): string | null {
    if (value === undefined) return null;
    if (!isUuid(value)) this.faults.push({ path, message: "is not a UUID" });
    return value.toLowerCase();
  }

  #time(path: string, value: string | undefined): number | null {
    if (value === undefined) return null;
    const at = parseIsoTime(value);
    if (at === null) this.faults.push({ path, message: NOT_A_TIME });
    return at;
  }
}
