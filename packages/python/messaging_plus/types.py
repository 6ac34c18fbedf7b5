"""The shapes of requests and answers, made from the server's own schemas (test/typed-dicts.ts): not to be edited."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

Time: TypeAlias = str | datetime
"""ISO 8601, as the API has it, or a datetime with a zone."""


class CustomSender(TypedDict):
    type: Literal["custom"]
    value: str
    """1 to 11 characters of the GSM alphabet with a letter and no blanks at its ends or side by side, which the 20
    octets of an SMPP address can hold (€ takes two), or 3 to 15 digits; a + in front is dropped."""


class SharedSender(TypedDict):
    type: Literal["shared"]


class MessageTlvsValue2(TypedDict):
    hex: str


class RichContentCardMedia(TypedDict):
    """A picture, GIF or video."""
    url: str
    """A public http(s) URL, which the platform fetches. Pictures, videos, sound and PDF; at most 100 MB."""
    thumbnail: NotRequired[str]
    """A public URL of a picture of at most 100 kB, shown until the file is there."""
    height: Literal["SHORT", "MEDIUM", "TALL", "short", "medium", "tall"]
    """112, 168 or 264 dp. TALL is not for carousels that are SMALL. A HORIZONTAL card ignores it."""


class Suggestion(TypedDict):
    """Something to tap: one of `reply`, `open`, `dial`, `location` and `calendar`, with the fields of its kind."""
    reply: NotRequired[str]
    """The words on it, of a reply: the tap sends them as an answer."""
    open: NotRequired[str]
    """The words on it: the tap opens `url`."""
    dial: NotRequired[str]
    """The words on it: the tap dials `number`."""
    location: NotRequired[str]
    """The words on it: the tap shows the point of `latitude` and `longitude` or what `query` finds on a map; with none
    of them it asks for the handset's own location."""
    calendar: NotRequired[str]
    """The words on it: the tap enters `title`, `start` and `end` in the calendar."""
    postback: str
    """What its inbound webhook has as `postbackData`; the handset shows none of it."""
    url: NotRequired[str]
    """Of `open`: the http(s) URL."""
    number: NotRequired[str]
    """Of `dial`: a number in E.164, with or without +."""
    latitude: NotRequired[float]
    """Of `location`, in degrees."""
    longitude: NotRequired[float]
    """Of `location`, in degrees."""
    label: NotRequired[str]
    """Of `location`: the words at the point."""
    query: NotRequired[str]
    """Of `location`: what to search for near the handset, in place of a point."""
    title: NotRequired[str]
    """Of `calendar`: the title of the event."""
    start: NotRequired[Time]
    """Of `calendar`: ISO 8601; without an offset it is GMT."""
    end: NotRequired[Time]
    """Of `calendar`: after `start`."""
    description: NotRequired[str]
    """Of `calendar`: more about the event."""


class RichContentCard(TypedDict):
    """A card. A title, a description or media is needed."""
    title: NotRequired[str]
    """The line in bold."""
    description: NotRequired[str]
    """The text under it."""
    media: NotRequired[RichContentCardMedia]
    """A picture, GIF or video."""
    suggestions: NotRequired[list[Suggestion]]
    """What to tap on the card."""
    orientation: NotRequired[Literal["VERTICAL", "HORIZONTAL", "vertical", "horizontal"]]
    """Media above the text, or beside it. Default: VERTICAL."""


class RichContentCarouselCardMedia(TypedDict):
    """A picture, GIF or video."""
    url: str
    """A public http(s) URL, which the platform fetches. Pictures, videos, sound and PDF; at most 100 MB."""
    thumbnail: NotRequired[str]
    """A public URL of a picture of at most 100 kB, shown until the file is there."""
    height: Literal["SHORT", "MEDIUM", "TALL", "short", "medium", "tall"]
    """112, 168 or 264 dp. TALL is not for carousels that are SMALL. A HORIZONTAL card ignores it."""


class RichContentCarouselCard(TypedDict):
    """A title, a description or media is needed."""
    title: NotRequired[str]
    """The line in bold."""
    description: NotRequired[str]
    """The text under it."""
    media: NotRequired[RichContentCarouselCardMedia]
    """A picture, GIF or video."""
    suggestions: NotRequired[list[Suggestion]]
    """What to tap on the card."""


class RichContentCarousel(TypedDict):
    """Cards side by side."""
    width: Literal["SMALL", "MEDIUM", "small", "medium"]
    """120 or 232 dp a card."""
    cards: list[RichContentCarouselCard]


class RichContentFile(TypedDict):
    """A file by itself."""
    url: str
    """A public http(s) URL, which the platform fetches. Pictures, videos, sound and PDF; at most 100 MB."""
    thumbnail: NotRequired[str]
    """A public URL of a picture of at most 100 kB, shown until the file is there."""


class RichContent(TypedDict):
    """What RCS shows in place of the text, which stays that of the SMS: one of `text`, `card`, `carousel` and `file`,
    and `suggestions`; with suggestions alone the text itself. `rcs` must be among the channels. The limits are
    those of Google's RCS Business Messaging, and 250,000 octets in all."""
    text: NotRequired[str]
    """A text in place of `body`."""
    card: NotRequired[RichContentCard]
    """A card. A title, a description or media is needed."""
    carousel: NotRequired[RichContentCarousel]
    """Cards side by side."""
    file: NotRequired[RichContentFile]
    """A file by itself."""
    suggestions: NotRequired[list[Suggestion]]
    """What to tap under the message, while it is the latest."""


