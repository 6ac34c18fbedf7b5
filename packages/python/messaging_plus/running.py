"""The operator's customers and carriers, and the server itself."""

from __future__ import annotations

from typing import Any, Literal, cast

from .api import Api, path
from .paged import Paged
from .types import (
    Carrier,
    IdentifierAndKey,
    Live,
    NewKey,
    NewOrganization,
    Organization,
    OrganizationChange,
    Ready,
    Receipt,
    Reload,
    RouteTaken,
)


class Operator:
    """With the operator's key."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def create_organization(self, organization: NewOrganization) -> IdentifierAndKey:
        """The only answer that shows the key."""
        return cast(IdentifierAndKey, self._api.json("POST", "/organization", None, organization))

    def organizations(self, *, limit: int | None = None, after: str | None = None) -> Paged[Organization]:
        return self._api.list("/organization", limit, after)

    def change_organization(self, organization: str, change: OrganizationChange) -> None:
        self._api.json("PATCH", path("organization", organization), None, change)

    def rotate_key(self, organization: str, grace_seconds: int = 0) -> NewKey:
        body = {"graceSeconds": grace_seconds}
        return cast(NewKey, self._api.json("POST", path("organization", organization, "key"), None, body))

    def carriers(self, *, limit: int | None = None, after: str | None = None) -> Paged[Carrier]:
        """Those of the program that is asked."""
        return self._api.list("/carriers", limit, after)

    def pause_carrier(self, carrier: str) -> None:
        """It takes nothing more; its receipts still count."""
        self._api.json("POST", path("carriers", carrier, "pause"))

    def resume_carrier(self, carrier: str) -> None:
        self._api.json("POST", path("carriers", carrier, "resume"))

    def route(
        self,
        to: str,
        *,
        account: str | None = None,
        sender: str | None = None,
        channel: Literal["sms", "rcs"] | None = None,
    ) -> RouteTaken:
        """Which way a message would go, and why. Nothing is sent."""
        query = {"to": to, "account": account, "sender": sender, "channel": channel}
        return cast(RouteTaken, self._api.json("GET", "/route", query))

    def reload(self) -> Reload:
        """Has the program read its configuration anew, all or nothing."""
        return cast(Reload, self._api.json("POST", "/reload"))


class Server:
    """Without a key."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def receipt_codes(self) -> list[Receipt]:
        return cast("list[Receipt]", self._api.json("GET", "/dr-responses"))

    def live(self) -> Live:
        return cast(Live, self._api.json("GET", "/health/live", retry=False))

    def ready(self) -> Ready:
        """Raises ProblemError `store-unavailable` where it cannot accept."""
        return cast(Ready, self._api.json("GET", "/health/ready", retry=False))

    def metrics(self) -> str:
        """In Prometheus' form; with the operator's key or the one for metrics where `metrics.key` is configured."""
        return self._api.text("GET", "/metrics")

    def open_api(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self._api.json("GET", "/openapi.json"))

    def docs(self) -> str:
        """The page of the reference."""
        return self._api.text("GET", "/docs")

    def dashboard(self) -> str:
        """The page of the dashboard."""
        return self._api.text("GET", "/dashboard")
