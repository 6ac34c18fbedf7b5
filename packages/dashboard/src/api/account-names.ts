import { useMe } from "./me.ts";
import { useAnswer } from "./use-api.ts";

/** Tells the names of accounts by identifier, with an organization's key; before they are known, the identifier. */
export function useAccountNames(): (identifier: string) => string {
  const { kind } = useMe();
  const { answer } = useAnswer(
    async (api, options) => (kind === "organization" ? (await api.accounts.list(options)).accounts : []),
    kind,
  );
  const names = new Map(answer?.map(({ identifier, name }) => [identifier, name]));
  return (identifier) => names.get(identifier) ?? identifier;
}
