"""下架: a title that readers find and borrow no more, for a reason they are told, and its coming back.

What was promised stays: books on loan and in orders go their way. Copies are weeded one by one (copy_states.py).
"""

from __future__ import annotations

from datetime import datetime

from lending import holds, notices
from lending.database import Database, writing
from lending.errors import CannotChange, UnknownThing
from lending.model import stamp
from lending.policy import Policy
from lending.stock import next_revision

LONGEST = 200


def withdraw(db: Database, title_id: int, why: str, policy: Policy, now: datetime) -> int:
    """Out of lists, carts and queues; whoever waited or meant to borrow it is told; returns how many.

    Raises UnknownThing, CannotChange where it has been withdrawn, ValueError without a reason.
    """
    why = " ".join(why.split())[:LONGEST]
    if not why:
        raise ValueError("withdraw needs a reason")
    with writing(db) as db:
        _turn(db, title_id, 1, why)
        mine = "SELECT id, reader_id FROM holds WHERE title_id = :t AND state = "
        told = set()
        for state in ("'waiting'", "'ready'"):  # a kept copy would only go to the next of those who wait
            for row in db.all(mine + state, t=title_id):
                holds.cancel(db, row["reader_id"], row["id"], policy, now)
                told.add(row["reader_id"])
        told |= {row["reader_id"] for row in db.all("SELECT reader_id FROM cart_items WHERE title_id = :t", t=title_id)}
        db.run("DELETE FROM cart_items WHERE title_id = :t", t=title_id)
        for reader_id in sorted(told):
            notices.record(
                db, reader_id, "title_withdrawn", f"title:{title_id}", stamp(now), now,
                notices.outside_quiet_hours(now, policy), title=title_id,
            )  # fmt: skip
        return len(told)


def bring_back(db: Database, title_id: int, policy: Policy, now: datetime) -> int:
    """It is found and lent again; whoever was told that it was withdrawn is told, once; returns how many.

    Their holds stay cancelled: meanwhile they may have it from elsewhere, and a copy kept for them would cost them
    points. Raises UnknownThing, CannotChange where it is there.
    """
    with writing(db) as db:
        _turn(db, title_id, 0, "")
        about = f"title:{title_id}"
        told = db.all(
            "SELECT reader_id, step FROM notices WHERE event = 'title_withdrawn' AND object = :o AND state = 'told' "
            "AND facts <> '{}' AND step = (SELECT MAX(step) FROM notices WHERE event = 'title_withdrawn' "
            "AND object = :o) ORDER BY reader_id",
            o=about,
        )
        due = notices.outside_quiet_hours(now, policy)
        return sum(
            notices.record(db, row["reader_id"], "title_back", about, row["step"], now, due, title=title_id)
            for row in told
        )


def why(db: Database, title_id: int) -> str:
    """The reason given; '' while it can be had."""
    return str(db.value("SELECT withdrawn_why FROM titles WHERE id = :t", t=title_id) or "")


def concerned(db: Database, title_id: int) -> int:
    """How many readers wait for it or mean to borrow it."""
    return int(
        db.value(
            "SELECT COUNT(*) FROM (SELECT reader_id FROM holds WHERE title_id = :t AND state IN ('waiting', 'ready') "
            "UNION SELECT reader_id FROM cart_items WHERE title_id = :t)",
            t=title_id,
        )
    )


def _turn(db: Database, title_id: int, withdrawn: int, why: str) -> None:
    if not db.value("SELECT 1 FROM titles WHERE id = :t", t=title_id):
        raise UnknownThing("title", str(title_id))
    changed = db.run(
        "UPDATE titles SET withdrawn = :now, withdrawn_why = :why, revision = :revision "
        "WHERE id = :t AND withdrawn <> :now",
        now=withdrawn, why=why, revision=next_revision(db), t=title_id,
    )  # fmt: skip
    if changed != 1:
        raise CannotChange("title", str(title_id), "withdrawn" if withdrawn else "")
