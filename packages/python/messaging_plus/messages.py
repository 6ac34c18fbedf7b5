"""`/message` and `/national-languages`."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from http.client import HTTPResponse
from typing import Literal, cast

from .api import Api, path
from .paged import Paged
from .types import AcceptedMessages, MessageItem, MessageRequest, MessageStory, NationalLanguages, Time

MessageState = Literal["accepted", "submitted", "delivered", "failed"]
Channel = Literal["sms", "rcs"]

LOOK_SECONDS = 1.0
"""Between two looks at what is not final yet."""


class Messages:
    """Sending takes an account's key, reading messages any."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def send(
        self, request: MessageRequest, *, dry_run: bool | None = None, idempotency_key: str | None = None
    ) -> AcceptedMessages:
        """Sends different texts: all of them, or none.

        With `dry_run` the request is checked and priced and answered as usual, and nothing is sent. Requests with the same
        idempotency key within 24 hours are done once. The client makes a key for each call, so that its own repetitions are
        safe; give your own to make the call itself safe to repeat.
        """
        key = idempotency_key or str(uuid.uuid4())
        answer = self._api.json("POST", "/message", {"dryRun": dry_run}, request, idempotency_key=key)
        return cast(AcceptedMessages, answer)

    def list(
        self,
        *,
        to: str | None = None,
        from_: str | None = None,
        state: MessageState | Sequence[MessageState] | None = None,
        code: str | None = None,
        channel: Channel | None = None,
        carrier: str | None = None,
        batch: str | None = None,
        account: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> Paged[MessageItem]:
        """The newest first. `to` is a number, or at least its last six digits: `*123456`.

        What waits for its `send_at` is among `batches.pending`.
        """
        query = _query(to, from_, state, code, channel, carrier, batch, account, since, until)
        return self._api.list("/message", limit, after, query)

    def csv(
        self,
        *,
        to: str | None = None,
        from_: str | None = None,
        state: MessageState | Sequence[MessageState] | None = None,
        code: str | None = None,
        channel: Channel | None = None,
        carrier: str | None = None,
        batch: str | None = None,
        account: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
    ) -> HTTPResponse:
        """The same list as CSV, with a header, to its end: a file of bytes that is read as it comes, and to be closed."""
        query = _query(to, from_, state, code, channel, carrier, batch, account, since, until)
        return self._api.stream("/message", {**query, "format": "csv"})

    def get(self, message: str) -> MessageStory:
        """One message with all that happened to it, by the caller's identifier or ours."""
        return cast(MessageStory, self._api.json("GET", path("message", message)))

    def final(self, message: str, *, every: float = LOOK_SECONDS, timeout: float | None = None) -> MessageStory:
        """Waits until a message is delivered or failed, at most `timeout` seconds; then raises TimeoutError.

        Prefer a callback if you can receive one.
        """
        give_up_at = None if timeout is None else time.monotonic() + timeout
        while True:
            story = self.get(message)
            if story["waiting"] is None:
                return story
            wait(every, give_up_at)

    def national_languages(self) -> NationalLanguages:
        """The national languages in which texts may be written to save parts, by destination."""
        return cast(NationalLanguages, self._api.json("GET", "/national-languages"))


def wait(every: float, give_up_at: float | None) -> None:
    """Waits before the next look. Raises TimeoutError where that would be after the time."""
    if give_up_at is not None and time.monotonic() + every > give_up_at:
        raise TimeoutError("it is not final yet")
    time.sleep(every)


def _query(
    to: str | None,
    from_: str | None,
    state: MessageState | Sequence[MessageState] | None,
    code: str | None,
    channel: Channel | None,
    carrier: str | None,
    batch: str | None,
    account: str | None,
    since: Time | None,
    until: Time | None,
) -> dict[str, object]:
    states = state if state is None or isinstance(state, str) else ",".join(state)
    return {
        "to": to,
        "from": from_,
        "state": states,
        "code": code,
        "channel": channel,
        "carrier": carrier,
        "batch": batch,
        "account": account,
        "since": since,
        "until": until,
    }
