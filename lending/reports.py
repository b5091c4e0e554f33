"""What a period comes to: orders, loans, returns and newcomers, as the monthly report asks (A2-R, R-2 … R-8, R-12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from lending import retention
from lending.database import Database
from lending.model import stamp, start_of_day
from lending.policy import Policy
from lending.rankings import SMALL

KNOWN = "CASE WHEN r.number = :nobody THEN NULL ELSE r.id END AS reader_id"
BEGINNING = date(1970, 1, 1)  # nothing is older
BEYOND = "these days lie beyond what a calendar can count"
WITHIN = "{0} >= :since AND {0} < :until"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the library's, both named days included. Raises ValueError for days at the ends of the calendar."""

    first: date
    last: date

    def __post_init__(self) -> None:
        try:
            self.values()
        except OverflowError as error:
            raise ValueError(BEYOND) from error

    def values(self) -> dict[str, str]:
        """The moments between which something lies, as parameters."""
        end = self.last + timedelta(days=1)
        return {"since": stamp(start_of_day(self.first)), "until": stamp(start_of_day(end))}

    def forgets(self, policy: Policy, now: datetime) -> bool:
        """Whether some of its loans may have lost their reader and their day (retention.py)."""
        return self.values()["since"] < retention.moments(policy, now)["end"]


class Lent(NamedTuple):
    """A book that was lent. `reader_id` is None once it stands under nobody; `zone` of a courier, else `point_id`."""

    reader_id: int | None
    order_id: int | None
    zone: str
    point_id: int | None
    clc: str
    price_fen: int | None


class Sums(NamedTuple):
    """Readers for whom a bureau vouched, and books that were lent."""

    readers: int
    books: int


class Returned(NamedTuple):
    """A book that came back, and where."""

    reader_id: int | None
    point_id: int | None


class Beginner(NamedTuple):
    """A reader for whom something began, and the place they had chosen."""

    reader_id: int
    point_id: int | None


@dataclass(frozen=True, slots=True)
class Orders:
    """Those placed as (source, reader, order); what had become of them when the period ended; and how many of earlier
    ones were completed in it.

    `completed + called_off + on_the_way` is what was placed; `completed + earlier` is what was completed (R-2, R-8).
    """

    placed: list[tuple[str, int, int]]
    completed: int
    called_off: int
    on_the_way: int
    earlier: int


@dataclass(slots=True)
class Line:
    """One row of a table: books, the orders and the readers they were for. `cleared` books have no reader any more."""

    books: int = 0
    orders: set[int] = field(default_factory=set)
    readers: set[int] = field(default_factory=set)
    cleared: int = 0

    @property
    def people(self) -> int:
        """At least so many stand behind it, as far as anybody could tell."""
        return len(self.readers) + self.cleared

    def add(self, reader_id: int | None, order_id: int | None = None) -> None:
        """One more book."""
        self.books += 1
        if order_id is not None:
            self.orders.add(order_id)
        if reader_id is None:
            self.cleared += 1
        else:
            self.readers.add(reader_id)

    def join(self, other: Line) -> None:
        """Take another row into this one."""
        self.books += other.books
        self.orders |= other.orders
        self.readers |= other.readers
        self.cleared += other.cleared


def lines(rows: Iterable[tuple[Hashable, int | None, int | None]]) -> tuple[list[tuple[Hashable, Line]], Line | None]:
    """Rows of (what, reader, order) by what, most books first; and what is too small to stand alone, together.

    Fewer than `SMALL` readers are never shown by themselves, nor left to be worked out from the sum: the smallest of
    the others joins them then. Where all of them together are too few, nothing is shown.
    """
    found: dict[Hashable, Line] = {}
    for what, reader_id, order_id in rows:
        found.setdefault(what, Line()).add(reader_id, order_id)
    shown = sorted(found.items(), key=lambda one: -one[1].books)
    small = [one for one in shown if one[1].people < SMALL]
    shown = [one for one in shown if one[1].people >= SMALL]
    if not small:
        return shown, None
    rest = Line()
    for _what, line in small:
        rest.join(line)
    while rest.people < SMALL and shown:
        rest.join(shown.pop()[1])
    return shown, rest if rest.people >= SMALL else None


def lent(db: Database, period: Period) -> list[Lent]:
    """Every loan begun, however it began: by order, at the desk, handed on."""
    rows = db.all(
        f"SELECT {KNOWN}, l.order_id, COALESCE(o.zone, '') AS zone, CASE WHEN o.zone <> '' THEN NULL "
        "ELSE COALESCE(o.point_id, c.home_point_id) END AS point_id, t.clc, t.price_fen "
        "FROM loans l JOIN readers r ON r.id = l.reader_id JOIN titles t ON t.id = l.title_id "
        "JOIN copies c ON c.id = l.copy_id LEFT JOIN orders o ON o.id = l.order_id "
        f"WHERE {WITHIN.format('l.started_at')}",
        nobody=retention.NOBODY, **period.values(),
    )  # fmt: skip
    return [Lent(**row) for row in rows]


