"""`/batch`."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import NotRequired, TypedDict, cast

from .api import Api, path
from .errors import RequestError
from .messages import LOOK_SECONDS, Channel, wait
from .paged import Paged
from .types import BatchItem, BatchRequest, BatchStatus, Identifier, MessageStatus, PendingBatch, RichContent, Time

LARGEST_BATCH = 100_000
"""The most numbers that one batch takes."""


LargeBatchRequest = TypedDict(
    "LargeBatchRequest",
    {
        "from": str,
        "message": str,
        # E.164, with or without `+`, from anywhere: a list, a file's lines, a database's rows.
        "destinations": Iterable[str],
        "callback": NotRequired[str],
        "send_at": NotRequired[Time],
        "at": NotRequired[Time],
        "channel": NotRequired[Channel],
        "fallback_channels": NotRequired[list[Channel]],
        "validity": NotRequired[int],
        "tlvs": NotRequired[dict[str, str | dict[str, str]]],
        "rcs": NotRequired[RichContent],
    },
)
"""A batch for more numbers than one request takes. Each of its batches gets an identifier from the server."""


@dataclass(frozen=True)
class BatchChunk:
    """A batch of several that carry one text."""

    identifier: str
    count: int
    """How many numbers it has."""


class Batches:
    """Reading what became of batches takes any key, all else an account's."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def send(
        self,
        request: BatchRequest,
        *,
        dry_run: bool | None = None,
        allow_multi: bool | None = None,
        idempotency_key: str | None = None,
    ) -> Identifier:
        """Sends one text to many handsets. A text of more than one part is refused without `allow_multi`."""
        query = {"dryRun": dry_run, "allowMulti": allow_multi}
        key = idempotency_key or str(uuid.uuid4())
        return cast(Identifier, self._api.json("POST", "/batch", query, request, idempotency_key=key))

    def send_large(
        self,
        request: LargeBatchRequest,
        *,
        chunk: int = LARGEST_BATCH,
        dry_run: bool | None = None,
        allow_multi: bool | None = None,
        idempotency_key: str | None = None,
    ) -> Iterator[BatchChunk]:
        """Sends one text to any count of handsets: a batch for every 100,000 numbers, one after the other. Each is sent when
        the one before it was read from here. A number that comes twice is sent to once.

        Give an `idempotency_key`, and a run that was broken off is simply done again within 24 hours, with the same numbers in
        the same order: batches that were accepted are not sent again, but answered as before.
        """
        if not 1 <= chunk <= LARGEST_BATCH:
            raise RequestError(f"a batch has 1 to {LARGEST_BATCH} numbers, and not {chunk}")
        if "id" in request or "uuid" in request:
            raise RequestError("an id names one batch, and these may be several")
        key = idempotency_key or str(uuid.uuid4())
        for place, numbers in enumerate(_chunks(request["destinations"], chunk), 1):
            body = cast(BatchRequest, {**request, "destinations": numbers})
            sent = self.send(body, dry_run=dry_run, allow_multi=allow_multi, idempotency_key=f"{key}-{place}")
            yield BatchChunk(sent["identifier"], len(numbers))

    def final(self, batch: str, *, every: float = LOOK_SECONDS, timeout: float | None = None) -> BatchStatus:
        """Waits until every message of a batch is delivered or failed, at most `timeout` seconds; then raises TimeoutError."""
        give_up_at = None if timeout is None else time.monotonic() + timeout
        while True:
            status = self.status(batch)
            counts = status["counts"]
            if counts["delivered"] + counts["failed"] == counts["total"]:
                return status
            wait(every, give_up_at)

    def status(self, batch: str) -> BatchStatus:
        """Numbers of a batch's messages: all, delivered, failed."""
        return cast(BatchStatus, self._api.json("GET", path("batch", batch)))

    def get(self, batch: str) -> BatchStatus:
        """The same with what the batch sends, in `content`."""
        return cast(BatchStatus, self._api.json("GET", path("batch", batch), {"content": True}))

    def detailed_status(self, batch: str) -> BatchStatus:
        """The same with every message, in `details`, in one answer: counts and rows agree."""
        return cast(BatchStatus, self._api.json("GET", path("batch", batch), {"details": True}))

    def details(self, batch: str, *, limit: int | None = None, after: str | None = None) -> Paged[MessageStatus]:
        """Every message of a batch, in pages."""
        return self._api.pages(path("batch", batch), "details", {"details": True}, limit, after)

    def details_csv(self, batch: str) -> HTTPResponse:
        """The same as CSV, with a header, to its end: a file of bytes that is read as it comes, and to be closed."""
        return self._api.stream(path("batch", batch), {"details": True, "format": "csv"})

    def pending(self, *, limit: int | None = None, after: str | None = None) -> Paged[PendingBatch]:
        """What is held for its time, the soonest first."""
        return self._api.pages("/batch", "batches", {}, limit, after)

    def list(
        self,
        *,
        from_: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> Paged[BatchItem]:
        """All batches, the newest first; single messages are batches of their own. Takes any key."""
        return self._api.list("/batch", limit, after, {"from": from_, "since": since, "until": until, "all": True})

    def cancel(self, batch: str) -> Identifier:
        """Cancels a held batch, which is unknown from then on."""
        return cast(Identifier, self._api.json("DELETE", path("batch", batch)))


def _chunks(numbers: Iterable[str], size: int) -> Iterator[list[str]]:
    """Lists of at most `size`, each number once: the first time that it comes, with `+` or without."""
    seen: set[str] = set()
    chunk: list[str] = []
    for number in numbers:
        digits = number.lstrip("+")
        if digits in seen:
            continue
        seen.add(digits)
        chunk.append(number)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
