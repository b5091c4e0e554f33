"""What is still to be asked of a partner outside: kept until it is answered, asked again when nothing came back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lending.database import Database, Row, writing
from lending.model import parse_stamp, stamp

WAITS = (15, 60, 300, 900, 3600)  # seconds before the next try; the last one again and again


@dataclass(frozen=True, slots=True)
class Call:
    """One thing to ask. `sealed` is for the partner's adapter alone; `tries` counts this one."""

    id: int
    kind: str
    key: str
    reader_id: int
    sealed: str
    tries: int
    made_at: datetime


def put(db: Database, partner: str, kind: str, key: str, reader_id: int, sealed: str, now: datetime) -> bool:
    """To be asked, once for each key; False when it was put before."""
    with writing(db) as db:
        return bool(
            db.run(
                "INSERT INTO outside_calls (partner, kind, key, reader_id, sealed, next_at, made_at) "
                "VALUES (:partner, :kind, :key, :r, :sealed, :now, :now) ON CONFLICT (key) DO NOTHING",
                partner=partner, kind=kind, key=key, r=reader_id, sealed=sealed, now=stamp(now),
            )
        )  # fmt: skip


def put_since(db: Database, partner: str, reader_id: int, since: datetime) -> int:
    """How many were put for this reader since then."""
    return int(
        db.value(
            "SELECT COUNT(*) FROM outside_calls WHERE reader_id = :r AND partner = :p AND made_at > :since",
            r=reader_id, p=partner, since=stamp(since),
        )
    )  # fmt: skip


def claim_due(db: Database, partner: str, now: datetime) -> Iterator[Call]:
    """What is due, one after the other, each claimed for whoever asked first; a crash leaves it for the next try."""
    due = db.all(
        "SELECT id, tries FROM outside_calls WHERE partner = :p AND state = 'waiting' AND next_at <= :now "
        "ORDER BY next_at, id LIMIT 50",
        p=partner, now=stamp(now),
    )  # fmt: skip
    for row in due:
        again = now + timedelta(seconds=WAITS[min(row["tries"], len(WAITS) - 1)])
        with writing(db) as door:
            claimed = door.one(
                "UPDATE outside_calls SET tries = tries + 1, next_at = :again "
                "WHERE id = :id AND tries = :tries AND state = 'waiting' "
                "RETURNING id, kind, key, reader_id, sealed, tries, made_at",
                again=stamp(again), id=row["id"], tries=row["tries"],
            )  # fmt: skip
        if claimed:
            yield _call(claimed)


def _call(row: Row) -> Call:
    return Call(**{**row, "made_at": parse_stamp(row["made_at"])})


def hurry(db: Database, key: str, now: datetime) -> bool:
    """The answer is probably there: ask at the next look. False when nothing waits under that key."""
    with writing(db) as db:
        return bool(
            db.run(
                "UPDATE outside_calls SET next_at = :now WHERE key = :key AND state = 'waiting'",
                key=key, now=stamp(now),
            )
        )  # fmt: skip


def reseal(db: Database, call_id: int, sealed: str) -> None:
    """What the next try needs has changed. Call in `writing`."""
    db.run("UPDATE outside_calls SET sealed = :s WHERE id = :id AND state = 'waiting'", s=sealed, id=call_id)


def finish(db: Database, call_id: int, note: str = "") -> bool:
    """Answered, or given up: what was sealed is gone. False when it had ended before. Call in `writing`."""
    return bool(
        db.run(
            "UPDATE outside_calls SET state = 'ended', sealed = '', note = :note WHERE id = :id AND state = 'waiting'",
            note=note[:80],
            id=call_id,
        )
    )


def drop(db: Database, reader_id: int) -> int:
    """Nothing more is asked about this reader. Call in `writing`."""
    return db.run(
        "UPDATE outside_calls SET state = 'ended', sealed = '', note = 'withdrawn' "
        "WHERE reader_id = :r AND state = 'waiting'",
        r=reader_id,
    )
