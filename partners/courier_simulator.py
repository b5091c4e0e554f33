"""A courier that does not exist: it carries the library's parcels, and tells of them as real ones do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lending import tracking
from lending.database import Database
from lending.parcels import LIFE
from lending.policy import Policy
from lending.tracking import Word
from partners.moving import move

ACTOR = "simulator"
EVENTS = {"picked_up": "ship", "signed": "sign"}


def report(db: Database, event: dict[str, Any], policy: Policy, now: datetime) -> bool:
    """What the courier tells us; False when told before, or when something newer is known.

    Of a parcel: {"tracking": number, "state": a state of lending.parcels.LIFE, "at": ISO time, "place": words}.
    Of a whole order: {"event": "picked_up" | "signed", "order": number}.
    Raises KeyError, ValueError for an event of another form, UnknownThing, CannotChange.
    """
    if "tracking" not in event:
        return move(db, str(event["order"]), EVENTS[event["event"]], ACTOR, policy, now)
    at = moment(event["at"]) if "at" in event else now
    word = Word(LIFE[event["state"]].name, at, str(event.get("place", "")))
    return tracking.hear(db, str(event["tracking"]), [word], ACTOR, policy, now)


def moment(text: object) -> datetime:
    """An ISO time with its zone; one beyond all time in UTC stays at its edge. Raises ValueError."""
    found = datetime.fromisoformat(str(text))
    if found.tzinfo is None:
        raise ValueError("a time needs its zone: 2026-11-20T10:00:00+08:00")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        return found.replace(tzinfo=UTC)
