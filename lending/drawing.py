"""When a window closes: its lots are drawn, the day's money is promised to the winners, everyone is told (D-3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from lending import notices
from lending.database import Database, writing
from lending.draws import lots_in
from lending.free_shipping import open_day, promise
from lending.lots import drawn_order
from lending.model import stamp
from lending.policy import Policy

CHUNK = 200  # results noted in a turn


def draw_due(db: Database, policy: Policy, now: datetime) -> int:
    """Draw every window whose time has come, the earliest first; returns how many. Any number of times, one effect."""
    due = db.all(
        "SELECT id FROM draw_windows WHERE state <> 'drawn' AND closes_at <= :now ORDER BY closes_at", now=stamp(now)
    )
    drawn = sum(_draw(db, row["id"], policy, now) for row in due)
    _note_results(db, policy, now)
    return drawn


def _draw(db: Database, window_id: int, policy: Policy, now: datetime) -> bool:
    """Close it, work out the order while others write, then give; False when another worker was first."""
    with writing(db) as turn:
        turn.run("UPDATE draw_windows SET state = 'closed' WHERE id = :w AND state = 'open'", w=window_id)
    seed = db.value("SELECT seed FROM draw_windows WHERE id = :w", w=window_id)
    order = drawn_order(seed, lots_in(db, window_id))
    with writing(db) as turn:
        return _give(turn, window_id, order, policy, now)


def _give(db: Database, window_id: int, order: list[str], policy: Policy, now: datetime) -> bool:
    row = db.one(
        "UPDATE draw_windows SET state = 'drawn', drawn_at = :now WHERE id = :w AND state = 'closed' "
        "RETURNING day, upto_fen, grant_fen",
        w=window_id, now=stamp(now),
    )  # fmt: skip
    if row is None:
        return False
    money = open_day(db, row["day"], policy)
    left = max(0, min(row["upto_fen"], money.budget_fen) - money.used_fen)
    most, won = left // row["grant_fen"] if row["grant_fen"] else 0, 0
    until = stamp(now + timedelta(hours=policy.free_shipping.use_hours))
    for ticket in order:
        if won == most:
            break
        won += db.run(  # 0 for a reader who was forgotten since the order was worked out
            "UPDATE draw_entries SET state = 'won', granted_fen = :fen, valid_until = :until "
            "WHERE window_id = :w AND ticket = :ticket AND state = 'entered'",
            fen=row["grant_fen"], until=until, w=window_id, ticket=ticket,
        )  # fmt: skip
    promise(db, row["day"], won * row["grant_fen"])
    db.run("UPDATE draw_entries SET state = 'lost' WHERE window_id = :w AND state = 'entered'", w=window_id)
    db.run("UPDATE draw_windows SET left_fen = :left WHERE id = :w", left=left, w=window_id)
    return True


def _note_results(db: Database, policy: Policy, now: datetime) -> None:
    """Everyone who took part is told, in small turns so that orders are not held up."""
    due = notices.outside_quiet_hours(now, policy)
    while rows := db.all(
        "SELECT e.id, e.reader_id, e.state FROM draw_entries e JOIN draw_windows w ON w.id = e.window_id "
        "WHERE e.noted = 0 AND w.state = 'drawn' ORDER BY e.id LIMIT :n",
        n=CHUNK,
    ):
        with writing(db) as turn:
            for row in rows:
                turn.run("UPDATE draw_entries SET noted = 1 WHERE id = :id", id=row["id"])
                if row["reader_id"]:
                    notices.record(
                        turn, row["reader_id"], "drawn", f"draw:{row['id']}", row["state"], now, due, entry=row["id"]
                    )
