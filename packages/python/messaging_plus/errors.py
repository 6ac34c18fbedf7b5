"""What goes wrong, by what the caller can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

_PROBLEM = "/docs#problem-"

WebhookFault = Literal[
    "body-parsed",
    "header-missing",
    "header-malformed",
    "timestamp-too-far",
    "signature-mismatch",
    "content-unknown",
]


class FieldFault:
    """A field at fault: `path` as in `messages[1].to`, or `?limit` for a parameter of the query."""

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        self.message = message

    def __repr__(self) -> str:
        return f"FieldFault({self.path!r}, {self.message!r})"


class ProblemError(Exception):
    """The server refused the request, or could not do it: problem details (RFC 9457 §3.1).

    The text of the error has the status, the detail, and a line for each fault. `type` is as the server wrote it, and
    `about:blank` if the API did not give the answer. `errors` has the first 100 fields at fault. `retry_after` is in seconds,
    or None if the server gave no time after which the same request may succeed.
    """

    def __init__(
        self,
        *,
        type: str,
        title: str,
        status: int,
        detail: str,
        errors: list[FieldFault] | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
        self.errors = errors or []
        self.retry_after = retry_after
        lines = [f"{status}: {detail}", *(f"  {fault.path}: {fault.message}" for fault in self.errors)]
        super().__init__("\n".join(lines))

    @property
    def problem(self) -> str | None:
        """The kind of problem by its name, such as `not-found`; None if the API did not give the answer."""
        return self.type[len(_PROBLEM) :] if self.type.startswith(_PROBLEM) else None


class NoAnswerError(Exception):
    """No answer came, or not in time: the request may or may not have been done. `__cause__` says why."""


class RequestError(ValueError):
    """Nothing was sent, because an identifier, a time or the key is invalid."""


class WebhookError(Exception):
    """The webhook is refused: answer 400, and do nothing else. The text says what is wrong, and what to do about it."""

    def __init__(self, fault: WebhookFault, message: str) -> None:
        super().__init__(message)
        self.fault: WebhookFault = fault


def faults_of(errors: object) -> list[FieldFault]:
    """The fields at fault; other servers write problem details too, with `errors` of another form."""
    found: list[FieldFault] = []
    for one in errors if isinstance(errors, list) else []:
        fault: Mapping[str, Any] = one if isinstance(one, dict) else {}
        path, message = fault.get("path"), fault.get("message")
        if isinstance(path, str) and isinstance(message, str):
            found.append(FieldFault(path, message))
    return found
