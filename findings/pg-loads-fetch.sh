#!/usr/bin/env bash
# Packages: npm pg 8.23.1, on the Node.js of PATH: 20.20.2 when it was seen.
# A good engineer would guess: a driver that speaks to PostgreSQL over a socket loads nothing of Node's fetch.
# Seen: where there is no global `navigator` (before Node 21) pg makes a Response as it loads, to tell whether it runs on
# Cloudflare, and Node loads undici for it: half of the time that loading pg takes, and megabytes in each process of a queue's workers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . --ignore-scripts pg@8.23.1 >&2
cat > see.cjs <<'JS'
if (process.argv[2] === "with") Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Node.js" } });
else delete globalThis.navigator;
require("pg");
console.log(process.moduleLoadList.some((name) => name.endsWith("undici/undici")) ? "loads fetch" : "loads none of fetch");
JS
without=$(node see.cjs without)
with=$(node see.cjs with)
echo "without navigator pg $without; with it pg $with"
[ "$without" = "loads fetch" ] && [ "$with" = "loads none of fetch" ]