def returned(db: Database, period: Period) -> list[Returned]:
    """Every loan that ended with the book in our hands."""
    rows = db.all(
        f"SELECT {KNOWN}, l.returned_point_id AS point_id FROM loans l JOIN readers r ON r.id = l.reader_id "
        f"WHERE l.ended_as = 'returned' AND {WITHIN.format('l.returned_at')}",
        nobody=retention.NOBODY, **period.values(),
    )  # fmt: skip
    return [Returned(**row) for row in rows]


def approved(db: Database, period: Period) -> list[Beginner]:
    """Whom a credit bureau vouched for in this time (R-3, R-5)."""
    rows = db.all(
        "SELECT DISTINCT r.id AS reader_id, r.point_id FROM credit_checks k JOIN readers r ON r.id = k.reader_id "
        f"WHERE k.verdict = 'yes' AND {WITHIN.format('k.answered_at')}",
        **period.values(),
    )
    return [Beginner(**row) for row in rows]


def of_copies(db: Database, period: Period) -> dict[str, int]:
    """How often each step of copy_states.py was taken, and what couriers and readers lost (E3).

    'written_off' is how many of those withdrawn had been laid aside as damaged; 'still_missing' is as of now.
    """
    rows = db.all(
        f"SELECT step, COUNT(*) AS n FROM copy_events WHERE {WITHIN.format('at')} GROUP BY step", **period.values()
    )
    missing = db.value("SELECT COUNT(*) FROM copies WHERE missing_since <> ''")
    before = "SELECT step FROM copy_events b WHERE b.copy_id = e.copy_id AND b.id < e.id AND b.step <> 'place'"
    written_off = db.value(
        f"SELECT COUNT(*) FROM copy_events e WHERE e.step = 'withdraw' AND {WITHIN.format('e.at')} "
        f"AND ({before} ORDER BY b.id DESC LIMIT 1) = 'damage'",
        **period.values(),
    )
    counted = {row["step"]: int(row["n"]) for row in rows}
    return counted | {"written_off": int(written_off), "still_missing": int(missing)}


def sums(db: Database, period: Period) -> Sums:
    """What 信阅 told the world of itself (A2-23), for any days; `up_to` gives them from the beginning."""
    row = db.one(
        f"SELECT (SELECT COUNT(DISTINCT reader_id) FROM credit_checks WHERE verdict = 'yes' "
        f"AND {WITHIN.format('answered_at')}) AS readers, "
        f"(SELECT COUNT(*) FROM loans WHERE {WITHIN.format('started_at')}) AS books",
        **period.values(),
    )
    assert row is not None
    return Sums(**row)


def up_to(period: Period) -> Period:
    """From the beginning to the same end."""
    return Period(min(BEGINNING, period.first), period.last)


def first_orders(db: Database, period: Period) -> list[Beginner]:
    """Who ordered for the first time, however they are trusted."""
    rows = db.all(
        "SELECT r.id AS reader_id, r.point_id FROM readers r WHERE EXISTS (SELECT 1 FROM orders o "
        f"WHERE o.reader_id = r.id AND {WITHIN.format('o.placed_at')}) "
        "AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.reader_id = r.id AND o.placed_at < :since)",
        **period.values(),
    )
    return [Beginner(**row) for row in rows]


def joined(db: Database, period: Period) -> int:
    """Readers who spoke to us for the first time, and children who got a card."""
    asked = f"SELECT COUNT(*) FROM readers WHERE number <> :nobody AND {WITHIN.format('joined_at')}"
    return int(db.value(asked, nobody=retention.NOBODY, **period.values()))


def placed_and_completed(db: Database, period: Period) -> Orders:
    """Orders by source, made to agree with those completed."""
    values = period.values()
    rows = db.all(
        "SELECT o.source, o.reader_id, o.id, (SELECT e.state FROM order_events e WHERE e.order_id = o.id "
        f"AND e.at < :until ORDER BY e.id DESC LIMIT 1) AS state FROM orders o WHERE {WITHIN.format('o.placed_at')}",
        **values,
    )
    states = Counter(row["state"] for row in rows)
    earlier = db.value(
        "SELECT COUNT(DISTINCT o.id) FROM order_events e JOIN orders o ON o.id = e.order_id "
        f"WHERE e.state = 'done' AND {WITHIN.format('e.at')} AND o.placed_at < :since",
        **values,
    )
    called_off = states["cancelled"] + states["refused"]
    placed = [(row["source"], row["reader_id"], row["id"]) for row in rows]
    on_the_way = len(rows) - states["done"] - called_off
    return Orders(placed, states["done"], called_off, on_the_way, int(earlier))


def bought(db: Database, period: Period) -> tuple[int, int]:
    """New books sent to readers from a shop (A2-4), and what they cost together in fen."""
    row = db.one(
        "SELECT COUNT(*) AS books, COALESCE(SUM(price_fen), 0) AS fen FROM purchases "
        f"WHERE state = 'sent' AND {WITHIN.format('changed_at')}",
        **period.values(),
    )
    assert row is not None
    return row["books"], row["fen"]


def traits(db: Database, readers: Collection[int]) -> list[tuple[int, str, str]]:
    """(reader, how they are trusted, their language) of these: 'trusted', 'ladder' or 'new'; a language code (R-12)."""
    rows = db.all("SELECT id, standing, language FROM readers ORDER BY id")
    return [(row["id"], row["standing"], row["language"]) for row in rows if row["id"] in readers]
