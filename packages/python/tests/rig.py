"""What the tests share: the program that they are given, a proxy in front of it, and a receiver of webhooks."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import urlsplit

from messaging_plus import MessagingPlus

with open(os.environ["MPLUS_TEST"], encoding="utf-8") as file:
    GIVEN: dict[str, Any] = json.load(file)

Result = TypeVar("Result")


def client(key: str | None = "account", *, url: str | None = None, **options: Any) -> MessagingPlus:
    """A client with the key of an account, an organization or the operator, or with none."""
    return MessagingPlus(url or GIVEN["url"], None if key is None else GIVEN["keys"][key], **options)


def method_names() -> list[str]:
    """Every method of the client: `messages.send`."""
    groups = vars(client()).items()
    return [
        f"{group}.{name}"
        for group, methods in groups
        for name in vars(type(methods))
        if not name.startswith("_")
    ]


def snake_case(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def until(what: str, look: Callable[[], Result | None]) -> Result:
    """Looks until there is something."""
    give_up_at = time.monotonic() + 60
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > give_up_at:
            raise AssertionError(f"waited for {what}")
        time.sleep(0.01)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    owner: Any

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections that a test cuts are no faults."""


class Receiver:
    """A customer's receiver of webhooks: it answers 200, or what a path is scripted to."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, str], bytes]] = []
        self.statuses: dict[str, int] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.received.append((self.path, dict(self.headers.items()), body))
                self.send_response(receiver.statuses.get(self.path, 200))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_for(self, path: str) -> tuple[dict[str, str], bytes]:
        found = until(f"a webhook at {path}", lambda: [each for each in self.received if each[0] == path])
        return found[0][1], found[0][2]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Proxy:
    """In front of a server. `turns` says what becomes of the next requests; those behind them are passed.

    A turn is "drop" (the connection is cut when the answer is there), "cut" (amid the answer), "hold" (nothing is said), or
    status, headers and body of an answer of its own.
    """

    def __init__(self, target: str) -> None:
        self.passed: list[tuple[str, str, dict[str, str], bytes]] = []
        self.turns: list[Any] = []
        self.over = threading.Event()
        proxy = self
        host = urlsplit(target).netloc

        class Handler(BaseHTTPRequestHandler):
            def handle_one(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                proxy.passed.append((self.command, self.path, headers, body))
                turn = proxy.turns.pop(0) if proxy.turns else "pass"
                if isinstance(turn, tuple):
                    status, fields, text = turn
                    self.answer(status, fields, text)
                    return
                onward = http.client.HTTPConnection(host, timeout=60)
                onward.request(self.command, self.path, body or None, headers)
                response = onward.getresponse()
                text, status = response.read(), response.status
                fields = {name: value for name, value in response.getheaders() if name.lower() != "transfer-encoding"}
                onward.close()
                if turn == "hold":
                    proxy.over.wait(60)
                elif turn == "drop":
                    self.cut()
                elif turn == "cut":
                    self.answer(status, {**fields, "content-length": str(len(text))}, text[:-1])
                    self.wfile.flush()
                    self.cut()
                else:
                    self.answer(status, fields, text)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one

            def cut(self) -> None:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.shutdown(socket.SHUT_WR)

            def answer(self, status: int, fields: dict[str, str], text: bytes) -> None:
                self.send_response_only(status)
                for name, value in {"content-length": str(len(text)), **fields}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
