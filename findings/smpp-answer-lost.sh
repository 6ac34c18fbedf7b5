#!/usr/bin/env bash
# Package: npm smpp 0.5.1.
# A good engineer would guess: a submit_sm whose connection closes before its answer is told to its caller, by the
# callback for the answer or by the one for failure, so that the message can be counted as uncertain.
# Seen: neither is called. Only the session's "close" tells, and it does not say which requests it leaves unanswered:
# the caller must keep its own list of what was sent.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . smpp@0.5.1 >&2
cat > see.cjs <<'JS'
const smpp = require("smpp");
const server = smpp.createServer((session) => {
  session.on("error", () => {});
  session.on("bind_transceiver", (pdu) => session.send(pdu.response()));
  session.on("submit_sm", () => session.socket.destroy());
});
server.listen(0, "127.0.0.1", () => {
  const seen = { sent: 0, answered: 0, failed: 0 };
  const client = smpp.connect({ url: `smpp://127.0.0.1:${server.address().port}` });
  client.on("error", () => {});
  client.on("connect", () =>
    client.bind_transceiver({ system_id: "a", password: "b" }, () =>
      client.submit_sm({ destination_addr: "447700900123", short_message: "x" },
        () => seen.answered++, () => seen.sent++, () => seen.failed++)));
  client.on("close", () => {
    server.close();
    server.on("close", () => console.log(JSON.stringify(seen)));
  });
});
JS
seen=$(node see.cjs)
echo "after the connection closed, callbacks called: $seen"
[ "$seen" = '{"sent":1,"answered":0,"failed":0}' ]
