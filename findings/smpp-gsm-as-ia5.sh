#!/usr/bin/env bash
# Package: npm smpp 0.5.1.
# A good engineer would guess: a text without a data_coding goes out under 0, the SMSC's default alphabet, or, where the
# library names 1 (IA5, that is ASCII), as ASCII octets.
# Seen: data_coding is 1 and the octets are of the GSM alphabet: "@" is 00 and "_" is 11, which in ASCII are control
# characters. A receiver that follows SMPP 3.4 (5.2.19) to the letter reads another text.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . smpp@0.5.1 >&2
cat > see.cjs <<'JS'
const { PDU } = require("smpp");
const octets = new PDU("submit_sm", { destination_addr: "447700900123", short_message: "a@_" }).toBuffer();
console.log(new PDU(octets).data_coding, octets.subarray(-3).toString("hex"));
JS
seen=$(node see.cjs)
echo "data_coding and octets of \"a@_\": $seen (ASCII is 61405f)"
[ "$seen" = "1 610011" ]