Message = TypedDict(
    "Message",
    {
        # The sender: one of your own, or a number of the platform's pool.
        "from": NotRequired[CustomSender | SharedSender],
        # Mobile number, E.164, with or without +.
        "to": NotRequired[str],
        # The text: GSM 7-bit where it fits, else UCS-2; at most 10 parts.
        "body": NotRequired[str],
        # http(s) URL for the delivery webhook.
        "callback": NotRequired[str],
        # Each at most once. The order in which channels are tried: the next one where one fails, has not delivered in
        # time (`messages.fallbackAfter`), or, of rcs, where the handset has no RCS or no carrier here serves it (one of
        # them must be served). By RCS the handset sees the agent as the sender, not `from`. Default: sms alone.
        "channels": NotRequired[list[Literal["sms", "rcs"]]],
        # UUID to use as the identifier; unique per account, for good. Used before: 409. Given twice in one request:
        # 400.
        "id": NotRequired[str],
        # When to send, ISO 8601; without an offset it is GMT; seconds may be missing. Held for it where it is more than
        # five minutes ahead; sent at once where it is nearer or past.
        "send_at": NotRequired[Time],
        # Seconds after which it is no longer worth sending.
        "validity": NotRequired[float],
        # Optional parameters (TLVs) for SMPP carriers that ask for them per message: by tag, `0x1401` and the like, a
        # text (its octets are its UTF-8) or `{"hex": "00ff"}`; at most 255 octets each. They take the place of the
        # carrier's own of the same tag, and go by no other channel than SMS.
        "tlvs": NotRequired[dict[str, str | MessageTlvsValue2]],
        "rcs": NotRequired[RichContent],
    },
)


class MessageRequest(TypedDict):
    messages: list[Message]
    """The messages, in the answer's order."""
    defaults: NotRequired[Message]
    """What a message leaves out is taken from here, whole."""


class BatchRequestTlvsValue2(TypedDict):
    hex: str


BatchRequest = TypedDict(
    "BatchRequest",
    {
        # 1 to 11 characters of the GSM alphabet with a letter and no blanks at its ends or side by side, which the 20
        # octets of an SMPP address can hold (€ takes two), or 3 to 15 digits; a + in front is dropped.
        "from": str,
        # The text: GSM 7-bit where it fits, else UCS-2; at most 10 parts.
        "message": str,
        # The handsets; one that is there twice is sent to once.
        "destinations": list[str],
        # http(s) URL for the delivery webhook.
        "callback": NotRequired[str],
        # UUID to use as the identifier; unique per account, for good. Used before: 409. Given twice in one request:
        # 400.
        "id": NotRequired[str],
        # Another spelling of id.
        "uuid": NotRequired[str],
        # When to send, ISO 8601; without an offset it is GMT; seconds may be missing. Held for it where it is more than
        # five minutes ahead; sent at once where it is nearer or past.
        "send_at": NotRequired[Time],
        # Another spelling of send_at.
        "at": NotRequired[Time],
        # The first channel; sms where none is named.
        "channel": NotRequired[Literal["sms", "rcs"]],
        # The channels that are tried after it, in order; none of them `channel` again.
        "fallback_channels": NotRequired[list[Literal["sms", "rcs"]]],
        # Seconds after which it is no longer worth sending.
        "validity": NotRequired[float],
        # Optional parameters (TLVs) for SMPP carriers that ask for them per message: by tag, `0x1401` and the like, a
        # text (its octets are its UTF-8) or `{"hex": "00ff"}`; at most 255 octets each. They take the place of the
        # carrier's own of the same tag, and go by no other channel than SMS.
        "tlvs": NotRequired[dict[str, str | BatchRequestTlvsValue2]],
        "rcs": NotRequired[RichContent],
    },
)


class AcceptedMessageFrom(TypedDict):
    """As in the request, with the value filled in."""
    type: Literal["custom", "shared"]
    value: str
    """The sender; with `shared`, the number that was picked from the pool."""


AcceptedMessage = TypedDict(
    "AcceptedMessage",
    {
        # As in the request.
        "to": str,
        # As in the request.
        "body": str,
        # As in the request, with the value filled in.
        "from": AcceptedMessageFrom,
        # As in the request, where it has one.
        "callback": NotRequired[str],
        # As in the request, where it has one.
        "send_at": NotRequired[str],
        # The batch of this message alone: for `GET /batch/{uuid}`, and to cancel it.
        "batchUuid": str,
        # The message: the identifier that was given, or ours.
        "messageUuid": str,
        # Whether it is held for its `send_at`.
        "scheduled": bool,
    },
)


class AcceptedMessages(TypedDict):
    messages: list[AcceptedMessage]
    """In the order of the request."""


class Identifier(TypedDict):
    identifier: str
    """What it is called from now on."""


MessageItem = TypedDict(
    "MessageItem",
    {
        # The message: the identifier that was given, or ours.
        "message_uuid": str,
        # Its batch.
        "batch_uuid": str,
        # The handset, with `+`; null where it was [erased](#erase-handset).
        "to": str | None,
        # The sender.
        "from": str | None,
        # The channel that it is at, or was last.
        "channel": Literal["sms", "rcs"],
        # The text; null where it was erased.
        "body": str | None,
        # How many parts it has.
        "parts": int,
        # How far it has come.
        "state": Literal["accepted", "submitted", "delivered", "failed"],
        # The receipt code; null until it is final.
        "code": str | None,
        # What the code means.
        "description": str | None,
        # When it was accepted.
        "accepted_at": str,
        # When a carrier took the last of it; null until then, and where that was not kept.
        "submitted_at": str | None,
        # When it was delivered or failed; null until then.
        "final_at": str | None,
        # Where its webhook goes.
        "callback": str | None,
        # Its account; with an organization's key or the operator's.
        "account_uuid": NotRequired[str],
        # The carrier that has it, or had it last; with an organization's key or the operator's.
        "carrier": NotRequired[str | None],
    },
)


class MessageList(TypedDict):
    items: list[MessageItem]
    """The newest first."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end. A page may be short, or empty, and have one: the look
    was broken off after half a second."""


PendingBatch = TypedDict(
    "PendingBatch",
    {
        # The batch.
        "identifier": str,
        # When it is sent; ends in `Z`.
        "at": str,
        # The sender.
        "from": str | None,
        # How many messages it has.
        "messagecount": int,
        # How many parts each of them has.
        "unitcount": int,
    },
)


class PendingBatches(TypedDict):
    batches: list[PendingBatch]
    """The soonest first."""
    next: NotRequired[str | None]
    """The cursor of the next page, for `after`; null at the end. Only where `limit` or `after` was given."""


