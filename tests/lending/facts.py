"""Whether what a notice says is so, asked of the store itself."""

from __future__ import annotations

from lending.database import Database
from lending.model import library_day, parse_stamp
from lending.notices import Notice


def still_true(db: Database, notice: Notice) -> bool:
    """The loan is open and due that day; the copy is kept (B2-7)."""
    number = notice.object.partition(":")[2].partition("@")[0]
    if notice.event == "loan_due":
        in_hand = "SELECT due_at FROM loans WHERE id = :id AND returned_at IS NULL AND stopped_at IS NULL"
        due = db.value(in_hand, id=int(number))
        return due is not None and str(library_day(parse_stamp(due))) == notice.facts["day"]
    if notice.event == "hold_ready":
        return db.value("SELECT state FROM holds WHERE id = :id", id=int(number)) == "ready"
    return True
