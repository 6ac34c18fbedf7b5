/**
 * A message's content as its sender coded it, submitted unchanged: a part of a long message that the sender made, another
 * user data header, binary data, a message class. Also a text about which the sender asked for more than receipts.
 */
export interface CodedContent {
  /** esm_class (SMPP 3.4 §5.2.12): the UDH indicator and the reply path, and nothing else. */
  esmClass: number;
  /** protocol_id, which is the handset's (3GPP TS 23.040 §9.2.3.9). */
  protocolId: number;
  /** data_coding (§5.2.19). */
  dataCoding: number;
  /** The user data as hexadecimal, with its header; null if the message's text is coded and cut as usual. */
  octets: string | null;
  /** sar_msg_ref_num, sar_total_segments and sar_segment_seqnum (§5.3.2.22–24); null without them. */
  sar: [reference: number, total: number, sequence: number] | null;
  /** There where its sender asked for intermediate notifications (§5.2.17). */
  intermediate?: true;
}
