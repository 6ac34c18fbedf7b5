from __future__ import annotations

import socket
import ssl
import time
import unittest
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

from messaging_plus import NoAnswerError, ProblemError, RequestError
from messaging_plus.api import retry_after, wait_after

from .rig import GIVEN, Proxy, client

MESSAGES: Any = {"messages": [{"from": {"type": "custom", "value": "MyShop"}, "to": "+447700900123", "body": "x"}]}
UNAVAILABLE = (503, {"retry-after": "0"}, b'{"type":"/docs#problem-store-unavailable","title":"x","detail":"x"}')
BUSY = (429, {"retry-after": "0"}, b"")


class AProblem(unittest.TestCase):
    def problem_of(self, work: Callable[[], object]) -> ProblemError:
        with self.assertRaises(ProblemError) as caught:
            work()
        return caught.exception

    def test_is_raised_as_it_is(self) -> None:
        account, organization = client(), client("organization")
        key = str(uuid.uuid4())
        account.messages.send(MESSAGES, idempotency_key=key)
        sent = account.messages.send(MESSAGES)["messages"][0]
        provoked: dict[str, Callable[[], object]] = {
            "invalid-key": lambda: client(None).inbound.list().page(),
            "invalid-token": lambda: client("wrong").inbound.list().page(),
            "invalid-request": lambda: account.batches.send(
                {"from": "MyShop", "message": "x", "destinations": ["12"]}
            ),
            "not-found": lambda: account.batches.status(str(uuid.uuid4())),
            "idempotency-key-used": lambda: account.messages.send(
                {"messages": [*MESSAGES["messages"], *MESSAGES["messages"]]}, idempotency_key=key
            ),
            "batch-not-pending": lambda: account.batches.cancel(sent["batchUuid"]),
            "insufficient-scope": lambda: read_key.batches.send(
                {"from": "MyShop", "message": "x", "destinations": ["447700900123"]}
            ),
        }
        mine = organization.accounts.list()["accounts"][0]["identifier"]
        GIVEN["keys"]["read"] = organization.accounts.create_key(mine, {"name": "r", "scope": "read"})["apiKey"]
        read_key = client("read")
        for name, provoke in provoked.items():
            with self.subTest(name):
                error = self.problem_of(provoke)
                self.assertEqual((error.problem, error.status), (name, GIVEN["problems"][name]))
                self.assertIn(f"{error.status}: {error.detail}", str(error))

    def test_names_the_fields_at_fault(self) -> None:
        faulty: Any = {"messages": [{"from": {"type": "custom", "value": "MyShop"}, "to": "12"}]}
        error = self.problem_of(lambda: client().messages.send(faulty))
        self.assertEqual([fault.path for fault in error.errors], ["messages[0].body", "messages[0].to"])
        self.assertRegex(str(error), r"^400: .*\n  messages\[0\]\.body: .+\n  messages\[0\]\.to: .+$")

    def test_may_be_answered_by_others(self) -> None:
        proxy = Proxy(GIVEN["url"])
        self.addCleanup(proxy.close)
        later = format_datetime(datetime.now(timezone.utc) + timedelta(hours=1), usegmt=True)
        cases: list[tuple[Any, dict[str, Any]]] = [
            ((404, {}, b"<h1>Nothing</h1>"), {"status": 404, "detail": "<h1>Nothing</h1>"}),
            ((404, {}, b""), {"status": 404, "detail": "Not Found"}),
            ((307, {"location": "/elsewhere"}, b""), {"status": 307}),
            ((400, {}, b'{"error":"x"}'), {"status": 400, "detail": '{"error":"x"}'}),
            ((403, {}, b'{"type":"about:blank","detail":"no","errors":{"a":1}}'), {"detail": "no", "errors": []}),
            ((429, {"retry-after": later}, b""), {"status": 429}),
        ]
        for turn, expected in cases:
            with self.subTest(turn=turn):
                proxy.turns.append(turn)
                error = self.problem_of(lambda: client(url=proxy.url).batches.status("x"))
                self.assertEqual((error.type, error.problem), ("about:blank", None))
                for name, value in expected.items():
                    self.assertEqual(getattr(error, name), value)
        self.assertEqual(len(proxy.passed), len(cases))


