"""What an account sees of its traffic: webhooks, endpoints, statistics, inbound messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from .api import Api, path
from .paged import Paged
from .types import Endpoint, InboundMessage, Replayed, Statistics, Time, WebhookDetails, WebhookItem, WebhookReplay

StatGroup = Literal["account", "carrier", "country", "channel", "code"]


class WebhookLog:
    """`/webhooks`: every webhook with its tries, and replays; with an account's key."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(
        self,
        *,
        state: Literal["pending", "delivered", "exhausted"] | None = None,
        batch: str | None = None,
        message: str | None = None,
        endpoint: str | None = None,
        from_: Time | None = None,
        to: Time | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> Paged[WebhookItem]:
        """The newest first. All conditions must hold.

        `from_` and `to` are times at which they were made; `to` may also be a number that a message went to, whole or by its
        last digits as `*123456`.
        """
        filters = {"state": state, "batch": batch, "message": message, "endpoint": endpoint, "from": from_, "to": to}
        return self._api.list("/webhooks", limit, after, filters)

    def get(self, id: str) -> WebhookDetails:
        """A webhook with every attempt, by its id or its message's identifier."""
        return cast(WebhookDetails, self._api.json("GET", path("webhooks", id)))

    def replay(self, id: str) -> Replayed:
        """Tries one again at once: `replayed` is 1, or 0 if a try is under way."""
        return cast(Replayed, self._api.json("POST", path("webhooks", id, "replay")))

    def replay_many(self, range: WebhookReplay) -> Replayed:
        """Tries many again, at most a million."""
        return cast(Replayed, self._api.json("POST", "/webhooks/replay", None, range))


class Endpoints:
    """`/endpoints`: how the receivers of webhooks do; with any key."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, *, limit: int | None = None, after: str | None = None) -> Paged[Endpoint]:
        """Failing ones first."""
        return self._api.list("/endpoints", limit, after)


class Stats:
    """`/stats`: sums of what was sent; with any key."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def get(
        self,
        *,
        since: Time | None = None,
        until: Time | None = None,
        by: Literal["minute", "hour", "day"] | None = None,
        group: Sequence[StatGroup] = (),
    ) -> Statistics:
        query = {"since": since, "until": until, "by": by, "group": ",".join(group) or None}
        return cast(Statistics, self._api.json("GET", "/stats", query))


class Inbound:
    """`/inbound`: messages from handsets; with an account's key."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
        order: Literal["oldest", "newest"] | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> Paged[InboundMessage]:
        filters = {"from": from_, "to": to, "since": since, "until": until, "order": order}
        return self._api.list("/inbound", limit, after, filters)
