"""One server, asked with one key, over HTTP/1.1 of the standard library."""

from __future__ import annotations

import http.client
import json
import random
import re
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode, urlsplit

from .errors import NoAnswerError, ProblemError, RequestError, faults_of
from .paged import Paged

Query: TypeAlias = Mapping[str, object]

_FIRST_WAIT = 0.25
"""Seconds before the first repetition; each further wait is twice as long."""
_LONGEST_WAIT = 10.0
"""The longest wait, in seconds, that a server may ask for; beyond it the caller gets the error."""
_MOST_OCTETS = 128 * 1024 * 1024
"""The longest answer that is read whole: that for a batch of 100,000 with its details has a sixth of it."""
_PIECE = 65_536


def path(*names: str) -> str:
    """A path of the names, each encoded.

    Raises RequestError for one that in a URL is no name but a step to another path.
    """
    for name in names:
        if name in ("", ".", ".."):
            raise RequestError(f'"{name}" is not an identifier')
    return "".join(f"/{quote(name, safe='')}" for name in names)


class Api:
    """Each request has a connection of its own, so that several threads may use one client."""

    def __init__(
        self,
        base_url: str,
        key: str | None,
        timeout: float,
        retries: int,
        ssl_context: ssl.SSLContext | None,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise RequestError(f"the server's URL is to be http:// or https:// and a host, not {base_url!r}")
        # Checked here, because the library's own error would quote the key.
        if key is not None and not re.fullmatch("[!-~]*", key):
            raise RequestError("the key has characters that a key cannot have")
        self._host = parts.hostname
        self._port = parts.port
        self._secure = parts.scheme == "https"
        self._origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._base = parts.path.rstrip("/")
        self._key = key
        self._timeout = timeout
        self._retries = retries
        self._ssl_context = ssl_context

    def json(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: object = None,
        *,
        idempotency_key: str | None = None,
        retry: bool = True,
    ) -> Any:
        """Raises ProblemError, NoAnswerError or RequestError."""
        text = self.text(method, path, query, body, idempotency_key=idempotency_key, retry=retry)
        try:
            return json.loads(text)
        except ValueError as error:
            raise NoAnswerError(f"{self._origin} answered what is not JSON") from error

    def pages(self, path: str, items: str, query: Query, limit: int | None, after: str | None) -> Paged[Any]:
        """A list whose items are in that field of each answer."""
        size = 100 if limit is None else limit

        def ask(cursor: str | None) -> Any:
            return self.json("GET", path, {**query, "limit": size, "after": cursor})

        return Paged(ask, items, after)

    def list(self, path: str, limit: int | None, after: str | None, query: Query | None = None) -> Paged[Any]:
        return self.pages(path, "items", query or {}, limit, after)

    def text(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: object = None,
        *,
        idempotency_key: str | None = None,
        retry: bool = True,
    ) -> str:
        repeatable = method in ("GET", "PUT") or idempotency_key is not None
        # Written once: the server takes another body under the same key for another request.
        written = self._written(method, path, query, body, idempotency_key)
        attempt = 0
        while True:
            try:
                return self._once(*written)
            except (ProblemError, NoAnswerError) as error:
                wait = wait_after(error, repeatable, attempt, random.random())
                if not retry or attempt >= self._retries or wait is None:
                    raise
            time.sleep(wait)
            attempt += 1

    def stream(self, path: str, query: Query) -> http.client.HTTPResponse:
        """An answer of any length as it comes, to be read as a file and closed: asked for once."""
        deadline = time.monotonic() + self._timeout
        connection, response = self._open(*self._written("GET", path, query, None, None), deadline)
        if response.status == 200:
            # The connection closes with the response.
            return response
        try:
            raise _problem(response, self._guarded(lambda: self._read(connection, response, deadline)))
        finally:
            connection.close()

    def _written(
        self, method: str, path: str, query: Query | None, body: object, idempotency_key: str | None
    ) -> tuple[str, str, bytes | None, dict[str, str]]:
        given = [(name, _value(value)) for name, value in (query or {}).items() if value is not None]
        target = self._base + path + (f"?{urlencode(given)}" if given else "")
        headers = {"accept-encoding": "identity", "connection": "close"}
        if self._key is not None:
            headers["authorization"] = f"Bearer {self._key}"
        if idempotency_key is not None:
            if not re.fullmatch("[ -~]{1,255}", idempotency_key):
                raise RequestError("an idempotency key is 1 to 255 printable characters of ASCII")
            headers["idempotency-key"] = idempotency_key
        if body is None:
            return method, target, None, headers
        headers["content-type"] = "application/json"
        return method, target, json.dumps(body, allow_nan=False, default=_json).encode(), headers

    def _once(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> str:
        deadline = time.monotonic() + self._timeout
        connection, response = self._open(method, target, body, headers, deadline)
        try:
            text = self._guarded(lambda: self._read(connection, response, deadline))
        finally:
            connection.close()
        # The API never redirects, and nobody else may get the key.
        if 200 <= response.status < 300:
            return text
        raise _problem(response, text)

    def _open(
        self, method: str, target: str, body: bytes | None, headers: dict[str, str], deadline: float
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        left = max(0.001, deadline - time.monotonic())
        connection: http.client.HTTPConnection
        if self._secure:
            connection = http.client.HTTPSConnection(self._host, self._port, timeout=left, context=self._ssl_context)
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=left)

        def ask() -> http.client.HTTPResponse:
            connection.request(method, target, body, headers)
            return connection.getresponse()

        try:
            return connection, self._guarded(ask)
        except BaseException:
            connection.close()
            raise

    def _read(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse, deadline: float) -> str:
        """The whole answer. The library's own timeout is one for each read: an answer may come in drops."""
        pieces: list[bytes] = []
        length = 0
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            if connection.sock is not None:
                connection.sock.settimeout(left)
            piece = response.read1(_PIECE)
            if not piece:
                # An answer that is cut ends like one that is whole.
                if response.length:
                    raise http.client.IncompleteRead(b"".join(pieces), response.length)
                return b"".join(pieces).decode("utf-8", "replace")
            length += len(piece)
            if length > _MOST_OCTETS:
                raise OSError(f"its answer has more than {_MOST_OCTETS} octets")
            pieces.append(piece)

    def _guarded(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except TimeoutError as error:
            raise NoAnswerError(f"{self._origin} does not answer: not within {self._timeout:g} s") from error
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(f"{self._origin} does not answer: {error or type(error).__name__}") from error


def wait_after(error: ProblemError | NoAnswerError, repeatable: bool, attempt: int, chance: float) -> float | None:
    """Seconds until a request that ended with this error is repeated; None if it is not.

    `repeatable` says whether it may be repeated although it may have been done; `attempt` counts the repetitions before; and
    `chance`, from 0 to 1, shortens the wait by up to a half, so that failed requests do not come back together.
    """
    asked = 0.0
    if isinstance(error, ProblemError):
        # With 429 nothing was done. Any other failure, 503 too, leaves that open: the answer to a commit may have been lost.
        if error.status != 429 and not (repeatable and (error.status == 408 or error.status >= 500)):
            return None
        asked = float(error.retry_after or 0)
    elif not repeatable:
        return None
    return None if asked > _LONGEST_WAIT else asked + _FIRST_WAIT * 2**attempt * (1 - chance / 2)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _json(value) if isinstance(value, datetime) else str(value)


def _json(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} is no value of JSON")
    if value.tzinfo is None:
        raise RequestError("a time needs a zone: datetime.now(timezone.utc), or ISO 8601 as text")
    return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def _problem(response: http.client.HTTPResponse, text: str) -> ProblemError:
    """The answer's problem details; made from the status if something before the server gave it."""
    status, title = response.status, response.reason or ""
    wait = retry_after(response.getheader("retry-after"), time.time())
    try:
        details = json.loads(text)
    except ValueError:
        details = None
    if isinstance(details, dict):
        type_, detail = details.get("type"), details.get("detail")
        if isinstance(type_, str) and isinstance(detail, str):
            errors = faults_of(details.get("errors"))
            title = details.get("title") or title
            return ProblemError(type=type_, title=title, status=status, detail=detail, errors=errors, retry_after=wait)
    detail = text[:200] or title or "no words"
    return ProblemError(type="about:blank", title=title, status=status, detail=detail, retry_after=wait)


def retry_after(header: str | None, now: float) -> int | None:
    """Seconds of a `Retry-After`, which has seconds or a date (RFC 9110 §10.2.3); None if it has neither."""
    if header is None:
        return None
    if re.fullmatch("[0-9]+", header):
        return int(header)
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    moment = date if date.tzinfo is not None else date.replace(tzinfo=timezone.utc)
    return max(0, -int((now - moment.timestamp()) // 1))
