"""Refusals as facts: each error carries the numbers that explain it. Words are given elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


class LendingError(Exception):
    """Something the library cannot do for this reader now; its fields are the facts."""

    def facts(self) -> dict[str, Any]:
        """The numbers and names behind the refusal."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]


class StoreUnwritable(Exception):
    """The database file cannot be opened or written (full disk, read-only, locked for too long)."""


class StoreOutgrown(StoreUnwritable):
    """A newer version changed the tables while this one ran, which would break what came with them: it has to end."""

    def __init__(self) -> None:
        super().__init__("written by a newer version of 书信 than this one")


def fact(cls: type) -> type:
    """A LendingError whose fields are given by name."""
    return dataclass(frozen=False, eq=False)(cls)


@fact
class UnknownThing(LendingError):
    """No such title, order, loan … by that name."""

    kind: str
    name: str = ""


@fact
class NoCopyAvailable(LendingError):
    """Every copy of the title is lent or set aside (B2-1), or there is none yet (not `owned`).

    Or what is left of it stands behind a door that is shut for good (`shut`).
    """

    title_id: int
    title: str
    owned: bool = True
    shut: bool = False


@fact
class CartEmpty(LendingError):
    """Nothing to order."""


@fact
class NotAllowed(LendingError):
    """The reader may not do this now; `decision` holds every reason at once (D-4)."""

    decision: Any


@fact
class LockerFull(LendingError):
    """No free box large enough in this locker; `others` have room (A9-6)."""

    locker: str
    others: tuple[str, ...] = ()


@fact
class OutsideServiceArea(LendingError):
    """The courier does not go there (A4-11)."""

    zone: str


@fact
class CannotChange(LendingError):
    """The order or loan has moved on; this step is no longer possible."""

    kind: str
    number: str
    state: str


RENEWAL_REASONS = ("limit", "waiting", "recalled", "overdue", "frozen", "claimed", "collected", "lost")


@fact
class CannotRenew(LendingError):
    """One loan cannot be renewed (B2-25); `reason` is one of RENEWAL_REASONS.

    `number` is the renewals there have been, the readers who wait, or the days overdue.
    """

    title: str
    reason: str
    number: int = 0


@fact
class BadAddress(LendingError):
    """A delivery address needs a name, a phone number and a place; `missing` names what is not there."""

    missing: tuple[str, ...]


@fact
class PriceChanged(LendingError):
    """Ordering would cost more than the reader agreed to, in fen: the day's free delivery has just run out (A2-27)."""

    fee_fen: int


@fact
class OtherMaterial(LendingError):
    """The copy the reader agreed to was taken meanwhile; what would go now is made of something else (B5)."""

    title: str
    material: str
