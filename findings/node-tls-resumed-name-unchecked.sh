#!/usr/bin/env bash
# Package: Node.js 20.20.2, node:tls.
# A good engineer would guess: `rejectUnauthorized` and the check of the host's name hold for every connection, so that a
# session may be offered wherever the address is the same.
# Seen: on a connection that resumes a session the name is not checked (nor is `checkServerIdentity` called): with the
# session of one name, a server whose certificate is for that name alone passes for another, and `authorized` is true.
# Whoever keeps sessions must keep them by name and port, and for no longer than the certificate is to be trusted unseen.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out cert -days 2 -subj /CN=one.test \
  -addext subjectAltName=DNS:one.test 2>/dev/null
cat > see.mjs <<'JS'
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:tls";
const cert = readFileSync("cert");
const server = createServer({ cert, key: readFileSync("key") }, (socket) => socket.end("x"));
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const see = (servername, session) =>
  new Promise((seen) => {
    let kept, outcome, checked = false;
    const checkServerIdentity = () => { checked = true; return servername === "one.test" ? undefined : new Error("other name"); };
    const { port } = server.address();
    const socket = connect({ port, host: "127.0.0.1", servername, ca: cert, session, checkServerIdentity });
    socket.on("session", (latest) => { kept = latest; });
    socket.on("secureConnect", () => { outcome = `authorized ${socket.authorized}, resumed ${socket.isSessionReused()}`; });
    socket.on("error", (error) => { outcome = error.message; });
    socket.on("close", () => seen({ kept, outcome: `${outcome}, name checked ${checked}` }));
    socket.resume();
  });
const first = await see("one.test");
console.log(first.outcome);
console.log((await see("two.test")).outcome);
console.log((await see("two.test", first.kept)).outcome);
server.close();
JS
seen=$(node see.mjs)
echo "a first connection, one by another name, and the same with the first one's session:"
echo "$seen"
[ "$seen" = $'authorized true, resumed false, name checked true\nother name, name checked true\nauthorized true, resumed true, name checked false' ]