BatchItem = TypedDict(
    "BatchItem",
    {
        # The batch.
        "identifier": str,
        # When it was accepted; while it is pending, when it is sent.
        "at": str,
        # The sender.
        "from": str | None,
        # How many messages it has.
        "messagecount": int,
        # How many parts each of them has.
        "unitcount": int,
        # How many were delivered.
        "delivered": int,
        # How many have failed.
        "failed": int,
        # `done`: all of its messages are final.
        "state": Literal["pending", "sending", "done"],
        # Its account; with an organization's key or the operator's.
        "account_uuid": NotRequired[str],
    },
)


class BatchList(TypedDict):
    items: list[BatchItem]
    """The newest first."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end. A page may be short."""


class NationalLanguagesRoute(TypedDict):
    to: str
    """The first digits of the numbers that it is for; the longest that fits counts."""
    nationalLanguages: list[Literal["turkish", "spanish", "portuguese", "bengali", "gujarati", "hindi", "kannada", "malayalam", "oriya", "punjabi", "tamil", "telugu", "urdu"]]
    """Languages that a text may be written in; empty: GSM 7-bit and UCS-2 alone."""


class NationalLanguages(TypedDict):
    routes: list[NationalLanguagesRoute]
    """Empty where no carrier takes such texts."""


class MessageEventAccepted(TypedDict):
    """It was taken in."""
    at: str
    """When, to the millisecond."""
    kind: Literal["accepted"]
    via: Literal["http", "smpp"]
    """How it came."""


class MessageEventReleased(TypedDict):
    """It was held for its `send_at`, and is sent from now on."""
    at: str
    """When, to the millisecond."""
    kind: Literal["released"]


class MessageEventSubmitted(TypedDict):
    """A carrier took it, or a part of it."""
    at: str
    """When, to the millisecond."""
    kind: Literal["submitted"]
    carrier: str | None
    """The carrier; null where it is not shown to accounts (`messages.hideCarriers`)."""
    part: int
    """Which part, from 1."""
    carrier_message_id: str | None
    """What the carrier calls it."""
    seconds: float
    """How long the carrier's answer took."""


class MessageEventRefused(TypedDict):
    """A carrier did not take it."""
    at: str
    """When, to the millisecond."""
    kind: Literal["refused"]
    carrier: str | None
    """The carrier; null where it is not shown to accounts (`messages.hideCarriers`)."""
    part: int
    """Which part, from 1."""
    status: str | None
    """The carrier's status by its name; null where the text cannot be written for this carrier."""
    code: str | None
    """The receipt code that it stands for."""
    then: Literal["fail", "later", "carrier", "channel"]
    """What that led to: the end, another try later, another carrier, or the next channel."""


class MessageEventUncertain(TypedDict):
    """The carrier's answer never came: it may have taken it."""
    at: str
    """When, to the millisecond."""
    kind: Literal["uncertain"]
    carrier: str | None
    """The carrier; null where it is not shown to accounts (`messages.hideCarriers`)."""


class MessageEventReceipt(TypedDict):
    """What a carrier said of it later."""
    at: str
    """When, to the millisecond."""
    kind: Literal["receipt"]
    carrier: str | None
    """The carrier; null where it is not shown to accounts (`messages.hideCarriers`)."""
    part: int | None
    """Which part, from 1; null where it is for the whole of a message of several."""
    state: Literal["delivered", "undeliverable", "expired", "deleted", "rejected", "skipped", "replaced", "accepted", "enroute", "unknown", "read"]
    """The state in it; `read` of RCS alone."""
    error: str | None
    """The error in it, as the carrier wrote it."""
    text: str | None
    """Its text as the carrier sent it."""
    done_at: str | None
    """Its own time, read as UTC: the carrier's zone is not known."""
    applied: bool
    """Whether it moved the message, or its part."""
    why: Literal["intermediate", "late", "repeated"] | None
    """Why it moved nothing: it is not final; it contradicts the end that came before; it repeats it."""


MessageEventFallback = TypedDict(
    "MessageEventFallback",
    {
        # When, to the millisecond.
        "at": str,
        "kind": Literal["fallback"],
        # The one that failed.
        "from": Literal["sms", "rcs"],
        # The next.
        "to": Literal["sms", "rcs"],
    },
)
"""It failed at one channel, and goes by the next."""


class MessageEventDelivered(TypedDict):
    """It is final."""
    at: str
    """When, to the millisecond."""
    kind: Literal["delivered"]
    code: str
    """The receipt code."""
    description: str
    """What it means."""


class MessageEventFailed(TypedDict):
    """It is final."""
    at: str
    """When, to the millisecond."""
    kind: Literal["failed"]
    code: str
    """The receipt code."""
    description: str
    """What it means."""


class MessageEventWebhook(TypedDict):
    """A try of its webhook."""
    at: str
    """When, to the millisecond."""
    kind: Literal["webhook"]
    attempt: int
    """Which try, from 1."""
    url: str
    """Where it went."""
    status: int | None
    """The answer's status; null where there was none."""
    fault: Literal["refused_address", "dns", "connect", "tls", "timeout", "reset", "protocol", "headers_too_large", "unbound", "internal"] | None
    """Why there was none, in a word."""
    seconds: float
    """How long it took."""


class MessageStoryWaiting1(TypedDict):
    why: Literal["no-link", "window", "throughput", "slowed", "queue", "receipt", "disk", "store"]
    """No carrier of its route is connected, or they are paused; the carrier's window is full, its throughput used up,
    or it has asked to slow down; others go first; its receipt has not come; the store's disk is nearly full, or the
    store commits nothing."""
    since: str
    """Since when."""
    until: str | None
    """When it is given up."""
    ahead: NotRequired[int]
    """Of `queue`: how many go before it."""


