from __future__ import annotations

import json
import unittest
from typing import Any

from messaging_plus import WebhookError, parse_webhook, verify_inbound_signature, verify_webhook

from .rig import GIVEN, Receiver, client

OWN: str = GIVEN["webhooks"]["own"]
OTHER: str = GIVEN["webhooks"]["other"]
BODY: str = GIVEN["webhooks"]["body"]
RIGHT: dict[str, str] = GIVEN["webhooks"]["right"]
NOW: float = GIVEN["webhooks"]["now"] / 1_000


class AWebhook(unittest.TestCase):
    def fault_of(self, headers: Any, body: Any = BODY) -> str | None:
        try:
            verify_webhook(headers, body, secrets=[OWN, OTHER], now=NOW)
        except WebhookError as error:
            return error.fault
        return None

    def test_is_judged_as_the_other_clients_judge_it(self) -> None:
        for vector in GIVEN["webhooks"]["vectors"]:
            with self.subTest(vector["name"]):
                for body in (BODY, BODY.encode()):
                    self.assertEqual(self.fault_of(vector["headers"], body), vector["fault"])

    def test_whose_body_was_parsed_or_read_is_refused_with_what_to_do(self) -> None:
        parsed: list[Any] = [json.loads(BODY), {}, None, list(BODY.encode()), "", b""]
        for body in parsed:
            with self.subTest(body=body), self.assertRaisesRegex(WebhookError, r"request\.get_data\(\)") as caught:
                parse_webhook(RIGHT, body, secrets=[OWN], now=NOW)
            self.assertEqual(caught.exception.fault, "body-parsed")

    def test_without_header_fields_at_all_is_refused_with_what_to_do(self) -> None:
        for headers in (None, "webhook-id: x", [], {}, 7):
            with self.subTest(headers=headers), self.assertRaisesRegex(WebhookError, "pass all header fields"):
                verify_webhook(headers, BODY, secrets=[OWN], now=NOW)  # type: ignore[arg-type]

    def test_is_judged_alike_whatever_holds_its_header_fields(self) -> None:
        upper = {name.upper(): value for name, value in RIGHT.items()}
        for headers in (upper, list(RIGHT.items())):
            self.assertIsNone(self.fault_of(headers))

    def test_is_never_by_a_secret_that_is_none_which_is_no_fault_of_the_request(self) -> None:
        inbound = {"signature": "0" * 64, "timestamp": str(int(NOW)), "environment": "production"}
        for secrets in ([""], [], None, OWN, [None]):
            with self.subTest(secrets=secrets):
                unfit: Any = secrets
                with self.assertRaises(ValueError):
                    verify_webhook(RIGHT, BODY, secrets=unfit, now=NOW)
                with self.assertRaises(ValueError):
                    verify_inbound_signature(inbound, BODY, secrets=unfit, now=NOW)
        for secret in ("whsec_", "whsec_%"):
            with self.assertRaises(ValueError):
                verify_webhook(RIGHT, BODY, secrets=[secret], now=NOW)

    def test_tells_nothing_but_what_is_known_here(self) -> None:
        for unknown in GIVEN["webhooks"]["unknown"]:
            with self.subTest(unknown["body"]), self.assertRaises(WebhookError) as caught:
                parse_webhook(unknown["headers"], unknown["body"], secrets=[OWN], now=NOW)
            self.assertEqual(caught.exception.fault, "content-unknown")

    def test_of_the_documentation_verifies(self) -> None:
        vectors = GIVEN["documented"]
        now = float(vectors["timestamp"])
        for vector in vectors["webhooks"]:
            verify_webhook(vector["headers"], vector["body"], secrets=vectors["secrets"], now=now)
        headers = {"signature": vectors["signature"], "timestamp": vectors["timestamp"], "environment": "production"}
        body = vectors["inbound"]

        def fault(changed: dict[str, Any], **more: Any) -> str | None:
            try:
                options = {"secrets": vectors["secrets"], "now": now, **more}
                verify_inbound_signature({**headers, **changed}, body, **options)
            except WebhookError as error:
                return error.fault
            return None

        self.assertIsNone(fault({}))
        self.assertEqual(fault({"environment": "staging"}), "signature-mismatch")
        self.assertEqual(fault({"signature": vectors["signature"][:-1]}), "header-malformed")
        self.assertEqual(fault({"signature": None}), "header-missing")
        self.assertEqual(fault({"timestamp": "soon"}), "header-malformed")
        self.assertEqual(fault({}, now=now + 301), "timestamp-too-far")
        self.assertEqual(fault({}, secrets=[OWN]), "signature-mismatch")


class WhatTheServerSends(unittest.TestCase):
    hooks: Receiver

    @classmethod
    def setUpClass(cls) -> None:
        cls.hooks = Receiver()
        cls.addClassCleanup(cls.hooks.close)
        organization = client("organization")
        made = organization.accounts.create("Webhooks")
        cls.identifier = made["identifier"]
        urls = organization.account_webhooks
        urls.set_urls(
            cls.identifier, {"inbound_url": cls.hooks.url + "/inbound", "events_url": cls.hooks.url + "/events"}
        )
        cls.secrets = [urls.create_secret(cls.identifier)["secret"] for _ in range(2)]
        GIVEN["keys"]["webhooks"] = made["apiKey"]

    def send(self, to: str, path: str) -> Any:
        message: Any = {"from": {"type": "shared"}, "to": to, "body": "x", "callback": self.hooks.url + path}
        return client("webhooks").messages.send({"messages": [message]})["messages"][0]

    def test_is_a_receipt(self) -> None:
        sent = self.send("447700900123", "/receipt")
        headers, body = self.hooks.wait_for("/receipt")
        for secret in self.secrets:
            webhook = parse_webhook(headers, body, secrets=[secret])
            assert webhook.kind == "receipt"
            self.assertEqual(webhook.id, {name.lower(): value for name, value in headers.items()}["webhook-id"])
            self.assertEqual(
                webhook.payload,
                {
                    "destination": "+447700900123",
                    "delivered": True,
                    "batchuuid": sent["batchUuid"],
                    "messageuuid": sent["messageUuid"],
                    "receiptInfo": {"code": "00", "description": "Successful"},
                },
            )

    def test_is_an_inbound_message_with_the_signature_of_its_own(self) -> None:
        sent = self.send("447700900911", "/receipt")
        headers, body = self.hooks.wait_for("/inbound")
        webhook = parse_webhook(headers, body, secrets=self.secrets)
        assert webhook.kind == "inbound"
        self.assertEqual(webhook.payload["message"], "Hello")
        self.assertEqual(webhook.payload["message_uuid"], sent["messageUuid"])
        verify_inbound_signature(headers, body, secrets=self.secrets)
        with self.assertRaises(WebhookError):
            verify_inbound_signature(headers, body, secrets=self.secrets[:1])

    def test_is_an_event(self) -> None:
        self.hooks.statuses["/gone"] = 500
        self.send("447700900123", "/gone")
        headers, body = self.hooks.wait_for("/events")
        webhook = parse_webhook(headers, body, secrets=self.secrets)
        assert webhook.kind == "event" and webhook.payload["type"] == "webhook.exhausted"
        self.assertEqual(webhook.payload["data"]["account_uuid"], self.identifier)
