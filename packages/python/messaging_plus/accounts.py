"""An organization's accounts, their keys and webhooks; with the organization's key."""

from __future__ import annotations

from typing import cast

from .api import Api, path
from .paged import Paged
from .types import (
    Account,
    AccountChange,
    Accounts as AccountList,
    AccountWebhookChange,
    AccountWebhooks as AccountUrls,
    Identifier,
    IdentifierAndKey,
    Key,
    LedgerItem,
    Me,
    NewKey,
    NewNamedKey,
    NewSecret,
    Secret,
)


class Accounts:
    """`/account` and `/topup`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def create(self, name: str) -> IdentifierAndKey:
        """The only answer that shows the key."""
        return cast(IdentifierAndKey, self._api.json("POST", "/account", None, {"name": name}))

    def list(self) -> AccountList:
        """All of them, deactivated ones too."""
        return cast(AccountList, self._api.json("GET", "/account"))

    def get(self, account: str) -> Account:
        return cast(Account, self._api.json("GET", path("account", account)))

    def change(self, account: str, change: AccountChange) -> None:
        """Renames it, lets it overdraw, or activates it again."""
        self._api.json("PATCH", path("account", account), None, change)

    def top_up(self, account: str, topup: int) -> None:
        """Moves credits from the organization to it."""
        self._api.json("PATCH", "/topup", None, {"accountUuid": account, "topup": topup})

    def rotate_key(self, account: str, grace_seconds: int = 0) -> NewKey:
        """A new key; the one before works until the grace is over."""
        body = {"graceSeconds": grace_seconds}
        return cast(NewKey, self._api.json("POST", path("account", account, "key"), None, body))

    def create_key(self, account: str, key: NewNamedKey) -> IdentifierAndKey:
        """A further key, with a name and a scope."""
        return cast(IdentifierAndKey, self._api.json("POST", path("account", account, "keys"), None, key))

    def keys(self, account: str, *, limit: int | None = None, after: str | None = None) -> Paged[Key]:
        return self._api.list(path("account", account, "keys"), limit, after)

    def revoke_key(self, account: str, key: str) -> Identifier:
        return cast(Identifier, self._api.json("DELETE", path("account", account, "keys", key)))

    def ledger(self, account: str, *, limit: int | None = None, after: str | None = None) -> Paged[LedgerItem]:
        """Every movement of credits, the newest first."""
        return self._api.list(path("account", account, "ledger"), limit, after)

    def deactivate(self, account: str) -> None:
        """Its keys stop working at once, its pending batches are cancelled, its credits go back."""
        self._api.json("DELETE", path("account", account))


class AccountWebhooks:
    """Where an account is told of inbound messages and endpoints, and the secrets that sign its webhooks."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def urls(self, account: str) -> AccountUrls:
        return cast(AccountUrls, self._api.json("GET", path("account", account, "webhook")))

    def set_urls(self, account: str, change: AccountWebhookChange) -> AccountUrls:
        return cast(AccountUrls, self._api.json("PUT", path("account", account, "webhook"), None, change))

    def create_secret(self, account: str) -> NewSecret:
        """The only answer that shows it. An account has two at most."""
        return cast(NewSecret, self._api.json("POST", path("account", account, "secret")))

    def secrets(self, account: str, *, limit: int | None = None, after: str | None = None) -> Paged[Secret]:
        return self._api.list(path("account", account, "secret"), limit, after)

    def delete_secret(self, account: str, secret: str) -> Identifier:
        return cast(Identifier, self._api.json("DELETE", path("account", account, "secret", secret)))


class Keys:
    """`/me` with any key, `/organization-keys` with the organization's."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def me(self) -> Me:
        """Whose the key is."""
        return cast(Me, self._api.json("GET", "/me"))

    def create(self, key: NewNamedKey) -> IdentifierAndKey:
        return cast(IdentifierAndKey, self._api.json("POST", "/organization-keys", None, key))

    def list(self, *, limit: int | None = None, after: str | None = None) -> Paged[Key]:
        return self._api.list("/organization-keys", limit, after)

    def revoke(self, key: str) -> Identifier:
        return cast(Identifier, self._api.json("DELETE", path("organization-keys", key)))