MessageStory = TypedDict(
    "MessageStory",
    {
        # The message: the identifier that was given, or ours.
        "message_uuid": str,
        # Its batch.
        "batch_uuid": str,
        # The handset, with `+`; null where it was [erased](#erase-handset).
        "to": str | None,
        # The sender.
        "from": str | None,
        # The channel that it is at, or was last.
        "channel": Literal["sms", "rcs"],
        # The text; null where it was erased.
        "body": str | None,
        # How many parts it has.
        "parts": int,
        # How far it has come.
        "state": Literal["accepted", "submitted", "delivered", "failed"],
        # The receipt code; null until it is final.
        "code": str | None,
        # What the code means.
        "description": str | None,
        # When it was accepted.
        "accepted_at": str,
        # When a carrier took the last of it; null until then, and where that was not kept.
        "submitted_at": str | None,
        # When it was delivered or failed; null until then.
        "final_at": str | None,
        # Where its webhook goes.
        "callback": str | None,
        # Its account; with an organization's key or the operator's.
        "account_uuid": NotRequired[str],
        # The carrier that has it, or had it last; with an organization's key or the operator's.
        "carrier": NotRequired[str | None],
        # The content that RCS shows in place of the text; missing where there is none.
        "rcs": NotRequired[RichContent],
        # All that happened to it, the oldest first.
        "events": list[MessageEventAccepted | MessageEventReleased | MessageEventSubmitted | MessageEventRefused | MessageEventUncertain | MessageEventReceipt | MessageEventFallback | MessageEventDelivered | MessageEventFailed | MessageEventWebhook],
        # What it waits for; null once it is final.
        "waiting": MessageStoryWaiting1 | None,
    },
)


class BatchStatusCounts(TypedDict):
    """How the messages ended."""
    total: int
    """How many messages the batch has."""
    delivered: int
    """How many were delivered."""
    failed: int
    """How many have failed; what is left is not known yet."""


class Receipt(TypedDict):
    code: str
    """A receipt code, as `GET /dr-responses` lists them."""
    description: str
    """What the code means."""


class MessageStatus(TypedDict):
    destination: str | None
    """The handset, with `+`; null where it was [erased](#erase-handset)."""
    delivered: bool
    """Neither flag set: not known yet."""
    failed: bool
    """Neither flag set: not known yet."""
    batchuuid: str
    """The batch that was asked for."""
    messageuuid: str
    """The message."""
    info: Receipt | None
    """Why; null until it is known."""


BatchStatusContent = TypedDict(
    "BatchStatusContent",
    {
        # When it was accepted, or, while it is pending, when it is sent.
        "at": str,
        # How far it has come.
        "state": Literal["pending", "sending", "done"],
        # The sender; null where it was [erased](#erase-handset).
        "from": str | None,
        # The text; null where it was erased.
        "message": str | None,
        # The content that RCS shows in place of the text; missing where there is none.
        "rcs": NotRequired[RichContent],
        # Where its webhooks go.
        "callback": str | None,
        # How many parts each message has.
        "unitcount": int,
        # Its account; with an organization's key or the operator's.
        "account_uuid": NotRequired[str],
    },
)
"""What it sends; with `content=true`."""


class BatchStatus(TypedDict):
    counts: BatchStatusCounts
    """How the messages ended."""
    details: NotRequired[list[MessageStatus]]
    """Each message; with `details=true` alone, in the order of the request."""
    content: NotRequired[BatchStatusContent]
    """What it sends; with `content=true`."""
    next: NotRequired[str | None]
    """The cursor of the next page, for `after`; null at the end. Only where `limit` or `after` was given."""


ReceiptCodes: TypeAlias = list[Receipt]


class Held(TypedDict):
    why: Literal["endpoint_fails", "retry_after"]
    """`endpoint_fails`: 20 different webhooks in a row have failed, and one at a time is tried. `retry_after`: the
    receiver has asked for a pause."""
    since: str
    """Since when its endpoint is so."""
    next_probe_at: str
    """Until when nothing is sent to the endpoint."""


class LastAttempt(TypedDict):
    at: str
    """When it began."""
    status: int | None
    """The answer's status; null where there was none."""
    fault: Literal["refused_address", "dns", "connect", "tls", "timeout", "reset", "protocol", "headers_too_large", "unbound", "internal"] | None
    """Why there was none, in a word."""
    reason: str | None
    """Why it failed, in a sentence; null where it did not."""


class WebhookItem(TypedDict):
    id: str
    """Its `webhook-id`: the same on every try."""
    kind: Literal["receipt", "intermediate", "inbound", "event"]
    """What it tells. `intermediate`: over SMPP, that a message is on its way."""
    state: Literal["pending", "delivered", "exhausted"]
    """`exhausted`: the last try has failed; it can be replayed."""
    endpoint: str
    """The origin of the URL; over SMPP `smpp:` and the `system_id`."""
    url: str
    """Where it goes."""
    batch_uuid: str | None
    """The batch that it is about."""
    message_uuid: str | None
    """The message that it is about."""
    tries: int
    """How often it was tried since it was made or last replayed."""
    created_at: str
    """When the message was accepted, or the inbound message or event was made."""
    next_at: str | None
    """When it is due, while it is pending; never in the past."""
    held: Held | None
    """Why it is held back although it is due, or would be; null where it is not."""
    last_attempt: LastAttempt | None
    """The last try; null before the first."""


class WebhookList(TypedDict):
    items: list[WebhookItem]
    """The newest first. A page may be short where few of many match."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end."""


class Attempt(TypedDict):
    at: str
    """When it began."""
    status: int | None
    """The answer's status; null where there was none."""
    fault: Literal["refused_address", "dns", "connect", "tls", "timeout", "reset", "protocol", "headers_too_large", "unbound", "internal"] | None
    """Why there was none, in a word."""
    reason: str | None
    """Why it failed, in a sentence; null where it did not."""
    connect_ms: float | None
    """Milliseconds from the beginning until the request was written."""
    first_byte_ms: float | None
    """Milliseconds from the beginning until the answer's headers were in."""
    total_ms: float | None
    """Milliseconds from the beginning until the end."""
    answer: str | None
    """The first KiB of the answer's body."""


