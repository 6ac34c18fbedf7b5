import type { Api } from "../support/api.ts";
import { until } from "../support/until.ts";

export interface Event {
  at: string;
  kind: string;
  [field: string]: unknown;
}

export interface Story {
  message_uuid: string;
  state: string;
  events: Event[];
  waiting: { why: string; since: string; until: string | null; ahead?: number } | null;
  [field: string]: unknown;
}

/** `GET /message/{uuid}`; rejects unless it is found. */
export async function storyOf(api: Api, uuid: string): Promise<Story> {
  const { status, text, body } = await api.request<Story>("GET", `/message/${uuid}`);
  if (status !== 200) throw new Error(`answered ${status}: ${text}`);
  return body;
}

/** The story once it is as it should be. */
export function storyWhere(api: Api, uuid: string, what: string, is: (story: Story) => boolean): Promise<Story> {
  let last: Story | undefined;
  return until(
    what,
    async () => {
      last = await storyOf(api, uuid);
      return is(last) && last;
    },
    () => last,
  );
}

/** The story once an event of a kind is in it. */
export function storyWith(api: Api, uuid: string, kind: string, count = 1): Promise<Story> {
  return storyWhere(
    api,
    uuid,
    `${count} events "${kind}"`,
    ({ events }) => events.filter((event) => event.kind === kind).length >= count,
  );
}

/** Without the times, which no test knows. */
export function told({ events }: Story): object[] {
  return events.map(({ at: _, seconds: __, ...event }) => event);
}
