"""A client of one server with one key."""

from __future__ import annotations

import ssl

from .account import Endpoints, Inbound, Stats, WebhookLog
from .accounts import Accounts, AccountWebhooks, Keys
from .api import Api
from .batches import Batches
from .messages import Messages
from .organization import Audit, Handsets, OptOuts, Senders, Smpp
from .running import Operator, Server


class MessagingPlus:
    """The key's owner decides which groups it opens. May be used by several threads at once.

    `base_url` is the server's, as `https://sms.example.com`; its path, if any, goes before the API's own. `key` goes into the
    header `Authorization`, never into a URL. `timeout` is the deadline of an attempt, to the end of its answer, in seconds.
    `retries` says how often a failed request is repeated, if that is safe. `ssl_context` replaces the default one.
    """

    def __init__(
        self,
        base_url: str,
        key: str | None = None,
        *,
        timeout: float = 30.0,
        retries: int = 3,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        api = Api(base_url, key, timeout, retries, ssl_context)
        self.messages = Messages(api)
        self.batches = Batches(api)
        self.webhooks = WebhookLog(api)
        self.endpoints = Endpoints(api)
        self.stats = Stats(api)
        self.inbound = Inbound(api)
        self.accounts = Accounts(api)
        self.account_webhooks = AccountWebhooks(api)
        self.senders = Senders(api)
        self.handsets = Handsets(api)
        self.opt_outs = OptOuts(api)
        self.keys = Keys(api)
        self.audit = Audit(api)
        self.smpp = Smpp(api)
        self.operator = Operator(api)
        self.server = Server(api)