class WebhookDetails(TypedDict):
    id: str
    """Its `webhook-id`: the same on every try."""
    kind: Literal["receipt", "intermediate", "inbound", "event"]
    """What it tells. `intermediate`: over SMPP, that a message is on its way."""
    state: Literal["pending", "delivered", "exhausted"]
    """`exhausted`: the last try has failed; it can be replayed."""
    endpoint: str
    """The origin of the URL; over SMPP `smpp:` and the `system_id`."""
    url: str
    """Where it goes."""
    batch_uuid: str | None
    """The batch that it is about."""
    message_uuid: str | None
    """The message that it is about."""
    tries: int
    """How often it was tried since it was made or last replayed."""
    created_at: str
    """When the message was accepted, or the inbound message or event was made."""
    next_at: str | None
    """When it is due, while it is pending; never in the past."""
    held: Held | None
    """Why it is held back although it is due, or would be; null where it is not."""
    body: str | None
    """What is sent, to the byte."""
    attempts: list[Attempt]
    """Every try, the oldest first; the newest 60."""


class LastTry(TypedDict):
    at: str
    """When the last try began, as far as it is written."""
    status: int | None
    """The answer's status; null where there was none."""
    fault: Literal["refused_address", "dns", "connect", "tls", "timeout", "reset", "protocol", "headers_too_large", "unbound", "internal"] | None
    """Why there was none, in a word."""


class Endpoint(TypedDict):
    origin: str
    """Scheme, host and port of the URLs."""
    account_uuid: str
    """The account whose endpoint it is."""
    state: Literal["ok", "failing", "probed"]
    """`failing`: the last try has failed. `probed`: 20 different webhooks in a row have failed, and one at a time is
    tried."""
    since: str
    """Since when it is in this state."""
    waiting: int
    """Webhooks that wait for a try: for its time, for their turn, or for a probe. At most 10000 are counted."""
    next_probe_at: str | None
    """Until when nothing is sent, because it fails or its receiver has asked for a pause; null where neither is so."""
    last: LastTry


class Endpoints(TypedDict):
    items: list[Endpoint]
    """Those that are probed first, then those that fail."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end."""


class NoFields(TypedDict):
    pass


class Replayed(TypedDict):
    replayed: int
    """How many are tried again. One that is being tried as it is does not count."""


WebhookReplay = TypedDict(
    "WebhookReplay",
    {
        # Which of them are to be tried again.
        "state": Literal["pending", "delivered", "exhausted"],
        # When what they tell of was accepted, at the earliest: ISO 8601.
        "from": Time,
        # And before when: ISO 8601.
        "to": Time,
        # How many a second; 100 unless told.
        "rate": NotRequired[float],
        # Only those to the origin of this URL, or, of those over SMPP, to `smpp:` and a `system_id`.
        "endpoint": NotRequired[str],
    },
)


class InboundMessageRcs(TypedDict):
    """Of one over RCS: what it is, with the platform's own fields. Of a `suggestion` that was tapped `postbackData`
    and `text`; of a `file` `payload` and, of some, `thumbnail`, each with `mimeType`, `fileSizeBytes`, `fileName`
    and `fileUri`; of a `location` `latitude` and `longitude`."""
    type: Literal["text", "suggestion", "file", "location"]
    """What the handset sent."""


InboundMessage = TypedDict(
    "InboundMessage",
    {
        # The account that it is for.
        "account_uuid": str,
        # The batch of the account's latest message from that number to that handset.
        "batch_uuid": str | None,
        # That message.
        "message_uuid": str | None,
        # The inbound message itself; tell repeats by it.
        "mo_uuid": str,
        # How it came.
        "channel": Literal["sms", "rcs"],
        # The text, put together where it came in parts; of a tap over RCS the words on it.
        "message": str,
        # When it came, with milliseconds and `Z`.
        "at": str,
        # The handset: a JSON number.
        "from": int,
        # The number that it wrote to, in digits: a string. Over RCS the sender of the message that it answers, or the
        # agent's id where it answers none.
        "to": str,
        # Of one over RCS: what it is, with the platform's own fields. Of a `suggestion` that was tapped `postbackData`
        # and `text`; of a `file` `payload` and, of some, `thumbnail`, each with `mimeType`, `fileSizeBytes`, `fileName`
        # and `fileUri`; of a `location` `latitude` and `longitude`.
        "rcs": NotRequired[InboundMessageRcs],
    },
)


class InboundList(TypedDict):
    items: list[InboundMessage]
    """In the order that was asked for."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end."""


class StatisticReceiptSeconds(TypedDict):
    """From a carrier's taking a message to its final receipt. To within 13 %; null where there was none."""
    p50: float | None
    """Half of them took at most so many seconds."""
    p95: float | None
    """95 of a hundred."""
    p99: float | None
    """99 of a hundred."""


class StatisticWebhookSeconds(TypedDict):
    """From a message's becoming final to the first success of its webhook. To within 13 %; null where there was none."""
    p50: float | None
    """Half of them took at most so many seconds."""
    p95: float | None
    """95 of a hundred."""
    p99: float | None
    """99 of a hundred."""


class Statistic(TypedDict):
    at: str
    """The beginning of the minute, hour or day, UTC."""
    account: NotRequired[str]
    """The account. With `group` alone."""
    carrier: NotRequired[str | None]
    """The carrier; null of what none had yet, of accepted messages, and where it is not shown to accounts
    (`messages.hideCarriers`). With `group` alone."""
    country: NotRequired[str | None]
    """The country that the number's first digits name, ISO 3166-1 alpha-2; null where they name none. With `group`
    alone."""
    channel: NotRequired[str | None]
    """`sms` or `rcs`: that the message was at. With `group` alone."""
    code: NotRequired[str | None]
    """The receipt code; null of what is not final. With `group` alone."""
    accepted: int
    """Messages accepted."""
    submitted: int
    """Messages that a carrier took; one that fell back is counted at each of its channels."""
    delivered: int
    """Messages that became delivered."""
    failed: int
    """Messages that failed."""
    parts: int
    """Parts of the accepted messages, as they are priced."""
    receipt_seconds: StatisticReceiptSeconds
    """From a carrier's taking a message to its final receipt. To within 13 %; null where there was none."""
    webhook_seconds: StatisticWebhookSeconds
    """From a message's becoming final to the first success of its webhook. To within 13 %; null where there was none."""


