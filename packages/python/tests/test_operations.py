"""Every method of the client, once, against the program; and the requests that they made, against its document."""

from __future__ import annotations

import csv
import io
import re
import unittest
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from messaging_plus import ProblemError, RequestError

from .rig import GIVEN, Proxy, Receiver, client, method_names, snake_case, until

TO = "+447700900123"
FROM: Any = {"type": "custom", "value": "MyShop"}
LATER = datetime.now(timezone.utc) + timedelta(days=1)
UUID = re.compile("[0-9a-f-]{36}")


def rows(file: Any) -> list[list[str]]:
    with file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        return list(csv.reader(text))


class TheClient(unittest.TestCase):
    def setUp(self) -> None:
        self.proxy = Proxy(GIVEN["url"])
        self.addCleanup(self.proxy.close)
        self.hooks = Receiver()
        self.addCleanup(self.hooks.close)

    def test_has_a_method_for_every_operation_and_the_names_of_the_other_client(self) -> None:
        called: set[str] = set()
        account, organization, operator = (
            client(key, url=self.proxy.url) for key in ("account", "organization", "operator")
        )
        nobody = client(None, url=self.proxy.url)
        same, true = self.assertEqual, self.assertTrue

        def of(name: str, call: Callable[[], Any]) -> Any:
            called.add(name)
            with self.subTest(name):
                return call()

        # Messages.
        callback = self.hooks.url + "/receipts"
        sent = of(
            "messages.send",
            lambda: account.messages.send(
                {
                    "defaults": {"from": FROM, "callback": callback, "validity": 600},
                    "messages": [
                        {"to": TO, "body": "Hello"},
                        {"to": TO, "body": "Later", "send_at": LATER, "from": {"type": "shared"}},
                    ],
                }
            ),
        )["messages"]
        same([one["scheduled"] for one in sent], [False, True])
        batch, message = sent[0]["batchUuid"], sent[0]["messageUuid"]
        story = of("messages.final", lambda: account.messages.final(message, every=0.02, timeout=60))
        same((story["state"], story["waiting"], story["events"][0]["kind"]), ("delivered", None, "accepted"))
        with self.assertRaises(TimeoutError):
            account.batches.final(sent[1]["batchUuid"], every=0.01, timeout=0.03)
        same(of("messages.get", lambda: operator.messages.get(message))["carrier"], "simulator")
        since = datetime(1970, 1, 1, tzinfo=timezone.utc)
        listed = of("messages.list", lambda: account.messages.list(to=TO, state=["delivered"], batch=batch, since=since))
        same([one["message_uuid"] for one in listed], [message])
        lines = rows(of("messages.csv", lambda: account.messages.csv(to=TO, state="delivered", batch=batch)))
        same([line[0] for line in lines], ["message_uuid", message])
        with self.assertRaises(ProblemError) as caught:
            account.messages.csv(to="x")
        same([fault.path for fault in caught.exception.errors], ["?to"])
        same(of("messages.national_languages", account.messages.national_languages), {"routes": []})

        # Batches.
        text: Any = {"from": "MyShop", "message": "x" * 161, "destinations": [TO], "send_at": LATER}
        held = of("batches.send", lambda: account.batches.send(text, allow_multi=True))["identifier"]
        numbers = ["447700900123", TO, "447700900124", "447700900125", "447700900126", "447700900127"]
        large: Any = {"from": "MyShop", "message": "Sale", "destinations": iter(numbers), "send_at": LATER}
        chunks = of(
            "batches.send_large", lambda: list(account.batches.send_large(large, chunk=2, idempotency_key="py"))
        )
        same([one.count for one in chunks], [2, 2, 1])
        again: Any = {**large, "destinations": numbers}
        same(list(account.batches.send_large(again, chunk=2, idempotency_key="py")), chunks)
        for unfit in (0, 100_001):
            with self.assertRaises(RequestError):
                next(iter(account.batches.send_large(again, chunk=unfit)))
        for one in chunks:
            account.batches.cancel(one.identifier)
        items = of("batches.list", lambda: list(account.batches.list(from_="MyShop", limit=2)))
        same([one["unitcount"] for one in items if one["identifier"] == held], [2])
        same(of("batches.status", lambda: account.batches.status(batch))["counts"]["delivered"], 1)
        same(of("batches.final", lambda: account.batches.final(batch))["counts"]["delivered"], 1)
        whole = of("batches.detailed_status", lambda: account.batches.detailed_status(batch))
        same(whole["details"], of("batches.details", lambda: list(account.batches.details(batch))))
        same(len(rows(of("batches.details_csv", lambda: operator.batches.details_csv(batch)))), 2)
        same(of("batches.get", lambda: organization.batches.get(batch))["content"]["message"], "Hello")
        pending = of("batches.pending", lambda: list(account.batches.pending(limit=1)))
        true(held in [one["identifier"] for one in pending])
        same(of("batches.cancel", lambda: account.batches.cancel(held)), {"identifier": held})

        # What became of webhooks.
        self.hooks.wait_for("/receipts")
        found = of(
            "webhooks.list",
            lambda: until(
                "the webhook's record",
                lambda: list(account.webhooks.list(state="delivered", message=message, to=LATER)),
            ),
        )
        same([one["id"] for one in found], [message])
        same(len(of("webhooks.get", lambda: account.webhooks.get(message))["attempts"]), 1)
        same(of("webhooks.replay", lambda: account.webhooks.replay(message)), {"replayed": 1})
        past: Any = {"state": "exhausted", "from": since, "to": since + timedelta(days=1), "rate": 50}
        same(of("webhooks.replay_many", lambda: account.webhooks.replay_many(past)), {"replayed": 0})
        seen = of("endpoints.list", lambda: until("an endpoint", lambda: list(account.endpoints.list())))
        true(self.hooks.url in [one["origin"] for one in seen])
        stats = of("stats.get", lambda: account.stats.get(by="day", since=LATER - timedelta(days=2), group=["channel"]))
        true(isinstance(stats["items"], list))
        account.messages.send({"messages": [{"from": {"type": "shared"}, "to": "447700900911", "body": "Ping"}]})
        inbound = of("inbound.list", lambda: until("an answer", lambda: list(account.inbound.list(order="newest"))))
        same(inbound[0]["message"], "Hello")

        # Accounts.
        made = of("accounts.create", lambda: organization.accounts.create("Web"))
        web = made["identifier"]
        true(web in [one["identifier"] for one in of("accounts.list", organization.accounts.list)["accounts"]])
        of("accounts.change", lambda: organization.accounts.change(web, {"name": "Web shop", "overdraft": True}))
        same(of("accounts.get", lambda: organization.accounts.get(web))["name"], "Web shop")
        theirs = of("operator.organizations", lambda: list(operator.operator.organizations()))
        mine = next(one for one in theirs if one["name"] == "default")["identifier"]
        of(
            "operator.change_organization",
            lambda: operator.operator.change_organization(mine, {"balance": {"add": 500}}),
        )
        of("accounts.top_up", lambda: organization.accounts.top_up(web, 300))
        ledger = of("accounts.ledger", lambda: list(organization.accounts.ledger(web)))
        same([(one["kind"], one["credits"]) for one in ledger], [("topup", 300)])
        of("accounts.rotate_key", lambda: organization.accounts.rotate_key(web, 60))
        key = of("accounts.create_key", lambda: organization.accounts.create_key(web, {"name": "CI", "scope": "send"}))
        true(key["identifier"] in [one["identifier"] for one in of("accounts.keys", lambda: organization.accounts.keys(web))])
        of("accounts.revoke_key", lambda: organization.accounts.revoke_key(web, key["identifier"]))
        urls = organization.account_webhooks
        set_urls = of("account_webhooks.set_urls", lambda: urls.set_urls(web, {"inbound_url": "http://127.0.0.1:1/"}))
        same(of("account_webhooks.urls", lambda: urls.urls(web)), set_urls)
        secret = of("account_webhooks.create_secret", lambda: urls.create_secret(web))
        true(secret["secret"].startswith("whsec_"))
        same(len(of("account_webhooks.secrets", lambda: list(urls.secrets(web)))), 1)
        of("account_webhooks.delete_secret", lambda: urls.delete_secret(web, secret["identifier"]))

        # Keys and SMPP.
        same(of("keys.me", organization.keys.me)["kind"], "organization")
        key = of("keys.create", lambda: organization.keys.create({"name": "Support", "scope": "read"}))
        true(key["identifier"] in [one["identifier"] for one in of("keys.list", lambda: organization.keys.list())])
        of("keys.revoke", lambda: organization.keys.revoke(key["identifier"]))
        made = of("smpp.create", lambda: organization.smpp.create(web, {"system_id": "python", "binds": 2}))
        credential = made["identifier"]
        of("smpp.change", lambda: organization.smpp.change(web, credential, {"throughput": 5}))
        same([one["throughput"] for one in of("smpp.list", lambda: organization.smpp.list(web))], [5])
        same(of("smpp.bound", lambda: list(operator.smpp.bound())), [])
        same(len(of("smpp.rotate_password", lambda: organization.smpp.rotate_password(web, credential))["password"]), 8)
        of("smpp.delete", lambda: organization.smpp.delete(web, credential))
        of("accounts.deactivate", lambda: organization.accounts.deactivate(web))

        # What else an organization has.
        sender = of("senders.register", lambda: organization.senders.register({"value": "PyShop"}))["identifier"]
        true(sender in [one["identifier"] for one in of("senders.list", lambda: organization.senders.list(limit=1))])
        of("senders.delete", lambda: organization.senders.delete(sender))
        same(of("opt_outs.list", lambda: list(organization.opt_outs.list(TO))), [])
        same(of("opt_outs.delete", lambda: organization.opt_outs.delete(TO))["accounts"], 0)
        true(of("handsets.erase", lambda: organization.handsets.erase(TO))["messages"] >= 1)
        true(of("audit.list", lambda: organization.audit.list(limit=5).page()).items)

        # The operator's, and nobody's.
        other = of("operator.create_organization", lambda: operator.operator.create_organization({"name": "Other"}))
        of("operator.rotate_key", lambda: operator.operator.rotate_key(other["identifier"]))
        same([one["id"] for one in of("operator.carriers", lambda: operator.operator.carriers())], ["simulator"])
        of("operator.pause_carrier", lambda: operator.operator.pause_carrier("simulator"))
        same(of("operator.route", lambda: operator.operator.route(TO, sender="MyShop"))["next"], None)
        of("operator.resume_carrier", lambda: operator.operator.resume_carrier("simulator"))
        same(of("operator.reload", operator.operator.reload)["changed"], [])
        true({"code": "00", "description": "Successful"} in of("server.receipt_codes", nobody.server.receipt_codes))
        same(of("server.live", nobody.server.live), {"status": "live"})
        same(of("server.ready", nobody.server.ready)["status"], "ready")
        true("# TYPE mplus_" in of("server.metrics", nobody.server.metrics))
        true(of("server.open_api", nobody.server.open_api)["openapi"].startswith("3.1"))
        for page in (of("server.docs", nobody.server.docs), of("server.dashboard", nobody.server.dashboard)):
            true(page.lower().startswith("<!doctype html>"))

        same(sorted(called), sorted(method_names()))
        same(sorted(called), sorted(snake_case(name) for name in GIVEN["methods"]))
        same(self.asked(), sorted(GIVEN["operations"]))

    def asked(self) -> list[str]:
        """The operations that were asked for, by the templates of their paths."""

        def operation(method: str, path: str) -> str:
            def fits(known: str) -> bool:
                other, _, template = known.partition(" ")
                return other == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None

            # `/webhooks/replay` rather than `/webhooks/{id}`.
            return min((one for one in GIVEN["operations"] if fits(one)), key=lambda one: one.count("{"), default=path)

        return sorted({operation(method, path.partition("?")[0]) for method, path, _, _ in self.proxy.passed})


class AList(unittest.TestCase):
    def test_is_read_to_its_end_a_page_at_a_time_and_no_page_more(self) -> None:
        proxy = Proxy(GIVEN["url"])
        self.addCleanup(proxy.close)
        GIVEN["keys"]["pages"] = client("operator").operator.create_organization({"name": "Pages"})["apiKey"]
        organization = client("pages", url=proxy.url)
        senders = [f"Shop {number}" for number in range(7)]
        for value in senders:
            organization.senders.register({"value": value})
        proxy.passed.clear()
        self.assertEqual([one["value"] for one in organization.senders.list(limit=3)], senders)
        self.assertEqual(len(proxy.passed), 3)
        proxy.passed.clear()
        for one in organization.senders.list(limit=3):
            if one["value"] == "Shop 2":
                break
        self.assertEqual(len(proxy.passed), 1)
        items, following = organization.senders.list(limit=5).page()
        self.assertEqual(len(items), 5)
        self.assertEqual([one["value"] for one in organization.senders.list(after=following)], senders[5:])