class NoAnswer(unittest.TestCase):
    def test_in_time_is_an_error(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            with self.assertRaisesRegex(NoAnswerError, "not within 0.1 s") as caught:
                client(url=url, timeout=0.1, retries=0).server.live()
        self.assertIsInstance(caught.exception.__cause__, TimeoutError)

    def test_to_its_end_is_an_error_though_it_comes_in_drops(self) -> None:
        import threading

        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"http://127.0.0.1:{server.getsockname()[1]}"

            def drip() -> None:
                taken, _ = server.accept()
                with taken:
                    taken.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
                    try:
                        while True:
                            taken.sendall(b" ")
                            time.sleep(0.02)
                    except OSError:
                        pass

            threading.Thread(target=drip, daemon=True).start()
            with self.assertRaisesRegex(NoAnswerError, "not within 0.3 s"):
                client(url=url, timeout=0.3, retries=0).server.live()

    def test_of_a_server_that_is_not_there_says_so(self) -> None:
        proxy = Proxy(GIVEN["url"])
        proxy.close()
        with self.assertRaisesRegex(NoAnswerError, "does not answer: .*refused"):
            client(url=proxy.url, retries=0).server.live()

    def test_is_a_page_that_is_none_of_the_apis(self) -> None:
        proxy = Proxy(GIVEN["url"])
        self.addCleanup(proxy.close)
        proxy.turns.append((200, {}, b"<html>Welcome</html>"))
        with self.assertRaisesRegex(NoAnswerError, "not JSON"):
            client(url=proxy.url).server.live()


class ARepetition(unittest.TestCase):
    def setUp(self) -> None:
        self.proxy = Proxy(GIVEN["url"])
        self.addCleanup(self.proxy.close)
        self.account = client(url=self.proxy.url)

    def test_sends_once_whatever_happens_to_the_answers(self) -> None:
        for turn in ("drop", "cut", UNAVAILABLE, BUSY, (502, {}, b"<html>Bad Gateway</html>")):
            with self.subTest(turn=turn):
                self.proxy.passed.clear()
                self.proxy.turns.append(turn)
                body = f"Once {uuid.uuid4()}"
                message: Any = {**MESSAGES["messages"][0], "body": body}
                sent = self.account.messages.send({"messages": [message]})["messages"][0]
                keys = {headers["idempotency-key"] for _, _, headers, _ in self.proxy.passed}
                self.assertEqual((len(self.proxy.passed), len(keys)), (2, 1))
                self.assertEqual(client().messages.get(sent["messageUuid"])["body"], body)
                since = datetime.now(timezone.utc) - timedelta(minutes=10)
                found = [one for one in client().messages.list(to="447700900123", since=since) if one["body"] == body]
                self.assertEqual(len(found), 1)

    def test_within_the_time_comes_after_an_answer_that_does_not(self) -> None:
        self.proxy.turns.append("hold")
        impatient = client(url=self.proxy.url, timeout=2)
        self.assertEqual(len(impatient.messages.send(MESSAGES)["messages"]), 1)

    def test_of_a_change_comes_after_429_alone(self) -> None:
        organization = client("organization", url=self.proxy.url)
        self.proxy.turns.append(BUSY)
        organization.accounts.create("Asked twice")
        self.assertEqual(len(self.proxy.passed), 2)
        self.proxy.turns.append(UNAVAILABLE)
        with self.assertRaises(ProblemError) as caught:
            organization.accounts.create("Not asked again")
        self.assertEqual((caught.exception.problem, caught.exception.retry_after), ("store-unavailable", 0))
        self.assertEqual(len(self.proxy.passed), 3)

    def test_does_not_wait_for_long_and_not_for_a_health_check(self) -> None:
        status, _, text = UNAVAILABLE
        self.proxy.turns.append((status, {"retry-after": "60"}, text))
        with self.assertRaises(ProblemError) as caught:
            self.account.messages.send(MESSAGES)
        self.assertEqual(caught.exception.retry_after, 60)
        self.proxy.turns.append(UNAVAILABLE)
        with self.assertRaises(ProblemError):
            self.account.server.ready()
        self.assertEqual(len(self.proxy.passed), 2)

    def test_waits_longer_each_time(self) -> None:
        error = NoAnswerError()
        waits = [wait_after(error, True, attempt, 0) for attempt in range(3)]
        self.assertEqual(waits, [0.25, 0.5, 1.0])
        self.assertEqual(wait_after(error, True, 0, 1), 0.125)
        self.assertIsNone(wait_after(error, False, 0, 0))

    def test_is_when_the_server_says(self) -> None:
        now = datetime(2030, 1, 31, 9, 30, tzinfo=timezone.utc).timestamp()
        cases = [("7", 7), (None, None), ("soon", None), ("Thu, 31 Jan 2030 09:30:05 GMT", 5), ("-1", None)]
        for header, seconds in cases:
            self.assertEqual(retry_after(header, now), seconds, header)


class ARequest(unittest.TestCase):
    def test_that_is_none_is_refused_before_anything_is_sent(self) -> None:
        proxy = Proxy(GIVEN["url"])
        self.addCleanup(proxy.close)
        GIVEN["keys"]["unfit"] = "sec\nret"
        with self.assertRaisesRegex(RequestError, "^the key has characters that a key cannot have$"):
            client("unfit")
        account = client(url=proxy.url)
        for unfit in ("", ".", ".."):
            with self.assertRaises(RequestError):
                account.batches.cancel(unfit)
        with self.assertRaises(RequestError):
            account.messages.send(MESSAGES, idempotency_key="order\n1")
        with self.assertRaisesRegex(RequestError, "zone"):
            account.batches.send(
                {"from": "x", "message": "x", "destinations": ["447700900123"], "send_at": datetime(2030, 1, 1)}
            )
        with self.assertRaises(RequestError):
            client(url="sms.example.com")
        self.assertEqual(proxy.passed, [])

    def test_keeps_the_path_in_front_of_the_apis_and_has_the_key_in_its_header_alone(self) -> None:
        proxy = Proxy(GIVEN["url"])
        self.addCleanup(proxy.close)
        proxy.turns.append((404, {}, b"not here"))
        with self.assertRaises(ProblemError) as caught:
            client(url=f"{proxy.url}/sms/?x=1").batches.status("a/../b?c")
        [(method, path, headers, _)] = proxy.passed
        self.assertEqual((method, path), ("GET", "/sms/batch/a%2F..%2Fb%3Fc"))
        key = GIVEN["keys"]["account"]
        self.assertEqual(headers["authorization"], f"Bearer {key}")
        self.assertNotIn(key, path + str(caught.exception) + repr(caught.exception))

    def test_over_tls_checks_the_certificate(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"https://127.0.0.1:{server.getsockname()[1]}"
            context = ssl.create_default_context()
            self.assertEqual(context.verify_mode, ssl.CERT_REQUIRED)
            with self.assertRaises(NoAnswerError):
                client(url=url, timeout=0.2, retries=0, ssl_context=context).server.live()
