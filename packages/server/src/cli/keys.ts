import type { IdentifierAndKey, Key, KeyScope, MessagingPlus, NewNamedKey, Paged } from "@messaging-plus/sdk";
import { Command, Option } from "commander";
import { all, type ClientOptions, organizationClient, withClientOptions } from "./client.ts";
import { type ConfirmOptions, confirm, withConfirmation } from "./confirm.ts";
import { print } from "./output.ts";

const SCOPES = ["send", "read", "admin"] satisfies KeyScope[];

/** Requests that make, list and revoke keys; `holder` names their owner, by the first arguments. */
interface KeyCalls {
  create(client: MessagingPlus, holder: string, key: NewNamedKey): Promise<IdentifierAndKey>;
  list(client: MessagingPlus, holder: string): Paged<Key>;
  revoke(client: MessagingPlus, holder: string, key: string): Promise<unknown>;
}

/** `mplus account keys`: keys beside an account's own. */
export function accountKeysCommand(): Command {
  return keysCommand("Keys of an account beside its own, each with a scope; needs the organization's key", "<uuid>", {
    create: ({ accounts }, account, key) => accounts.createKey(account, key),
    list: ({ accounts }, account) => accounts.keys(account, { limit: 1_000 }),
    revoke: ({ accounts }, account, key) => accounts.revokeKey(account, key),
  });
}

/** `mplus org keys`: keys beside the organization's own. */
export function organizationKeysCommand(): Command {
  return keysCommand("Keys of the organization beside its own, each with a scope; needs its key", null, {
    create: ({ keys }, _holder, key) => keys.create(key),
    list: ({ keys }) => keys.list({ limit: 1_000 }),
    revoke: ({ keys }, _holder, key) => keys.revoke(key),
  });
}

function keysCommand(description: string, holder: string | null, calls: KeyCalls): Command {
  const command = (name: string, words: string): Command => {
    const made = withClientOptions(new Command(name), "organization").description(words);
    return holder === null ? made : made.argument(holder, "the account");
  };
  /** The arguments: whose keys, where it is to be said, and the others. */
  const told = (args: readonly string[]): [string, string] =>
    holder === null ? ["", args[0] ?? ""] : [args[0] ?? "", args[1] ?? ""];

  const create = command("create", "Makes a key and prints it; it is not shown again")
    .argument("<name>")
    .addOption(new Option("--scope <scope>", "what it opens").choices(SCOPES).makeOptionMandatory())
    .action(async function (this: Command) {
      const [whose, name] = told(this.args);
      const { scope, ...options } = this.opts<ClientOptions & { scope: KeyScope }>();
      const answer = await calls.create(await organizationClient(options), whose, { name, scope });
      print(options, answer, () => [`key          ${answer.apiKey}`, `identifier   ${answer.identifier}`]);
    });
  const list = command("list", "Lists the live keys, the newest first").action(async function (this: Command) {
    const options = this.opts<ClientOptions>();
    const items = await all(calls.list(await organizationClient(options), told(this.args)[0]));
    print(options, { items }, () => items.map(line));
  });
  const revoke = withConfirmation(command("revoke", "Revokes a key at once"))
    .argument("<key>", "the key's identifier, as `list` shows it")
    .action(async function (this: Command) {
      const [whose, key] = told(this.args);
      const options = this.opts<ClientOptions & ConfirmOptions>();
      await confirm(this, options, `The key ${key} stops working.`);
      const answer = await calls.revoke(await organizationClient(options), whose, key);
      print(options, answer, () => [`revoked ${key}`]);
    });
  return new Command("keys").description(description).addCommand(create).addCommand(list).addCommand(revoke);
}

function line({ identifier, name, scope, prefix, last_used_at: used, expires_at: ends }: Key): string {
  const shown = `${identifier}  ${scope.padEnd(6)}${prefix ?? "      "}…  used ${used ?? "never"}  ${name ?? "(its own)"}`;
  return ends === null ? shown : `${shown}  ends ${ends}`;
}
