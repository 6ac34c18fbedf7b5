/* A customer's software with libsmpp34, for scripts/interop.mjs: HOST PORT SYSTEM_ID PASSWORD NUMBER. Prints a line for each
 * step. The library packs and unpacks PDUs; the connection is ours. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <smpp34.h>
#include <smpp34_structs.h>
#include <smpp34_params.h>

static int connection;
static uint32_t sequence;
static uint32_t receipts, inbound;
static const char *number;

static void fail(const char *what) {
  printf("fault %s: %s\n", what, smpp34_strerror);
  exit(1);
}

static void send_pdu(void *pdu, const char *what) {
  uint8_t octets[2048] = {0};
  int length = 0;
  if (smpp34_pack2(octets, sizeof octets, &length, pdu) != 0) fail(what);
  if (write(connection, octets, length) != length) fail("write");
}

static void read_all(uint8_t *to, uint32_t length) {
  while (length > 0) {
    ssize_t got = read(connection, to, length);
    if (got <= 0) fail("the connection has ended");
    to += got;
    length -= got;
  }
}

/* Reads a PDU whole; returns its command_id. */
static uint32_t read_pdu(uint8_t *octets, uint32_t size, uint32_t *length, uint32_t *number_of) {
  uint32_t word;
  read_all(octets, 16);
  memcpy(&word, octets, 4);
  *length = ntohl(word);
  if (*length < 16 || *length > size) fail("length");
  read_all(octets + 16, *length - 16);
  memcpy(&word, octets + 12, 4);
  *number_of = ntohl(word);
  memcpy(&word, octets + 4, 4);
  return ntohl(word);
}

static void delivered(const uint8_t *octets, uint32_t length) {
  deliver_sm_t pdu = {0};
  if (smpp34_unpack2(&pdu, octets, length) != 0) fail("deliver_sm");
  deliver_sm_resp_t answer = {.command_id = DELIVER_SM_RESP, .sequence_number = pdu.sequence_number};
  send_pdu(&answer, "deliver_sm_resp");
  if (pdu.esm_class == 0x04) {
    char id[65] = "", state[16] = "";
    const char *stat = strstr((char *)pdu.short_message, "stat:");
    for (tlv_t *tlv = pdu.tlv; tlv != NULL; tlv = tlv->next)
      if (tlv->tag == TLVID_receipted_message_id) snprintf(id, sizeof id, "%.*s", tlv->length, tlv->value.octet);
    if (stat != NULL) sscanf(stat + 5, "%15[A-Z]", state);
    printf("receipt %s %s\n", id, state);
    receipts++;
  } else {
    printf("inbound %s ", pdu.source_addr);
    for (int at = 0; at < pdu.sm_length; at++) printf("%02x", pdu.short_message[at]);
    printf("\n");
    inbound++;
  }
  destroy_tlv(pdu.tlv);
}

/* Answers what is delivered until the answer to this request comes; of 0, until one thing was delivered. */
static void answer_to(uint32_t asked, void *answer, const char *what) {
  static uint8_t octets[4096];
  uint32_t length, number_of;
  for (;;) {
    uint32_t command = read_pdu(octets, sizeof octets, &length, &number_of);
    if (command == DELIVER_SM) {
      delivered(octets, length);
      if (asked == 0) return;
    } else if (command == ENQUIRE_LINK) {
      enquire_link_t alive = {.command_id = ENQUIRE_LINK_RESP, .sequence_number = number_of};
      send_pdu(&alive, "enquire_link_resp");
    } else if (number_of == asked) {
      if (smpp34_unpack2(answer, octets, length) != 0) fail(what);
      return;
    }
  }
}

static void submit(const char *step, const char *to, uint8_t esm_class, const char *text, int length, int is_payload, char *id) {
  submit_sm_t pdu = {.command_id = SUBMIT_SM, .sequence_number = ++sequence};
  submit_sm_resp_t answer = {0};
  pdu.source_addr_ton = pdu.source_addr_npi = pdu.dest_addr_ton = pdu.dest_addr_npi = 1;
  strcpy((char *)pdu.source_addr, number);
  strcpy((char *)pdu.destination_addr, to);
  pdu.esm_class = esm_class;
  pdu.registered_delivery = 1;
  if (is_payload) {
    tlv_t tlv = {.tag = TLVID_message_payload, .length = length};
    memcpy(tlv.value.octet, text, length);
    build_tlv(&pdu.tlv, &tlv);
  } else {
    pdu.sm_length = length;
    memcpy(pdu.short_message, text, length);
  }
  send_pdu(&pdu, "submit_sm");
  destroy_tlv(pdu.tlv);
  answer_to(pdu.sequence_number, &answer, "submit_sm_resp");
  if (answer.command_status != 0) printf("%s status %u\n", step, answer.command_status);
  else printf("%s %s\n", step, answer.message_id);
  if (id != NULL) snprintf(id, 65, "%s", answer.message_id);
}

int main(int count, char **words) {
  if (count != 6) return 2;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(words[2]))};
  inet_pton(AF_INET, words[1], &address.sin_addr);
  connection = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0) fail("no connection");
  setvbuf(stdout, NULL, _IOLBF, 0);
  number = words[5];

  bind_transceiver_t bind = {.command_id = BIND_TRANSCEIVER, .sequence_number = ++sequence};
  bind_transceiver_resp_t bound = {0};
  strcpy((char *)bind.system_id, words[3]);
  strcpy((char *)bind.password, words[4]);
  bind.interface_version = SMPP_VERSION;
  send_pdu(&bind, "bind_transceiver");
  answer_to(bind.sequence_number, &bound, "bind_transceiver_resp");
  printf("bind %u\n", bound.command_status);
  if (bound.command_status != 0) return 1;

  char text[200], part[200], first[65];
  const char greeting[] = "Gr\x7e\x1e" "e";
  memset(text, 'x', sizeof text);
  submit("submit", "447700900123", 0, greeting, 5, 0, first);
  submit("submit", "447700900534", 0, greeting, 5, 0, NULL);
  for (int sequence_of = 1; sequence_of <= 2; sequence_of++) {
    int length = sequence_of == 1 ? 153 : 47;
    const char header[] = {5, 0, 3, 7, 2, sequence_of};
    memcpy(part, header, 6);
    memset(part + 6, 'x', length);
    submit("part", "447700900123", 0x40, part, 6 + length, 0, NULL);
  }
  submit("payload", "447700900123", 0, text, sizeof text, 1, NULL);
  submit("submit", "447700900911", 0, greeting, 5, 0, NULL);
  submit("submit", "447700900915", 0, greeting, 5, 0, NULL);
  while (receipts < 7 || inbound < 4) answer_to(0, NULL, "");

  query_sm_t query = {.command_id = QUERY_SM, .sequence_number = ++sequence};
  query_sm_resp_t state = {0};
  snprintf((char *)query.message_id, sizeof query.message_id, "%s", first);
  query.source_addr_ton = query.source_addr_npi = 1;
  strcpy((char *)query.source_addr, number);
  send_pdu(&query, "query_sm");
  answer_to(query.sequence_number, &state, "query_sm_resp");
  if (state.command_status != 0) printf("query status %u\n", state.command_status);
  else printf("query %u\n", state.message_state);

  unbind_t unbind = {.command_id = UNBIND, .sequence_number = ++sequence};
  unbind_resp_t unbound = {0};
  send_pdu(&unbind, "unbind");
  answer_to(unbind.sequence_number, &unbound, "unbind_resp");
  printf("unbind %u\n", unbound.command_status);
  return 0;
}