class Statistics(TypedDict):
    items: list[Statistic]
    """By time, and then by group. Where nothing happened there is no item."""


class NewAccount(TypedDict):
    name: str
    """A name of your own choice."""


class IdentifierAndKey(TypedDict):
    identifier: str
    """What it is called from now on."""
    apiKey: str
    """The key. It is shown this once."""


class ListedAccount(TypedDict):
    identifier: str
    """The account."""
    name: str
    """Its name."""
    credits: int
    """Its balance."""
    deleted: bool
    """Whether it is deactivated."""


class Accounts(TypedDict):
    accounts: list[ListedAccount]
    """All of them, deactivated ones too."""


class Account(TypedDict):
    identifier: str
    """The account."""
    name: str
    """Its name."""
    credits: int
    """Its balance."""
    overdraft: bool
    """Whether its balance may go below zero."""
    deleted: bool
    """Whether it is deactivated."""


class AccountChange(TypedDict):
    topup: NotRequired[int]
    """Credits to move to the account."""
    name: NotRequired[str]
    """A name of your own choice."""
    overdraft: NotRequired[bool]
    """Whether the balance may go below zero."""
    deleted: NotRequired[Literal[False]]
    """Takes a deactivation back."""


class Nothing(TypedDict):
    pass


class Topup(TypedDict):
    accountUuid: str
    """The account's UUID."""
    topup: int
    """Credits to move to the account."""


class KeyRotation(TypedDict):
    graceSeconds: NotRequired[int]
    """Seconds for which the keys before it still work; 0 unless given."""


class NewKey(TypedDict):
    apiKey: str
    """The key. It is shown this once."""


class LedgerItem(TypedDict):
    at: str
    """When."""
    kind: Literal["topup", "charge", "hold", "cancel", "return", "add"]
    """`topup`: moved from the organization; `charge`: messages accepted; `hold`: held for a scheduled batch; `cancel`:
    freed by a cancelled batch; `return`: given back by a deactivated account; `add`: added by the operator."""
    credits: int
    """How many credits came; negative: went."""
    balance: int
    """The account's balance after it."""
    batch_uuid: str | None
    """The batch that it was for."""


class Ledger(TypedDict):
    items: list[LedgerItem]
    """The newest first."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end."""


class AccountWebhooks(TypedDict):
    inbound_url: str | None
    """Where messages from handsets go."""
    events_url: str | None
    """Where events about the account's endpoints go."""


class AccountWebhookChange(TypedDict):
    inbound_url: NotRequired[str | None]
    """Where messages from handsets go; `smpp:` and a system_id of the account: to its binds. null takes it away."""
    events_url: NotRequired[str | None]
    """Where events about the account's endpoints go; null takes it away."""


class NewSecret(TypedDict):
    identifier: str
    """What the secret is called from now on."""
    secret: str
    """The secret. It is shown this once."""


class Secret(TypedDict):
    identifier: str
    """The secret."""
    created_at: str
    """When it was made."""


class Secrets(TypedDict):
    items: list[Secret]
    """The newest first; two at most."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end."""


class SenderRegistration(TypedDict):
    value: str
    """The sender ID: a name of 1 to 11 characters, or 3 to 15 digits."""
    account: NotRequired[str]
    """UUID of the account that may use it; without, every account of the organization."""


class Sender(TypedDict):
    identifier: str
    """The registration."""
    value: str
    """The sender ID."""
    account: str | None
    """The account whose it is; null: every account of the organization may use it."""


class Senders(TypedDict):
    items: list[Sender]
    """In the order in which they were registered."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end."""


class Erasure(TypedDict):
    messages: int
    """Messages to the handset that were erased."""
    inbound: int
    """Messages from it that were deleted."""
    scheduled: int
    """Messages that were held for later, and are not sent."""
    pending: int
    """What is under way, or its webhook is: erased as soon as it has ended."""


class OptOut(TypedDict):
    account_uuid: str
    """The account that does not send to the handset."""
    number: str
    """The handset's number, with `+`."""
    at: str
    """When it opted out."""


class OptOuts(TypedDict):
    items: list[OptOut]
    """By the accounts, in the order in which they were made."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end."""


class OptOutsRemoved(TypedDict):
    number: str
    """The handset's number, with `+`."""
    accounts: int
    """Accounts that may send to it again."""


class MeAccount(TypedDict):
    """The account whose key it is."""
    identifier: str
    """The account."""
    name: str
    """Its name."""
    credits: int
    """Its balance."""
    priced: bool
    """Whether its messages cost credits, one a part."""
    channels: list[Literal["sms", "rcs"]]
    """Those that the server has carriers for."""


class MeOrganization(TypedDict):
    """The organization whose key it is, its own or an account's."""
    identifier: str
    """The organization."""
    name: str
    """Its name."""
    balance: NotRequired[int]
    """Credits that it has not given to an account; with its own key."""


class Me(TypedDict):
    kind: Literal["account", "organization", "operator"]
    """Whose the key is."""
    scope: Literal["send", "read", "admin"]
    """What it opens."""
    account: NotRequired[MeAccount]
    """The account whose key it is."""
    organization: NotRequired[MeOrganization]
    """The organization whose key it is, its own or an account's."""


class NewNamedKey(TypedDict):
    name: str
    """A name of your own choice."""
    scope: Literal["send", "read", "admin"]
    """`read`: every `GET`. `send`: sending and cancelling too. `admin`: everything."""


class Key(TypedDict):
    identifier: str
    """The key."""
    name: str | None
    """Its name; null: the account's or organization's own, which rotation replaces."""
    scope: Literal["send", "read", "admin"]
    """What it opens."""
    prefix: str | None
    """Its first six characters; null of a key that was made before they were kept."""
    created_at: str
    """When it was made."""
    last_used_at: str | None
    """When it was last used, to about a minute; null: never."""
    expires_at: str | None
    """When the grace ends that a rotation left it; else null."""


