"""只借给成年读者: which titles are kept for adults, and what that means for a child (公共图书馆法 art. 50, B8).

What a record or a librarian says of a title stands in `titles.audience`; where neither has said anything, the classes
of the pack decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from lending import decisions, minors
from lending.database import Database
from lending.decisions import Decision, Facts
from lending.errors import NotAllowed
from lending.model import library_day
from lending.policy import Policy

ADULTS, EVERYBODY = "adults", "everybody"  # '' where nobody has said
CHILD = "(SELECT until FROM minors WHERE reader_id = :r AND until > :today) AS minor_until"  # for a SELECT of a title
IS_CHILD = "EXISTS (SELECT 1 FROM minors WHERE reader_id = :r AND until > :today)"  # for its WHERE


def adults_only(audience: str, clc: str, classes: tuple[str, ...]) -> bool:
    """Whether a title of this audience and class mark is for adults only; `classes` are the pack's."""
    return audience == ADULTS or (not audience and clc.startswith(classes))


def condition(classes: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """The same for the WHERE of a query in which the titles are `t`, with what is bound in it."""
    bound = {f"adult{n}": mark for n, mark in enumerate(classes)}
    begins = [f"SUBSTR(t.clc, 1, LENGTH(:{name})) = :{name}" for name in bound]
    return f"(t.audience = '{ADULTS}' OR (t.audience = '' AND ({' OR '.join(begins) or '1 = 0'})))", bound


def within(
    db: Database, decision: Decision, facts: Facts, titles: Iterable[Mapping[str, Any]], policy: Policy
) -> Decision:
    """The same decision, and a reason where a child would have what is for adults only.

    Each title is given with its title, audience and clc. The store is asked only when there is such a reason.
    """
    classes = policy.minors.adult_classes
    kept = [one["title"] for one in titles if facts.minor and adults_only(one["audience"], one["clc"], classes)]
    if not kept:
        return decision
    return decisions.kept_for_adults(decision, kept, minors.minor_until(db, facts.reader_id))


def refuse(db: Database, reader_id: int, title_id: int, classes: tuple[str, ...], now: datetime) -> None:
    """Raises NotAllowed where the reader is a child and the title for adults only."""
    row = db.one(
        f"SELECT t.title, t.audience, t.clc, {CHILD} FROM titles t WHERE t.id = :t",
        r=reader_id, t=title_id, today=str(library_day(now)),
    )  # fmt: skip
    if row:
        refuse_row(row, classes)


def refuse_row(row: Mapping[str, Any], classes: tuple[str, ...]) -> None:
    """The same of a row read already: title, audience, clc, and CHILD."""
    if row["minor_until"] and adults_only(row["audience"], row["clc"], classes):
        until = date.fromisoformat(row["minor_until"])
        raise NotAllowed(decisions.kept_for_adults(Decision(()), [row["title"]], until))
