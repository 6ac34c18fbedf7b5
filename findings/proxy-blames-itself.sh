#!/usr/bin/env bash
# Packages: Debian 12 squid 5.7-2+deb12u5 and tinyproxy 1.11.1-2.1+deb12u1 (apt-get install squid tinyproxy).
# A good engineer would guess: a forward proxy says 502 or 504 of a server that it cannot reach (RFC 9110 §15.6.3 and
# §15.6.5), and 5xx of another kind when it is itself in trouble.
# Seen: of a server where nobody listens Squid says 503 Service Unavailable, to CONNECT without a Via, and Tinyproxy 500;
# Squid says 500 of a name that is unknown. By the status alone a customer's dead server is a broken proxy. Squid's
# X-Squid-Error tells the two apart, and that a proxy has served others since.
set -euo pipefail
export PATH=$PATH:/usr/sbin
for program in squid tinyproxy; do command -v $program >/dev/null || { echo "$program is not installed" >&2; exit 1; }; done
folder=$(mktemp -d)
chmod 777 "$folder"
pids=()
finish() { kill "${pids[@]}" 2>/dev/null || true; wait || true; rm -rf "$folder"; }
trap finish EXIT
cat > "$folder/squid.conf" <<CONF
http_port 127.0.0.1:48961
http_access allow localhost
access_log none
cache_log $folder/squid.log
pid_filename $folder/squid.pid
coredump_dir $folder
pinger_enable off
memory_cache_shared off
max_filedescriptors 4096
shutdown_lifetime 0 seconds
CONF
printf 'Port 48962\nListen 127.0.0.1\nAllow 127.0.0.1\nLogFile "%s/tiny.log"\n' "$folder" > "$folder/tiny.conf"
squid -N -f "$folder/squid.conf" >/dev/null 2>&1 &
pids+=($!)
tinyproxy -d -c "$folder/tiny.conf" >/dev/null 2>&1 &
pids+=($!)
cat > "$folder/see.mjs" <<'JS'
import { connect } from "node:net";
const ask = async (port, target) => {
  for (;;) {
    try {
      return await new Promise((seen, failed) => {
        let text = "";
        const socket = connect(port, "127.0.0.1", () => socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`));
        socket.on("data", (piece) => { text += piece; if (text.includes("\r\n\r\n")) socket.destroy(); });
        socket.on("error", failed).on("close", () => {
          const [head] = text.split("\r\n\r\n");
          seen([head.split(" ")[1], /x-squid-error: (\w+)/i.exec(head)?.[1] ?? "", /\nvia:/i.test(head) ? "Via" : "no Via"].join(" "));
        });
      });
    } catch {
      await new Promise((waited) => setTimeout(waited, 100));
    }
  }
};
for (const [name, port] of [["squid", 48961], ["tinyproxy", 48962]])
  console.log(name, "| nobody listens:", await ask(port, "127.0.0.1:1"), "| unknown name:", await ask(port, "nobody.invalid:443"));
JS
seen=$(timeout 60 node "$folder/see.mjs")
echo "$seen"
[[ "$seen" == *"squid | nobody listens: 503 ERR_CONNECT_FAIL no Via"* && "$seen" == *"tinyproxy | nobody listens: 500  no Via"* ]]
