import type { SmppCarrierConfig } from "../config/config.ts";

/** Keys of an SMPP carrier that suit most carriers: the defaults of the configuration. */
export const USUAL_LINK = {
  receiver: null,
  receiptsWith: null,
  sourceTon: "auto",
  sourceNpi: "auto",
  destinationTon: "auto",
  destinationNpi: "auto",
  addressTon: 0,
  addressNpi: 0,
  addressRange: "",
  destinationFormat: "international",
  inboundNumbers: "international",
  alphabet: "gsm",
  dataCodings: { alphabet: 0, latin1: null, ucs2: 8 },
  tlvs: {},
  again: [],
  otherCarrier: [],
} satisfies Partial<SmppCarrierConfig>;
