import { useMe } from "../api/me.ts";
import { useAnswer } from "../api/use-api.ts";

const NONE: ReadonlyMap<string, string> = new Map();

/** The names of an organization's accounts by their identifiers; none for other keys, which cannot ask. */
export function useAccounts(): ReadonlyMap<string, string> {
  const { kind } = useMe();
  const { answer = NONE } = useAnswer(async (api, options) => {
    if (kind !== "organization") return NONE;
    const { accounts } = await api.accounts.list(options);
    return new Map(accounts.map(({ identifier, name }) => [identifier, name]));
  }, kind);
  return answer;
}
