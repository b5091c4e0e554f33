"""A transfer as it is kept; the table is its whole life (F-7). Who may take which step, transfers.py says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lending import notices
from lending.database import Database, Row
from lending.errors import UnknownThing
from lending.model import parse_stamp, stamp

STEPS = {  # name: from which states, to which, and whose it is
    "accept": (("offered",), "accepted", ""),  # 接受：扫码的读者愿意接
    "finish": (("accepted",), "done", "giver_id"),  # 交到手上：转出的读者确认
    "withdraw": (("offered", "accepted"), "withdrawn", "giver_id"),  # 不转了
    "decline": (("accepted",), "declined", "receiver_id"),  # 不接了
    "expire": (("offered", "accepted"), "expired", ""),  # 过时
    "leave": (("accepted",), "withdrawn", ""),  # 书不在转出的读者手上了：还了、丢了、破了；有别人排上了、超期了
}


@dataclass(frozen=True, slots=True)
class Transfer:
    """A book on its way from one reader to another: a loan of the library's, or a reader's own that drifts."""

    id: int
    loan_id: int | None
    drifting_id: int | None
    title_id: int
    title: str
    giver_id: int
    receiver_id: int | None
    state: str
    expires_at: datetime


COLUMNS = (
    "x.id, x.loan_id, x.drifting_id, x.title_id, t.title, x.giver_id, x.receiver_id, x.state, x.expires_at "
    "FROM transfers x JOIN titles t ON t.id = x.title_id"
)


def transfer_of(row: Row | None, name: str) -> Transfer:
    """As it was read. Raises UnknownThing where there is no such row."""
    if row is None:
        raise UnknownThing("transfer", name)
    return Transfer(**{**row, "expires_at": parse_stamp(row["expires_at"])})


def transfer(db: Database, transfer_id: int) -> Transfer:
    """Raises UnknownThing."""
    return transfer_of(db.one(f"SELECT {COLUMNS} WHERE x.id = :id", id=transfer_id), str(transfer_id))


def step(db: Database, name: str, transfer_id: int, who: int | None, now: datetime, /, **columns: Any) -> Transfer:
    """One row of the table, guarded. Raises UnknownThing where the transfer does not stand at its beginning."""
    before, after, whose = STEPS[name]
    states = ", ".join(f"'{state}'" for state in before)
    mine = f"AND {whose} = :who " if whose else ""
    alive = "" if name == "expire" else "AND expires_at > :now "
    marks = "".join(f", {column} = :{column}" for column in columns)
    changed = db.run(
        f"UPDATE transfers SET state = '{after}', ended_at = :ended{marks} "
        f"WHERE id = :id {mine}{alive}AND state IN ({states})",
        id=transfer_id, who=who, now=stamp(now), ended=None if after == "accepted" else stamp(now), **columns,
    )  # fmt: skip
    if changed != 1:
        raise UnknownThing("transfer", str(transfer_id))
    return transfer(db, transfer_id)


def book_left(db: Database, loan_id: int, why: str, now: datetime) -> None:
    """The book is not with its reader any more, so whoever has said yes to it need not wait, and hears why.

    `why` is returned, claimed, collected, lost or damaged. Call in `writing`.
    """
    waiting = db.value("SELECT id FROM transfers WHERE loan_id = :l AND state = 'accepted'", l=loan_id)
    if waiting is not None and (over := transfer(db, waiting)).expires_at > now:
        step(db, "leave", over.id, None, now)
        tell(db, over.receiver_id or 0, over, why, now)


def own_book_left(db: Database, own_id: int, now: datetime) -> None:
    """A book that drifts is lost: its code opens nothing, whoever has said yes hears why. Call in `writing`."""
    for row in db.all("SELECT id FROM transfers WHERE drifting_id = :d AND state IN ('offered', 'accepted')", d=own_id):
        over = transfer(db, row["id"])
        db.run("UPDATE transfers SET state = 'withdrawn', ended_at = :now WHERE id = :id", now=stamp(now), id=over.id)
        if over.receiver_id is not None and over.expires_at > now:
            tell(db, over.receiver_id, over, "lost", now)


def tell(db: Database, reader_id: int, what: Transfer, step: str, now: datetime) -> None:
    """At once, whatever the hour: they stand face to face."""
    notices.record(db, reader_id, "transfer", f"transfer:{what.id}", step, now, transfer=what.id, title=what.title_id)
