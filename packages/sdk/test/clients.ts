import { MessagingPlus, type MessagingPlusOptions } from "@messaging-plus/sdk";
import { newKey, type Program, type ProgramOptions, startProgram } from "../../server/test/support/program.ts";

export interface Clients extends Program {
  operatorKey: string;
  /** Clients of the default account, of its organization, and of the operator. */
  account: MessagingPlus;
  organization: MessagingPlus;
  operator: MessagingPlus;
  /** A client of another make. */
  client(options: Partial<MessagingPlusOptions>): MessagingPlus;
}

/** Every method of the client: `messages.send`. */
export function methodNames(): string[] {
  return Object.entries(new MessagingPlus({ baseUrl: "http://127.0.0.1" })).flatMap(([group, methods]) =>
    Object.getOwnPropertyNames(Object.getPrototypeOf(methods))
      .filter((name) => name !== "constructor")
      .map((name) => `${group}.${name}`),
  );
}

/** The built program, with clients for each kind of key. */
export async function startWithClients(
  { config, ...program }: ProgramOptions = {},
  options: Partial<MessagingPlusOptions> = {},
): Promise<Clients> {
  const operatorKey = newKey();
  const carriers = [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }];
  const started = await startProgram({ ...program, config: { operatorKey, carriers, ...config } });
  const client = (more: Partial<MessagingPlusOptions>) =>
    new MessagingPlus({ baseUrl: started.url, ...options, ...more });
  return {
    ...started,
    operatorKey,
    account: client({ key: started.api.key }),
    organization: client({ key: started.organizationKey }),
    operator: client({ key: operatorKey }),
    client,
  };
}
