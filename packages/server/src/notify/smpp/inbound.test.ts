import { expect, test } from "vitest";
import { inboundPdus } from "./inbound.ts";

const body = { from: 447_700_900_123, message: "Hi", mo_uuid: "01a209e5-5f3a-7b1c-9a41-6b2f0d900001" };

test.each<[string, object]>([
  ["447700900001", { destination_addr: "447700900001", dest_addr_ton: 1, dest_addr_npi: 1 }],
  ["MyShop", { destination_addr: "MyShop", dest_addr_ton: 5, dest_addr_npi: 0 }],
  ["my_shop_a8fz1_agent_of_ours", { destination_addr: "my_shop_a8fz1_agent_", dest_addr_ton: 5, dest_addr_npi: 0 }],
])("what a handset wrote to %s is addressed so that a PDU holds it", (to, address) => {
  const [pdu, ...more] = inboundPdus(JSON.stringify({ ...body, to }));
  expect(pdu).toMatchObject({ source_addr: "447700900123", ...address });
  expect(more).toEqual([]);
});
