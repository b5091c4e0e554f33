"""借阅出库: loans and where copies stand, for another system of the library's to take in (A2-7).

Which loans were told, and as what, is kept as a mark beside each. So whatever changes is told once more, however late
it was noted and whatever its own date says; a loan told twice says the same under the same number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple, TypeVar

from lending import cards, retention
from lending.database import Database, Row, writing
from lending.model import LIBRARY_ZONE, parse_stamp, stamp
from lending.reports import WITHIN, Period
from lending.stock import named

LOANS = (
    "loan", "state", "barcode", "isbn", "title", "card", "lent_at", "due_at", "renewals", "ended_at", "home",
    "returned_to",
)  # fmt: skip
COPIES = ("barcode", "isbn", "title", "state", "home", "place")
MOMENTS = ("lent_at", "due_at", "ended_at")
FOREIGN = ("citizen", "library")  # kinds of card that another system knows; a kiosk's card is ours alone
CHUNK = 500

T = TypeVar("T")

_LOANS = (
    "SELECT l.id AS loan, CASE WHEN l.returned_at IS NULL THEN 'open' ELSE l.ended_as END AS state, c.barcode, t.isbn, "
    "t.title, l.reader_id, l.started_at AS lent_at, l.due_at, l.renewals, l.returned_at AS ended_at, h.code AS home, "
    "COALESCE(b.code, '') AS returned_to, COALESCE(x.told, '') AS told FROM loans l JOIN copies c ON c.id = l.copy_id "
    "JOIN titles t ON t.id = l.title_id JOIN points h ON h.id = c.home_point_id "
    "LEFT JOIN points b ON b.id = l.returned_point_id LEFT JOIN loan_exports x ON x.loan_id = l.id "
    "JOIN readers r ON r.id = l.reader_id WHERE l.id > :after AND r.number <> :nobody AND {which} "
    "ORDER BY l.id LIMIT :n"
)
_COPIES = (
    "SELECT c.id, c.barcode, t.isbn, t.title, "
    "CASE WHEN c.missing_since <> '' THEN 'missing' ELSE c.state END AS state, h.code AS home, p.code AS place "
    "FROM copies c JOIN titles t ON t.id = c.title_id JOIN points h ON h.id = c.home_point_id "
    "JOIN points p ON p.id = c.point_id WHERE c.id > :after ORDER BY c.id LIMIT :n"
)


class Told(NamedTuple):
    """One loan as it was told, and the mark of it."""

    row: Row
    mark: str


def numbers_of(db: Database, known: Iterable[str], key: bytes) -> dict[int, str]:
    """The readers who have linked one of these card numbers, each with the card they linked last.

    We keep no numbers, only keyed hashes: the other system has to bring its own.
    """
    found: dict[int, tuple[str, str]] = {}
    kinds = ", ".join(f"'{kind}'" for kind in FOREIGN)
    by_digest = {cards.digest(number, key): number for number in known}
    for some in _parts(list(by_digest)):
        marks, values = named(some)
        for row in db.all(
            "SELECT digest, reader_id, made_at FROM cards WHERE blocked_at IS NULL "
            f"AND kind IN ({kinds}) AND digest IN ({marks}) ORDER BY made_at",
            **values,
        ):
            linked = (row["made_at"], by_digest[row["digest"]])
            found[row["reader_id"]] = max(linked, found.get(row["reader_id"], linked))
    return {reader_id: number for reader_id, (_at, number) in found.items()}


def changed(db: Database, numbers: dict[int, str]) -> Iterator[Told]:
    """Every loan that stands otherwise than it was told last, or was never told."""
    for row in _walk(db, _LOANS.format(which="1"), "loan"):
        before, told = row.pop("told"), _told(row, numbers)
        if told.mark != before:
            yield told


def within(db: Database, period: Period, numbers: dict[int, str]) -> Iterator[Told]:
    """Every loan that began or ended in these days, as it stands now."""
    which = f"({WITHIN.format('l.started_at')} OR {WITHIN.format('l.returned_at')})"
    for row in _walk(db, _LOANS.format(which=which), "loan", **period.values()):
        del row["told"]
        yield _told(row, numbers)


def copies(db: Database) -> Iterator[Row]:
    """Every copy: where it belongs, where it stands now, and whether it is to be had (they float, A2-6)."""
    for row in _walk(db, _COPIES, "id"):
        del row["id"]
        yield row


def mark(db: Database, told: Sequence[tuple[int, str]], now: datetime) -> None:
    """These loans have been told as this; one that was cut from its reader meanwhile is left out."""
    for some in _parts(told):
        with writing(db) as door:
            for loan, said in some:
                door.run(
                    "INSERT INTO loan_exports (loan_id, told, at) SELECT id, :told, :now FROM loans WHERE id = :loan "
                    "ON CONFLICT (loan_id) DO UPDATE SET told = excluded.told, at = excluded.at",
                    loan=loan, told=said, now=stamp(now),
                )  # fmt: skip


def _parts(things: Sequence[T]) -> Iterator[Sequence[T]]:
    return (things[start : start + CHUNK] for start in range(0, len(things), CHUNK))


def _walk(db: Database, sql: str, by: str, **values: str) -> Iterator[Row]:
    """All rows, some at a time, in the order of their numbers: no reading lasts as long as the file takes."""
    if ":nobody" in sql:
        values["nobody"] = retention.NOBODY
    after = 0
    while rows := db.all(sql, after=after, n=CHUNK, **values):
        after = rows[-1][by]
        yield from rows


def _told(row: Row, numbers: dict[int, str]) -> Told:
    row["card"] = numbers.get(row.pop("reader_id"), "")
    for name in MOMENTS:
        row[name] = parse_stamp(row[name]).astimezone(LIBRARY_ZONE).isoformat() if row[name] else ""
    said = {name: row[name] for name in LOANS}
    return Told(said, blake2b(json.dumps(said).encode(), digest_size=12).hexdigest())
