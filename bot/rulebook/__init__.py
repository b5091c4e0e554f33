"""The rules in sentences, made from the policy so that they can never disagree with it (D-11, F-13, B2-12).

One file for each part of the book. The chat, the page /rules and `flask policy show` all read from here; no sentence
holds a number of its own, and the examples are computed by the functions that decide.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.rulebook import activities, borrowing, delivery, family, mishaps, opening, points, privacy, service, sharing
from bot.rulebook.section import Section
from bot.texts import Words
from lending.database import Database
from lending.policy import Policy

Part = Callable[[Words, Database, Policy, datetime], Section]
PARTS: dict[str, Part] = {
    "opening": opening.section,
    "borrowing": borrowing.section,
    "points": points.section,
    "family": family.section,
    "delivery": delivery.section,
    "sharing": sharing.section,
    "activities": activities.section,
    "mishaps": mishaps.section,
    "service": service.section,
    "privacy": privacy.section,
}


def sections(_: Words, db: Database, policy: Policy, now: datetime) -> list[Section]:
    """The whole book, part by part."""
    return [part(_, db, policy, now) for part in PARTS.values()]
