import type { Channel } from "@messaging-plus/sdk";
import { useMe } from "../api/me.ts";
import { Choice } from "../parts/field.tsx";

/** Orders in which channels may be tried, by their names with spaces between. */
const ORDERS = [
  ["sms", "SMS"],
  ["rcs sms", "RCS, then SMS"],
  ["sms rcs", "SMS, then RCS"],
  ["rcs", "RCS alone"],
] as const;

/** The channels of a choice. */
export const channelsOf = (choice: string): Channel[] => choice.split(" ") as Channel[];

/** The orders of the channels that the server has. */
export function useChannelOrders(): readonly (readonly [value: string, words: string])[] {
  const served = useMe().account?.channels ?? [];
  return ORDERS.filter(([order]) => channelsOf(order).every((channel) => served.includes(channel)));
}

/** Where there is nothing to choose it is not there. */
export function ChannelChoice(field: { value: string; onText(value: string): void }) {
  const orders = useChannelOrders();
  return orders.length > 1 ? <Choice label="Channels" {...field} choices={orders} /> : null;
}
