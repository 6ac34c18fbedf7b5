import type { MessageItem } from "@messaging-plus/sdk";
import { useMe } from "../api/me.ts";
import { hrefOf } from "../route.ts";

/** Leads to all messages to a number. */
export function NumberLink({ number }: { number: string | null }) {
  if (number === null) return <span class="quiet">erased</span>;
  return <a href={hrefOf(["messages"], { to: number })}>{number}</a>;
}

interface AccountLinkProps {
  uuid: string | undefined;
  /** Names by identifiers, as far as they are known. */
  accounts: ReadonlyMap<string, string>;
}

/** Leads an organization to the account, and the operator to its messages. */
export function AccountLink({ uuid, accounts }: AccountLinkProps) {
  const { kind } = useMe();
  if (uuid === undefined) return null;
  const href = kind === "organization" ? hrefOf(["accounts", uuid]) : hrefOf(["messages"], { account: uuid });
  return (
    <a href={href} title={uuid}>
      {accounts.get(uuid) ?? <code>{uuid.slice(0, 13)}…</code>}
    </a>
  );
}

/** A receipt code and its meaning. */
export function Code({ code, description }: Pick<MessageItem, "code" | "description">) {
  if (code === null) return null;
  return (
    <small class="code">
      <code>{code}</code> {description}
    </small>
  );
}
