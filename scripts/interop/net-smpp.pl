# A customer's software with Perl's Net::SMPP, for scripts/interop.mjs: HOST PORT SYSTEM_ID PASSWORD NUMBER. Prints a line for
# each step. Asynchronous: by default Net::SMPP drops whatever comes while it waits for an answer.
use strict;
use warnings;
use Net::SMPP;

my ($host, $port, $system_id, $password, $number) = @ARGV;
$| = 1;
my $esme = Net::SMPP->new_connect($host, port => $port, async => 1) or die "no connection: $!";

# Answers what is delivered, until the answer to this request comes; with none, until that many were delivered.
my ($receipts, $inbound) = (0, 0);
sub answer_to {
  my ($seq) = @_;
  while (my $pdu = $esme->read_pdu()) {
    if ($pdu->{cmd} == Net::SMPP::CMD_deliver_sm) {
      $esme->deliver_sm_resp(seq => $pdu->{seq}, message_id => "");
      if ($pdu->{esm_class} == 0x04) {
        my ($state) = $pdu->{short_message} =~ /stat:(\w+)/;
        my ($id) = unpack("Z*", $pdu->{receipted_message_id});
        print "receipt $id $state\n";
        $receipts++;
      } else {
        print "inbound $pdu->{source_addr} ", unpack("H*", $pdu->{short_message}), "\n";
        $inbound++;
      }
      return if !defined $seq;
    }
    elsif ($pdu->{cmd} == Net::SMPP::CMD_enquire_link) { $esme->enquire_link_resp(seq => $pdu->{seq}) }
    elsif (defined $seq && $pdu->{seq} == $seq) { return $pdu }
  }
  die "the connection has ended";
}

my $bound = answer_to($esme->bind_transceiver(system_id => $system_id, password => $password, system_type => ""));
print "bind $bound->{status}\n";
exit 1 if $bound->{status} != 0;

my @source = (source_addr_ton => 1, source_addr_npi => 1, source_addr => $number);
sub submit {
  my ($step, $to, @fields) = @_;
  my $answer = answer_to($esme->submit_sm(
    @source, dest_addr_ton => 1, dest_addr_npi => 1, destination_addr => $to, registered_delivery => 1, @fields));
  print "$step ", $answer->{status} == 0 ? $answer->{message_id} : "status $answer->{status}", "\n";
  return $answer->{message_id};
}

my $first = submit("submit", "447700900123", short_message => "Gr\x7e\x1ee");
submit("submit", "447700900534", short_message => "Gr\x7e\x1ee");
submit("part", "447700900123", esm_class => 0x40, short_message => "\x05\x00\x03\x07\x02\x01" . "x" x 153);
submit("part", "447700900123", esm_class => 0x40, short_message => "\x05\x00\x03\x07\x02\x02" . "x" x 47);
submit("payload", "447700900123", message_payload => "x" x 200);
submit("submit", "447700900911", short_message => "Gr\x7e\x1ee");
submit("submit", "447700900915", short_message => "Gr\x7e\x1ee");
answer_to(undef) while $receipts < 7 || $inbound < 4;
my $query = answer_to($esme->query_sm(message_id => $first, @source));
print "query ", $query->{status} == 0 ? $query->{message_state} : "status $query->{status}", "\n";
my $unbound = answer_to($esme->unbind());
print "unbind $unbound->{status}\n";
