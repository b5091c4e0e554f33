"""What the conversation works with, put together once at the start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.finder import Finder
from lending.clock import Clock
from lending.credit import Bureau
from lending.database import Store
from lending.policy import Policy


@dataclass(frozen=True, slots=True)
class Service:
    """The store, the rules, the clock, and the outside parts a conversation may need."""

    store: Store
    policy: Policy
    clock: Clock
    finder: Finder
    bureau: Bureau
    library: str  # the library's name
    rent_link: Callable[[str], str] | None = None  # where 信用借还 begins for a reader; None where it is off
    card_key: bytes = b""  # hashes the numbers of readers' cards
    public_url: str = ""  # where its pages can be reached; '' when they cannot
