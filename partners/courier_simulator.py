"""A courier that does not exist: it picks up the library's parcels and has them signed for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lending.database import Database
from lending.policy import Policy
from partners.moving import move

ACTOR = "simulator"
EVENTS = {"picked_up": "ship", "signed": "sign"}


def report(db: Database, event: dict[str, Any], policy: Policy, now: datetime) -> bool:
    """What the courier tells us: {"event": "picked_up" | "signed", "order": number}; False when told before.

    Raises KeyError for an event of another form, UnknownThing, CannotChange.
    """
    return move(db, str(event["order"]), EVENTS[event["event"]], ACTOR, policy, now)
