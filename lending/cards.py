"""借阅卡: what a reader shows at a kiosk. Its number is not kept, only a keyed hash that opens one reader's account."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

from lending import readers
from lending.database import Database, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.model import stamp, typed
from lending.readers import Reader

DIGITS = 13  # with the check digit; more than anyone can try
TAILS = {"kiosk": 4, "citizen": 2, "library": 2}  # how much of its end is kept of a number, by which its owner knows it
MARK = 12  # characters of a card's hash by which a reader's own cards are told apart


@fact
class CardTaken(LendingError):
    """The card opens another reader's account already; `tail` is the end of its number."""

    tail: str


@fact
class CardBlocked(LendingError):
    """The card was reported lost or left behind; a new one opens the same account."""


def digest(number: str, key: bytes) -> str:
    """The keyed hash of a card's number; blanks, hyphens and case do not count."""
    return hmac.new(key, _plain(number).encode(), "sha256").hexdigest()


def _plain(number: str) -> str:
    return "".join(character for character in typed(number) if character.isalnum())


def issue(db: Database, reader_id: int, key: bytes, now: datetime) -> str:
    """A new kiosk card for the reader, told once; the one before opens nothing any more. Raises UnknownThing."""
    readers.reader(db, reader_id)
    body = str(secrets.randbelow(9 * 10 ** (DIGITS - 2)) + 10 ** (DIGITS - 2))
    number = body + check_digit(body)
    with writing(db) as db:
        db.run(
            "UPDATE cards SET blocked_at = :now WHERE reader_id = :r AND kind = 'kiosk' AND blocked_at IS NULL",
            r=reader_id, now=stamp(now),
        )  # fmt: skip
        keep(db, reader_id, "kiosk", digest(number, key), tail(number, "kiosk"), now)
    return number


def check_digit(body: str) -> str:
    """The Luhn digit, so that a misread number opens nobody's account."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))]
    return str(-sum(n // 10 + n % 10 for n in doubled) % 10)


def tail(number: str, kind: str) -> str:
    """The end of the number, as much as is kept of that kind."""
    return _plain(number)[-TAILS[kind] :]


def keep(db: Database, reader_id: int, kind: str, digest: str, tail: str, now: datetime) -> bool:
    """The card with this hash opens the reader's account from now on (A1-20); False when it did. Raises CardTaken."""
    with writing(db) as db:
        before = db.one("SELECT reader_id, tail FROM cards WHERE digest = :d", d=digest)
        if before and before["reader_id"] != reader_id:
            raise CardTaken(before["tail"])
        if before:
            return _open_again(db, digest)
        db.run(
            "INSERT INTO cards (digest, reader_id, kind, tail, made_at) VALUES (:d, :r, :kind, :tail, :now)",
            d=digest, r=reader_id, kind=kind, tail=tail, now=stamp(now),
        )  # fmt: skip
    return True


def _open_again(db: Database, digest: str) -> bool:
    return bool(db.run("UPDATE cards SET blocked_at = NULL WHERE digest = :d AND blocked_at IS NOT NULL", d=digest))


def reader_of(db: Database, number: str, key: bytes) -> tuple[Reader, bool]:
    """Whose card it is, and whether it has been blocked. Raises UnknownThing."""
    row = db.one("SELECT reader_id, blocked_at FROM cards WHERE digest = :d", d=digest(number, key))
    if row is None:
        raise UnknownThing("card", "")
    return readers.reader(db, row["reader_id"]), row["blocked_at"] is not None


def block(db: Database, number: str, key: bytes, now: datetime) -> Reader:
    """The card opens nothing from now on; repeating changes nothing. Raises UnknownThing."""
    with writing(db) as db:
        db.run(
            "UPDATE cards SET blocked_at = :now WHERE digest = :d AND blocked_at IS NULL",
            d=digest(number, key), now=stamp(now),
        )  # fmt: skip
        return reader_of(db, number, key)[0]


def of_reader(db: Database, reader_id: int) -> list[dict[str, str]]:
    """The reader's open cards: mark, kind and the end of the number, the newest first."""
    return db.all(
        f"SELECT SUBSTR(digest, 1, {MARK}) AS mark, kind, tail, made_at FROM cards "
        "WHERE reader_id = :r AND blocked_at IS NULL ORDER BY made_at DESC, kind",
        r=reader_id,
    )


def remove(db: Database, reader_id: int, mark: str) -> dict[str, str]:
    """The reader's card opens nothing any more and nothing of it is kept: digest, kind, tail. Raises UnknownThing."""
    with writing(db) as db:
        row = db.one(
            f"DELETE FROM cards WHERE reader_id = :r AND SUBSTR(digest, 1, {MARK}) = :m RETURNING digest, kind, tail",
            r=reader_id, m=mark,
        )  # fmt: skip
    if row is None:
        raise UnknownThing("card", "")
    return row
