"""Two records that look like one person, by phone or by card, for a librarian to ask the reader about (A1-20)."""

from __future__ import annotations

from typing import NamedTuple

from lending.database import Database


class Pair(NamedTuple):
    """Two readers' numbers, the older first, and the end of the phone both gave, or of the card both proved."""

    older: str
    newer: str
    tail: str


PHONE = "REPLACE(REPLACE(REPLACE(unseal({0}.phone), ' ', ''), '-', ''), '+86', '')"


def same_phone(db: Database) -> list[Pair]:
    """Pairs with the same phone, not joined yet, the newest first; a family may share one."""
    rows = db.all(
        f"SELECT a.number AS older, b.number AS newer, SUBSTR({PHONE.format('a')}, -4) AS tail FROM readers a "
        f"JOIN readers b ON b.phone_tail = a.phone_tail AND b.id > a.id AND {PHONE.format('a')} = {PHONE.format('b')} "
        "WHERE a.phone_tail <> '' AND b.phone_tail <> '' AND a.id NOT IN (SELECT gone_id FROM merged_readers) "
        "AND b.id NOT IN (SELECT gone_id FROM merged_readers) ORDER BY b.id DESC, a.id"
    )
    return [Pair(**row) for row in rows]


def same_card(db: Database) -> list[Pair]:
    """Pairs not joined yet of whom one has linked a card that the other has proved too: the hashes are alike."""
    rows = db.all(
        "SELECT a.number AS older, b.number AS newer, MAX(c.tail) AS tail FROM proofs p "
        "JOIN cards c ON c.digest = p.digest AND c.reader_id <> p.reader_id "
        "JOIN readers a ON a.id IN (c.reader_id, p.reader_id) "
        "JOIN readers b ON b.id IN (c.reader_id, p.reader_id) AND b.id > a.id "
        "WHERE p.state = 'taken' AND a.id NOT IN (SELECT gone_id FROM merged_readers) "
        "AND b.id NOT IN (SELECT gone_id FROM merged_readers) GROUP BY a.id, b.id, a.number, b.number "
        "ORDER BY b.id DESC, a.id"
    )
    return [Pair(**row) for row in rows]
