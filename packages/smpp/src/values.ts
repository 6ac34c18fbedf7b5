/** The values of one-octet fields that SMPP 3.4 §5.2 names. */

/** `esm_class`, §5.2.12: messaging mode (bits 1–0), message type (bits 5–2), GSM features (bits 7–6). */
export const esmClass = {
  MODE_MASK: 0x03,
  DATAGRAM: 0x01,
  FORWARD: 0x02,
  STORE_AND_FORWARD: 0x03,
  TYPE_MASK: 0x3c,
  DELIVERY_RECEIPT: 0x04,
  DELIVERY_ACKNOWLEDGEMENT: 0x08,
  USER_ACKNOWLEDGEMENT: 0x10,
  CONVERSATION_ABORT: 0x18,
  INTERMEDIATE_NOTIFICATION: 0x20,
  /** The short message begins with a user data header. */
  UDHI: 0x40,
  REPLY_PATH: 0x80,
} as const;

/** `registered_delivery`, §5.2.17. */
export const registeredDelivery = {
  NONE: 0x00,
  RECEIPT: 0x01,
  RECEIPT_ON_FAILURE: 0x02,
  DELIVERY_ACKNOWLEDGEMENT: 0x04,
  USER_ACKNOWLEDGEMENT: 0x08,
  INTERMEDIATE_NOTIFICATION: 0x10,
} as const;

/** `data_coding`, §5.2.19. */
export const dataCoding = {
  SMSC_DEFAULT: 0x00,
  IA5: 0x01,
  OCTETS: 0x04,
  LATIN1: 0x03,
  UCS2: 0x08,
} as const;

/** `message_state`, §5.2.28. */
export const messageState = {
  ENROUTE: 1,
  DELIVERED: 2,
  EXPIRED: 3,
  DELETED: 4,
  UNDELIVERABLE: 5,
  ACCEPTED: 6,
  UNKNOWN: 7,
  REJECTED: 8,
} as const;

/** Type of number, §5.2.5. */
export const ton = {
  UNKNOWN: 0,
  INTERNATIONAL: 1,
  NATIONAL: 2,
  NETWORK_SPECIFIC: 3,
  SUBSCRIBER_NUMBER: 4,
  ALPHANUMERIC: 5,
  ABBREVIATED: 6,
} as const;

/** Numbering plan indicator, §5.2.6. */
export const npi = {
  UNKNOWN: 0,
  ISDN: 1,
  DATA: 3,
  TELEX: 4,
  LAND_MOBILE: 6,
  NATIONAL: 8,
  PRIVATE: 9,
  ERMES: 10,
  INTERNET: 14,
  WAP: 18,
} as const;
