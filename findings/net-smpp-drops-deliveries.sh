#!/usr/bin/env bash
# Package: Perl's Net::SMPP 1.19 (Debian 12's libnet-smpp-perl), in its default, synchronous mode.
# A good engineer would guess: an ESME that waits for the answer to a request keeps, or at least answers, what the SMSC
# delivers meanwhile.
# Seen: submit_sm waits in wait_pdu, which reads and drops every other PDU but an enquire_link: a deliver_sm that comes
# before the submit_sm_resp is neither given to the program nor answered. An SMSC that takes sending for telling loses the
# receipt, and one that keeps to a window of one waits; ours tries again after the timeout. Peers with receipts at once
# (or one bind for both ways) need `async => 1`, or a second bind that receives.
set -euo pipefail
perl -MNet::SMPP -e1 2>/dev/null || { echo "install libnet-smpp-perl"; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/smsc.mjs" <<'JS'
// Answers a bind; answers a submit_sm with a deliver_sm first; tells what comes back.
import { createServer } from "node:net";
const pdu = (command, sequence, body) => {
  const head = Buffer.alloc(16);
  [16 + body.length, command, 0, sequence].forEach((word, at) => head.writeUInt32BE(word, at * 4));
  return Buffer.concat([head, body]);
};
const receipt = Buffer.from("id:1 stat:DELIVRD err:000 text:");
const delivery = Buffer.concat([Buffer.from([0, 1, 1, 49, 0, 1, 1, 50, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, receipt.length]), receipt]);
const commands = [];
const server = createServer((socket) => {
  socket.on("data", (data) => {
    for (let at = 0; at < data.length; at += data.readUInt32BE(at)) {
      const [command, sequence] = [data.readUInt32BE(at + 4), data.readUInt32BE(at + 12)];
      commands.push(command);
      if (command === 9) socket.write(pdu(0x80000009, sequence, Buffer.from("x\0")));
      if (command === 4) socket.write(Buffer.concat([pdu(5, 77, delivery), pdu(0x80000004, sequence, Buffer.from("1\0"))]));
    }
  });
  socket.on("close", () => {
    console.log(`the SMSC's deliver_sm was ${commands.includes(0x80000005) ? "answered" : "not answered"}`);
    server.close();
  });
}).listen(0, "127.0.0.1", () => console.log(server.address().port));
JS
node "$folder/smsc.mjs" > "$folder/out" &
until [ -s "$folder/out" ]; do sleep 0.1; done
perl -MNet::SMPP -e '
  my $esme = Net::SMPP->new_transceiver("127.0.0.1", port => $ARGV[0], system_id => "x", password => "x");
  my $answer = $esme->submit_sm(destination_addr => "1", short_message => "x");
  print "submit_sm was answered $answer->{message_id}\n";' "$(head -1 "$folder/out")"
wait
tail -1 "$folder/out"
grep -q "not answered" "$folder/out"
