"""Whether a press is one that we could have made: it brings what its handler needs, by the names of its arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from functools import cache

from bot.handlers import filtering, getting

NUMBERS = frozenset((  # arguments by these names
    "given", "home_return", "only", "title_id", "loan_id", "point", "point_id", "hold_id", "line_id", "page",
    "renewals", "start", "number", "rest_days", "transfer_id", "own_id", "wish_id", "shop_book_id", "purchase_id",
    "mandate_id", "grantor_id", "proof_id", "parcel_id", "other_id", "event_id", "people", "subscription_id", "slot",
))  # fmt: skip
CHOICES: dict[str, Collection[str]] = {"way": getting.WAYS, "facet": filtering.FACETS}  # these are one of a few


def fits(handler: Callable[..., object], arguments: list[str]) -> bool:
    """Whether a press brings what its handler needs; a number or a choice that is none is a forged press."""
    least, names = _needs(handler)
    return least <= len(arguments) <= len(names) and all(
        name not in CHOICES.keys() | NUMBERS or _plausible(name, value)
        for name, value in zip(names, arguments, strict=False)
    )


@cache
def _needs(handler: Callable[..., object]) -> tuple[int, tuple[str, ...]]:
    """How many arguments at least, and the names of all, after the talk itself."""
    _talk, *others = inspect.signature(handler).parameters.values()
    return sum(one.default is one.empty for one in others), tuple(one.name for one in others)


def _plausible(name: str, value: str) -> bool:
    if name in CHOICES:
        return value in CHOICES[name]
    if name == "number":
        return value.replace("-", "").isalnum() and value.isascii()
    return value.isascii() and value.isdigit() and len(value) < 15
