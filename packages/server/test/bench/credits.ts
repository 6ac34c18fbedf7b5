import { inTurn } from "./in-turn.ts";
import { Side } from "./side.ts";

const OPERATOR_KEY = "00112233445566778899aabbccddeeff";
const CREDITS = 1e12;

/** Prices the messages of the one organization that there is, and gives its account enough. */
async function priceMessages({ program }: Side): Promise<void> {
  const call = async (method: string, path: string, key: string, body?: object): Promise<unknown> => {
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`http://127.0.0.1:${program.port}${path}?key=${key}`, init);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return response.json();
  };
  const { items } = (await call("GET", "/organization", OPERATOR_KEY)) as { items: { identifier: string }[] };
  const change = { credits: true, balance: { add: CREDITS } };
  await call("PATCH", `/organization/${items[0]!.identifier}`, OPERATOR_KEY, change);
  const key = program.organizationKey;
  const { accounts } = (await call("GET", "/account", key)) as { accounts: { identifier: string }[] };
  await call("PATCH", `/account/${accounts[0]!.identifier}`, key, { topup: CREDITS });
}

/** Messages a second and CPU time with credits on beside credits off: two programs in turn. */
export async function credits(rounds: number, scale: number): Promise<void> {
  const settings = { operatorKey: OPERATOR_KEY };
  const [off, on] = [await new Side().start({ settings }), await new Side().start({ settings })];
  await priceMessages(on);
  await inTurn({ name: "off", side: off }, { name: "on", side: on }, rounds, scale);
  await off.stop();
  await on.stop();
}