class Keys(TypedDict):
    items: list[Key]
    """The live ones, the newest first; 100 at most."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end."""


class AuditItem(TypedDict):
    at: str
    """When it was changed."""
    key: str
    """The name of the key that asked for it, or where it has none its identifier; `operator` for the operator's."""
    action: Literal["organization.create", "organization.change", "organization.rotate-key", "account.create", "account.change", "account.topup", "account.deactivate", "account.rotate-key", "key.create", "key.revoke", "secret.create", "secret.delete", "sender.create", "sender.delete", "webhook.change", "smpp.create", "smpp.change", "smpp.rotate-password", "smpp.delete", "handset.erase", "opt-out.delete", "carrier.pause", "carrier.resume", "configuration.reload"]
    """What was done."""
    object: str
    """To what: its UUID; a handset by its last four digits; a carrier by its `id`."""
    organization_uuid: NotRequired[str | None]
    """Whose it is; for the operator. Null of a carrier and of the configuration."""


class Audit(TypedDict):
    items: list[AuditItem]
    """The newest first."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end."""


class NewSmppCredential(TypedDict):
    system_id: NotRequired[str]
    """What the customer's software calls itself: 1 to 15 letters, digits, `.`, `_`, `@`, `+`, `-`. Unique on the
    platform; one is made up unless given."""
    binds: NotRequired[int]
    """Binds at one time; 4 unless given. Beyond: 0x0D."""
    window: NotRequired[int]
    """Submits of one bind that may be without an answer; 100 unless given. Beyond: 0x58."""
    throughput: NotRequired[float | None]
    """Submits a second, of all its binds together; null, or not given: no limit. Beyond: 0x58."""
    allow: NotRequired[list[str]]
    """Addresses and networks that it may bind from; empty, or not given: any. Others: 0x0D."""
    alphabet: NotRequired[Literal["gsm", "latin1", "ascii"]]
    """What texts with `data_coding` 0 are written in; `gsm` unless given: a character an octet, unpacked."""


class NewSmppCredentialAnswer(TypedDict):
    identifier: str
    """What the credential is called from now on."""
    system_id: str
    """What the software calls itself when it binds."""
    password: str
    """The password: 8 characters. It is shown this once."""


class SmppCredential(TypedDict):
    identifier: str
    """The credential."""
    system_id: str
    """What the software calls itself when it binds."""
    binds: int
    """Binds at one time."""
    window: int
    """Submits of one bind that may be without an answer."""
    throughput: float | None
    """Submits a second; null: no limit."""
    allow: list[str]
    """Where it may bind from; empty: anywhere."""
    alphabet: Literal["gsm", "latin1", "ascii"]
    """What `data_coding` 0 is."""
    created_at: str
    """When it was made."""


class SmppCredentials(TypedDict):
    items: list[SmppCredential]
    """The newest first; 100 at most."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end."""


class SmppCredentialChange(TypedDict):
    system_id: NotRequired[str]
    """What the customer's software calls itself: 1 to 15 letters, digits, `.`, `_`, `@`, `+`, `-`. Unique on the
    platform; one is made up unless given."""
    binds: NotRequired[int]
    """Binds at one time; 4 unless given. Beyond: 0x0D."""
    window: NotRequired[int]
    """Submits of one bind that may be without an answer; 100 unless given. Beyond: 0x58."""
    throughput: NotRequired[float | None]
    """Submits a second, of all its binds together; null, or not given: no limit. Beyond: 0x58."""
    allow: NotRequired[list[str]]
    """Addresses and networks that it may bind from; empty, or not given: any. Others: 0x0D."""
    alphabet: NotRequired[Literal["gsm", "latin1", "ascii"]]
    """What texts with `data_coding` 0 are written in; `gsm` unless given: a character an octet, unpacked."""


class NewSmppPassword(TypedDict):
    password: str
    """The password: 8 characters. It is shown this once."""


class SmppBindCounts(TypedDict):
    """Since it was bound."""
    accepted: int
    """Submits that were accepted."""
    refused: int
    """Requests that were refused."""
    delivered: int
    """Receipts and inbound messages that it took."""


class SmppBind(TypedDict):
    system_id: str
    """What the software calls itself when it binds."""
    account_uuid: str
    """Whose it is."""
    organization_uuid: NotRequired[str]
    """The account's organization; for the operator."""
    address: str
    """The address that it comes from."""
    kind: Literal["transmitter", "receiver", "transceiver"]
    """The kind of bind."""
    since: str
    """When it was bound."""
    window: int
    """Submits that may be without an answer."""
    under_way: int
    """Submits that are without an answer."""
    counts: SmppBindCounts
    """Since it was bound."""


class SmppBinds(TypedDict):
    items: list[SmppBind]
    """The oldest first."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end."""


class NewOrganization(TypedDict):
    name: str
    """A name of your own choice."""
    credits: NotRequired[bool]
    """Whether messages are priced, a credit a part."""
    balance: NotRequired[int]
    """Credits to begin with."""


class Organization(TypedDict):
    identifier: str
    """The organization."""
    name: str
    """Its name."""
    credits: bool
    """Whether its messages are priced, a credit a part."""
    balance: int
    """Credits that it has not given to an account."""


class Organizations(TypedDict):
    items: list[Organization]
    """In the order in which they were made."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end."""


class OrganizationChangeBalance(TypedDict):
    """A change of what the organization has."""
    add: int
    """Credits to add; negative to take back."""


class OrganizationChange(TypedDict):
    name: NotRequired[str]
    """A name of your own choice."""
    credits: NotRequired[bool]
    """Whether messages are priced, a credit a part."""
    balance: NotRequired[OrganizationChangeBalance]
    """A change of what the organization has."""


class CarrierBinds(TypedDict):
    """Its connections."""
    up: int
    """Up now."""
    of: int
    """As configured."""


