"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from .errors import NoAnswerError

Item = TypeVar("Item")


class Page(NamedTuple, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None
    """The cursor of the next page, for `after`; None at the end."""


class Paged(Generic[Item]):
    """A list in pages: iterate over every item to its end, or have one page with `page()`."""

    def __init__(self, ask: Callable[[str | None], Any], items: str, after: str | None) -> None:
        self._ask = ask
        self._items = items
        self._after = after

    def page(self) -> Page[Item]:
        """The first page only."""
        return self._page(self._after)

    def _page(self, after: str | None) -> Page[Item]:
        answer = self._ask(after)
        items, following = (answer.get(self._items), answer.get("next")) if isinstance(answer, dict) else (None, None)
        goes_on = following is None or (isinstance(following, str) and following != after)
        if not isinstance(items, list) or not goes_on:
            raise NoAnswerError("the server answered what is no page of a list")
        return Page(items, following)

    def __iter__(self) -> Iterator[Item]:
        """Every item to the end of the list. A page is requested once the one before it was read."""
        after = self._after
        while True:
            items, following = self._page(after)
            yield from items
            if following is None:
                return
            after = following
