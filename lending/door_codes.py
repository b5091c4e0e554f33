"""门前凭证: a locker's screen shows each visitor a signed code, which proves later that they stood there (D-13).

"G1-27-THB3K-7K3M9Q2P" is the locker, the number of its own report, the minute, and a signature. The machine makes it
without a network, with a key of its own; it proves the visit, not what was put in: that stays for a librarian to see.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lending.database import Database, Row, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.model import half_width, parse_stamp, stamp

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is read for something else
SAME_VISIT = timedelta(days=1)  # further apart the same number is another machine's; so far a clock may be ahead
FORM = re.compile(r"([A-Z0-9]{1,12})-(\d{1,9})-([0-9A-Z]{4,6})-([2-9A-HJKMNP-Z]{8})")


@fact
class CodeTaken(LendingError):
    """Another reader has shown this code before."""

    code: str


@dataclass(frozen=True, slots=True)
class Visit:
    """What a code that is genuine says: somebody stood before that locker at that minute."""

    code: str
    point_id: int
    seq: int  # the number of the machine's report
    at: datetime


def key_of(master: bytes, locker: str) -> bytes:
    """The key that one locker holds; another locker's codes cannot be made with it."""
    return hmac.digest(master, f"door:{locker.upper()}".encode(), "sha256")


def sign(key: bytes, locker: str, seq: int, at: datetime) -> str:
    """What the machine shows."""
    body = f"{locker.upper()}-{seq}-{_base36(int(at.timestamp()) // 60)}"
    return f"{body}-{_mark(key, body)}"


def _mark(key: bytes, body: str) -> str:
    number = int.from_bytes(hmac.digest(key, body.encode(), "sha256")[:8])
    return "".join(LETTERS[number // len(LETTERS) ** place % len(LETTERS)] for place in range(8))


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, last = divmod(number, 36)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[last] + digits
    return digits


def code_in(text: str) -> str:
    """The code in what somebody wrote, in capitals; '' when there is none."""
    found = FORM.search(half_width(text).upper())
    return found[0] if found else ""


def read(db: Database, code: str, master: bytes, now: datetime) -> Visit:
    """What a code says. Raises UnknownThing for one that no locker of ours has made; a clock ahead of ours is now."""
    found = FORM.fullmatch(code)
    if not found or not hmac.compare_digest(_mark(key_of(master, found[1]), code.rpartition("-")[0]), found[4]):
        raise UnknownThing("door_code", code[:40])
    point_id = db.value("SELECT id FROM points WHERE UPPER(code) = :locker", locker=found[1])
    if point_id is None:
        raise UnknownThing("door_code", code[:40])
    at = datetime.fromtimestamp(int(found[3], 36) * 60, UTC)
    return Visit(code, point_id, int(found[2]), min(at, now))


# ---- kept with what it proves ----------------------------------------------------------------------------------------


def keep(db: Database, about: str, object_id: int, reader_id: int, visit: Visit) -> None:
    """The code belongs to this claim from now on, once; a visit may prove several of one reader. Raises CodeTaken."""
    with writing(db) as db:
        other = (
            "SELECT 1 FROM door_codes WHERE point_id = :p AND seq = :seq AND reader_id <> :r "
            "AND at BETWEEN :from AND :to"
        )
        span = {"from": stamp(visit.at - SAME_VISIT), "to": stamp(visit.at + SAME_VISIT)}
        if db.value(other, p=visit.point_id, seq=visit.seq, r=reader_id, **span):
            raise CodeTaken(visit.code)
        db.run(
            "INSERT INTO door_codes (about, object_id, reader_id, point_id, seq, at) "
            "VALUES (:about, :object, :r, :p, :seq, :at) ON CONFLICT DO NOTHING",
            about=about, object=object_id, r=reader_id, p=visit.point_id, seq=visit.seq, at=stamp(visit.at),
        )  # fmt: skip


def of(db: Database, about: str, object_id: int) -> list[Row]:
    """Visits that prove a claim: place, at, seq, and the event and state of the machine's report of that number.

    Both are None while the machine has not told of it: it was offline, or the reader is right.
    """
    rows = db.all(
        "SELECT p.name AS point, p.name_en AS point_en, d.point_id, d.seq, d.at FROM door_codes d "
        "JOIN points p ON p.id = d.point_id WHERE d.about = :about AND d.object_id = :object ORDER BY d.at, d.seq",
        about=about, object=object_id,
    )  # fmt: skip
    return [row | _reported(db, row["point_id"], row["seq"], parse_stamp(row["at"])) for row in rows]


def _reported(db: Database, point_id: int, seq: int, at: datetime) -> Row:
    """The visit's moment, and what the machine has told of it."""
    told = db.one(
        "SELECT event, state FROM locker_reports WHERE point_id = :p AND seq = :seq "
        "AND happened_at BETWEEN :from AND :to ORDER BY run DESC LIMIT 1",
        p=point_id, seq=seq, **{"from": stamp(at - SAME_VISIT), "to": stamp(at + SAME_VISIT)},
    )  # fmt: skip
    return {"at": at, **(told or {"event": None, "state": None})}


def drop(db: Database, about: str, ids: str) -> None:
    """The codes of these go before they themselves do; `ids` is a list or query. Call in `writing`."""
    db.run(f"DELETE FROM door_codes WHERE about = :about AND object_id IN ({ids})", about=about)


def forget(db: Database, reader_id: int) -> None:
    """Where the reader has stood goes with them. Call in `writing`."""
    db.run("DELETE FROM door_codes WHERE reader_id = :r", r=reader_id)