class CarrierBindCounts(TypedDict):
    """Since the program began; over HTTP there are none."""
    bound: int
    """Binds that it took."""
    refused: int
    """Binds that it refused."""
    failed: int
    """Tries without a connection, or without an answer to the bind."""
    lost: int
    """Binds that stood and are gone."""


class CarrierCounts(TypedDict):
    """Since the program began."""
    submitted: int
    """Taken by the carrier."""
    refused: int
    """Refused for good."""
    later: int
    """To be tried again."""
    uncertain: int
    """Sent without an answer."""
    received: int
    """What the carrier sent of its own accord: receipts and inbound messages."""


class Carrier(TypedDict):
    id: str
    """Its `id` in the configuration."""
    type: str
    """Its `type` there."""
    state: Literal["up", "slowed", "no-receiver", "down"]
    """`slowed`: it is up, and has asked for less than it is allowed to get. `no-receiver`: it takes messages, and none
    of the binds is up that its receipts come over."""
    paused: bool
    """The operator has it take nothing; what it says of messages counts."""
    since: str
    """Since when it takes messages, or takes none."""
    why: str | None
    """Why a bind of it is not up; null where all are."""
    last_status: str | None
    """The command_status of its last answer to a bind, by its name in SMPP 3.4 §5.1.3 (`ESME_RINVPASWD`), or as eight
    hexadecimal digits where the standard has none; of an RCS platform the HTTP status of its last answer. Null
    where it has answered nothing yet."""
    next_try_at: str | None
    """When a bind that is not up is tried again; null where all are up, or one is tried right now."""
    binds: CarrierBinds
    """Its connections."""
    bind_counts: CarrierBindCounts
    """Since the program began; over HTTP there are none."""
    window: int
    """Submits that may be under way now."""
    under_way: int
    """Submits that are."""
    throughput: float
    """Submits a second at most, as configured; 0 for no limit."""
    counts: CarrierCounts
    """Since the program began."""


class Carriers(TypedDict):
    items: list[Carrier]
    """In the order of the configuration."""
    next: str | None
    """The cursor of the next page, for `after`; null at the end."""


class PausedCarrier(TypedDict):
    id: str
    """The carrier's."""
    paused: bool


class RouteTakenRoute1(TypedDict):
    index: int
    """Its place among the `routes` of the configuration, from 0."""
    to: str
    """Its prefix."""
    account: str | None
    """The account that it is for; null for all."""
    sender: str | None
    """The sender that it is for; null for all."""
    failover: list[str]
    """What makes a message go on to the next carrier."""


class RouteTakenCarrier(TypedDict):
    id: str
    """Its `id` in the configuration."""
    state: str | None
    """As in `GET /carriers`; null where this program does not send."""
    paused: bool
    """The operator has it take nothing."""
    share: float | None
    """The part of the messages that it is the first for; null without shares."""


class RouteTaken(TypedDict):
    to: str
    """Digits of the number."""
    channel: Literal["sms", "rcs"]
    """As asked."""
    account: str | None
    """As asked."""
    sender: str | None
    """As asked."""
    route: RouteTakenRoute1 | None
    """Null where none fits, or there are none and every carrier serves."""
    carriers: list[RouteTakenCarrier]
    """In order of preference."""
    next: str | None
    """The carrier that such a message goes to now; null where shares decide, or none takes it."""
    why: str
    """In words."""


class ReloadOtherError(TypedDict):
    path: str
    """The key of the configuration."""
    message: str
    """What is wrong."""


class ReloadOther(TypedDict):
    host: str
    """The machine."""
    pid: int
    """The number of its process there."""
    state: Literal["reloaded", "refused", "silent"]
    """`refused`: its configuration has a fault, and nothing has changed there. `silent`: it has not answered in 15
    seconds."""
    changed: list[str]
    """What counts from now on: keys of the configuration, a carrier's by its id (`carriers.acme`)."""
    restart: list[str]
    """What has changed in the configuration and does not count before the program is started again."""
    detail: str | None
    """What went wrong, in words; null if it reloaded."""
    errors: list[ReloadOtherError]


class Reload(TypedDict):
    changed: list[str]
    """What counts from now on: keys of the configuration, a carrier's by its id (`carriers.acme`)."""
    restart: list[str]
    """What has changed in the configuration and does not count before the program is started again."""
    others: list[ReloadOther]
    """The answers of the other programs on the store; each reads a configuration of its own."""


class Live(TypedDict):
    status: Literal["live"]


class Ready(TypedDict):
    status: Literal["ready"]
    warnings: list[str]
    """What is wrong although it can accept: that no carrier of this program is up, and why."""


class ReceiptWebhook(TypedDict):
    destination: str
    """The handset, with `+`."""
    delivered: bool
    """Delivered, or failed."""
    batchuuid: str
    """The batch."""
    messageuuid: str
    """The message."""
    receiptInfo: Receipt


class EndpointFailingData(TypedDict):
    account_uuid: str
    """The account."""
    endpoint: str
    """The endpoint: the origin of the URL."""
    reason: str | None
    """Why the last try failed, in a sentence."""


class EndpointFailing(TypedDict):
    type: Literal["endpoint.failing"]
    timestamp: str
    """When."""
    data: EndpointFailingData


class EndpointRecoveredData(TypedDict):
    account_uuid: str
    """The account."""
    endpoint: str
    """The endpoint: the origin of the URL."""


class EndpointRecovered(TypedDict):
    type: Literal["endpoint.recovered"]
    timestamp: str
    """When."""
    data: EndpointRecoveredData


class WebhookExhaustedData(TypedDict):
    account_uuid: str
    """The account."""
    endpoint: str
    """The endpoint: the origin of the URL."""
    reason: str | None
    """Why the last try failed, in a sentence."""
    count: int
    """How many since the event before."""
    webhook_ids: list[str]
    """The first 20 of them."""


class WebhookExhausted(TypedDict):
    type: Literal["webhook.exhausted"]
    timestamp: str
    """When."""
    data: WebhookExhaustedData
