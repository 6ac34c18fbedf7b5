"""What else an organization has: sender IDs, handsets, opt-outs, SMPP credentials, its audit."""

from __future__ import annotations

from typing import cast

from .api import Api, path
from .paged import Paged
from .types import (
    AuditItem,
    Erasure,
    Identifier,
    NewSmppCredential,
    NewSmppCredentialAnswer,
    NewSmppPassword,
    OptOut,
    OptOutsRemoved,
    Sender,
    SenderRegistration,
    SmppBind,
    SmppCredential,
    SmppCredentialChange,
)


class Senders:
    """`/sender`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def register(self, registration: SenderRegistration) -> Identifier:
        """Without `account` it is the organization's."""
        return cast(Identifier, self._api.json("POST", "/sender", None, registration))

    def list(self, *, limit: int | None = None, after: str | None = None) -> Paged[Sender]:
        return self._api.list("/sender", limit, after)

    def delete(self, sender: str) -> None:
        self._api.json("DELETE", path("sender", sender))


class Handsets:
    """`/handset`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def erase(self, number: str) -> Erasure:
        """Erases a number's texts and addresses from history; counts stay."""
        return cast(Erasure, self._api.json("DELETE", path("handset", number)))


class OptOuts:
    """`/opt-outs`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, number: str, *, limit: int | None = None, after: str | None = None) -> Paged[OptOut]:
        """The accounts that a handset has opted out of."""
        return self._api.list("/opt-outs", limit, after, {"number": number})

    def delete(self, number: str) -> OptOutsRemoved:
        return cast(OptOutsRemoved, self._api.json("DELETE", path("opt-outs", number)))


class Smpp:
    """`/account/{uuid}/smpp` and `/smpp`: what customers' software binds with, and who is bound."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def create(self, account: str, fields: NewSmppCredential | None = None) -> NewSmppCredentialAnswer:
        """The only answer that shows the password."""
        body = {} if fields is None else fields
        return cast(NewSmppCredentialAnswer, self._api.json("POST", path("account", account, "smpp"), None, body))

    def bound(self, *, limit: int | None = None, after: str | None = None) -> Paged[SmppBind]:
        """The binds that stand; also with the operator's key."""
        return self._api.list("/smpp", limit, after)

    def list(self, account: str, *, limit: int | None = None, after: str | None = None) -> Paged[SmppCredential]:
        return self._api.list(path("account", account, "smpp"), limit, after)

    def change(self, account: str, credential: str, fields: SmppCredentialChange) -> None:
        self._api.json("PATCH", path("account", account, "smpp", credential), None, fields)

    def rotate_password(self, account: str, credential: str, grace_seconds: int = 0) -> NewSmppPassword:
        body = {"graceSeconds": grace_seconds}
        where = path("account", account, "smpp", credential, "password")
        return cast(NewSmppPassword, self._api.json("POST", where, None, body))

    def delete(self, account: str, credential: str) -> Identifier:
        """Its binds are ended."""
        return cast(Identifier, self._api.json("DELETE", path("account", account, "smpp", credential)))


class Audit:
    """`/audit`: who changed what; also with the operator's key."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, *, limit: int | None = None, after: str | None = None) -> Paged[AuditItem]:
        return self._api.list("/audit", limit, after)
