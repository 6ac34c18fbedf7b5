"""A typed client of Messaging Plus, and verifiers of its webhooks. The shapes of requests and answers are in `types`."""

from .batches import BatchChunk, LargeBatchRequest
from .client import MessagingPlus
from .errors import FieldFault, NoAnswerError, ProblemError, RequestError, WebhookError, WebhookFault
from .paged import Page, Paged
from .types import Time
from .webhook import (
    EndpointEvent,
    ParsedEvent,
    ParsedInbound,
    ParsedReceipt,
    Webhook,
    parse_webhook,
    verify_inbound_signature,
    verify_webhook,
)

__all__ = [
    "BatchChunk",
    "EndpointEvent",
    "FieldFault",
    "LargeBatchRequest",
    "MessagingPlus",
    "NoAnswerError",
    "Page",
    "Paged",
    "ParsedEvent",
    "ParsedInbound",
    "ParsedReceipt",
    "ProblemError",
    "RequestError",
    "Time",
    "Webhook",
    "WebhookError",
    "WebhookFault",
    "parse_webhook",
    "verify_inbound_signature",
    "verify_webhook",
]
