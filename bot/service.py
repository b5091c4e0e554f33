"""What the conversation works with, put together once at the start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.finder import Finder
from lending.clock import Clock
from lending.credit import Bureau
from lending.database import Store
from lending.policy import Policy
from lending.proofs import CardSystem, PersonVerifier


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
    door_key: bytes = b""  # from which each locker has its key to sign with
    public_url: str = ""  # where its pages can be reached; '' when they cannot
    card_system: CardSystem | None = None  # says whether card and password fit; None: a librarian looks
    person_verifier: PersonVerifier | None = None  # says whether a face is the holder's; None: not offered (A3-32)
