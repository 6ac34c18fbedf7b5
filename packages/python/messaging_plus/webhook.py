"""Verifies webhooks, and reads them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .errors import WebhookError
from .types import EndpointFailing, EndpointRecovered, InboundMessage, ReceiptWebhook, WebhookExhausted

Headers: TypeAlias = Mapping[str, Any] | Iterable[tuple[str, str]]
"""Header fields of any framework: by names, whose case does not count, or pairs of names and values."""

EndpointEvent: TypeAlias = EndpointFailing | EndpointRecovered | WebhookExhausted

_EVENTS = ("endpoint.failing", "endpoint.recovered", "webhook.exhausted")
_SIGNATURE = re.compile(r"v1,[A-Za-z0-9+/]{43}=")
_NO_SECRET = "a secret is whsec_ and base64, as POST /account/{uuid}/secret answered it"


@dataclass(frozen=True)
class ParsedReceipt:
    """The final word on one message. `id` is the same on every try: recognize repeats by it."""

    id: str
    payload: ReceiptWebhook
    kind: Literal["receipt"] = "receipt"


@dataclass(frozen=True)
class ParsedInbound:
    """A message from a handset."""

    id: str
    payload: InboundMessage
    kind: Literal["inbound"] = "inbound"


@dataclass(frozen=True)
class ParsedEvent:
    """Something about an endpoint of the account."""

    id: str
    payload: EndpointEvent
    kind: Literal["event"] = "event"


Webhook: TypeAlias = ParsedReceipt | ParsedInbound | ParsedEvent


def parse_webhook(
    headers: Headers,
    body: bytes | str,
    *,
    secrets: Sequence[str],
    tolerance_seconds: float = 300,
    now: float | None = None,
) -> Webhook:
    """Verifies a webhook by its Standard Webhooks signature, and reads it.

    `body` is as it came, before anything parses it (in Flask `request.get_data()`, in Django `request.body`, in FastAPI and
    Starlette `await request.body()`). `now` is in seconds since 1970, by default the clock's.
    Raises WebhookError if the signature is wrong or the content unknown, ValueError if the secrets are none.
    """
    verify_webhook(headers, body, secrets=secrets, tolerance_seconds=tolerance_seconds, now=now)
    # It exists: the signature covers it.
    id = _needed(headers, "webhook-id")
    try:
        payload: Any = json.loads(body)
    except ValueError:
        payload = None
    if not isinstance(payload, (dict, list)):
        raise WebhookError("content-unknown", "the webhook is signed, but is no object in JSON")
    if isinstance(payload, dict):
        if payload.get("type") in _EVENTS:
            return ParsedEvent(id, payload)  # type: ignore[arg-type]
        if "mo_uuid" in payload:
            return ParsedInbound(id, payload)  # type: ignore[arg-type]
        if "receiptInfo" in payload:
            return ParsedReceipt(id, payload)  # type: ignore[arg-type]
    raise WebhookError(
        "content-unknown",
        "the webhook is signed, but is of a kind that this version does not know: update it, or read the body yourself",
    )


def verify_webhook(
    headers: Headers,
    body: bytes | str,
    *,
    secrets: Sequence[str],
    tolerance_seconds: float = 300,
    now: float | None = None,
) -> None:
    """Verifies the signature of Standard Webhooks 1.0. Parameters and errors are those of parse_webhook."""
    keys = [_key(secret) for secret in _secrets(secrets)]
    octets = _unparsed(body)
    id = _needed(headers, "webhook-id")
    timestamp = _needed(headers, "webhook-timestamp")
    signatures = _needed(headers, "webhook-signature")
    given = [one for one in signatures.split(" ") if _SIGNATURE.fullmatch(one)]
    if not given:
        raise _malformed("webhook-signature", 'has no signature of version 1, which is "v1," and base64')
    _check_timestamp("webhook-timestamp", timestamp, tolerance_seconds, now)
    signed = f"{id}.{timestamp}.".encode() + octets
    codes = [hmac.new(key, signed, hashlib.sha256).digest() for key in keys]
    expected = ["v1," + base64.b64encode(code).decode() for code in codes]
    if not any(hmac.compare_digest(one, other) for one in expected for other in given):
        raise _mismatch()


def verify_inbound_signature(
    headers: Headers,
    body: bytes | str,
    *,
    secrets: Sequence[str],
    tolerance_seconds: float = 300,
    now: float | None = None,
) -> None:
    """Verifies the header `signature` that inbound messages have beside the standard's: HMAC-SHA256, hexadecimal, of
    `{timestamp}.{environment}.{body}` with the text of the newest secret as the key."""
    keys = [secret.encode() for secret in _secrets(secrets)]
    octets = _unparsed(body)
    signature = _needed(headers, "signature")
    timestamp = _needed(headers, "timestamp")
    environment = _needed(headers, "environment")
    if not re.fullmatch("[0-9a-f]{64}", signature):
        raise _malformed("signature", "is not 64 hexadecimal digits")
    _check_timestamp("timestamp", timestamp, tolerance_seconds, now)
    signed = f"{timestamp}.{environment}.".encode() + octets
    expected = [hmac.new(key, signed, hashlib.sha256).hexdigest() for key in keys]
    if not any(hmac.compare_digest(one, signature) for one in expected):
        raise _mismatch()


def _field(headers: object, name: str) -> str | None:
    """None if it is missing or repeated, or there are no header fields at all."""
    try:
        pairs: Any = headers.items() if hasattr(headers, "items") else headers  # type: ignore[attr-defined]
        values = [value for other, value in pairs if isinstance(other, str) and other.lower() == name]
    except (TypeError, ValueError):
        return None
    return values[0] if len(values) == 1 and isinstance(values[0], str) else None


def _needed(headers: object, name: str) -> str:
    value = _field(headers, name)
    if value is not None:
        return value
    unsigned = "" if name == "webhook-id" else "; webhooks of an account without a secret are not signed"
    message = f"the header {name} is missing or repeated: pass all header fields as they came{unsigned}"
    raise WebhookError("header-missing", message)


def _malformed(name: str, how: str) -> WebhookError:
    message = f"the header {name} {how}: something on the way changed it, or it is not from the server"
    return WebhookError("header-malformed", message)


def _mismatch() -> WebhookError:
    return WebhookError(
        "signature-mismatch",
        "no signature matches the secret: verify with the live secrets of this account, and the body octet for octet as it came",
    )


def _check_timestamp(name: str, text: str, tolerance_seconds: float, now: float | None) -> None:
    if not re.fullmatch("[0-9]{1,15}", text):
        raise _malformed(name, "is not a number of seconds")
    seconds = (time.time() if now is None else now) - int(text)
    if abs(seconds) > tolerance_seconds:
        when = "ago" if seconds > 0 else "ahead"
        raise WebhookError(
            "timestamp-too-far",
            f"the header {name} is {abs(round(seconds))} seconds {when}, too far from now: it is a copy of an old request, "
            "or this machine's clock is wrong",
        )


def _secrets(secrets: object) -> list[str]:
    """Raises ValueError if there are none: then nothing could be verified, and that is no fault of the request."""
    given = list(secrets) if isinstance(secrets, (list, tuple, set, frozenset)) else []
    if not given or not all(isinstance(secret, str) and secret for secret in given):
        raise ValueError(f"secrets is to be a list: {_NO_SECRET}")
    return given


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    # With an empty key every forged signature would hold.
    if not key:
        raise ValueError(_NO_SECRET)
    return key


def _unparsed(body: object) -> bytes:
    """The body as it came: what a framework has parsed says nothing of the octets that were signed."""
    octets = body.encode() if isinstance(body, str) else body
    if isinstance(octets, (bytes, bytearray, memoryview)) and len(octets) > 0:
        return bytes(octets)
    raise WebhookError(
        "body-parsed",
        "the body was parsed or read before: verify it as it came, bytes or text "
        "(in Flask request.get_data(), in Django request.body, in FastAPI await request.body())",
    )
