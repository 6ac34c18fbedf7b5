export type BindKind = "transmitter" | "receiver" | "transceiver";

/** A bind as `GET /smpp` shows it, and whose it is. */
export interface BindStatus {
  /** Unique among the binds of a program. */
  id: string;
  organizationId: number;
  system_id: string;
  account_uuid: string;
  organization_uuid: string;
  address: string;
  kind: BindKind;
  /** ISO 8601. */
  since: string;
  /** Submits that may be without an answer. */
  window: number;
  /** Submits that are. */
  under_way: number;
  counts: { accepted: number; refused: number; delivered: number };
}
