#!/usr/bin/env bash
# Package: npm undici 7.30.2.
# A good engineer would guess: where the server closes a kept connection just as the next request comes, a GET, which is
# safe to repeat, is sent again on a new connection, as browsers do (RFC 9110, 9.2.2); only a POST is an error.
# Seen: both are UND_ERR_SOCKET, and no second connection is made. Whoever posts webhooks over kept connections counts a
# failed try that the receiver may never have seen.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . undici@7.30.2 >&2
cat > see.mjs <<'JS'
import { createServer } from "node:net";
import { Agent, request } from "undici";
for (const method of ["GET", "POST"]) {
  let connections = 0;
  const server = createServer((socket) => {
    const first = ++connections === 1;
    let requests = 0;
    socket.on("error", () => {});
    socket.on("data", () => {
      if (first && ++requests === 2) socket.end();
      else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const dispatcher = new Agent({ connections: 1 });
  const send = async () => {
    try {
      const { statusCode, body } = await request(`http://127.0.0.1:${server.address().port}/`, {
        method, dispatcher, body: method === "POST" ? "x" : undefined,
      });
      await body.text();
      return statusCode;
    } catch (error) {
      return error.code;
    }
  };
  console.log(method, await send(), await send(), connections);
  await dispatcher.close();
  server.close();
}
JS
seen=$(node see.mjs)
echo "method, first request, second request, connections:"
echo "$seen"
[ "$seen" = $'GET 200 UND_ERR_SOCKET 1\nPOST 200 UND_ERR_SOCKET 1' ]
