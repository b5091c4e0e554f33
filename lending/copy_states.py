"""册的一生: what happens to a copy by itself, beside orders and loans. The table of steps is all of it (E3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from lending import holds, notices
from lending.catalogue import ON_SHELF, STANDS_AT, Copy, scanned
from lending.database import Database, Row, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.model import CopyState, library_day, stamp
from lending.policy import Policy

STEPS = {  # name: from which standings (catalogue.Copy.standing), to which
    "miss": (("available", "kept"), "missing"),  # 架上找不到：清点缺失
    "find": (("missing", "lost"), "available"),  # 找到了：回到架上，或留给等的人
    "damage": (("available", "kept", "missing", "lost"), "damaged"),  # 坏了：上修补架
    "mend": (("damaged",), "available"),  # 修好了
    "withdraw": (("available", "kept", "missing", "lost", "damaged"), "withdrawn"),  # 剔除（原因）
    "readmit": (("withdrawn",), "available"),  # 重新入藏
    "give_up": (("missing",), "lost"),  # 找了很久没找到：算丢失
}
GONE = "state IN ('lost', 'withdrawn')"
LONGEST_REASON = 200
BY_SCAN, BY_RULE, BY_CASE, BY_COURIER = "scan", "rule", "case", "courier"  # what did it, where no librarian by hand
IN_POST, BY_READER = "lost_in_post", "lost_by_reader"  # how a copy on its way or on loan was lost, in its history


@fact
class CannotStep(LendingError):
    """The copy does not stand where the step begins; `order` is the open order it is promised to, '' for none."""

    title: str
    step: str
    standing: str
    order: str = ""


def possible(copy: Copy) -> tuple[str, ...]:
    """The steps a librarian may take with it now."""
    return tuple(name for name, (before, _) in STEPS.items() if copy.standing in before and name != "give_up")


def step(
    db: Database, barcode: str, name: str, actor: str, policy: Policy, now: datetime, point_id: int | None = None,
    note: str = "",
) -> Copy:  # fmt: skip
    """One row of the table, and what follows from it for whoever waits; the copy as it stands then.

    `point_id`: where it is now, if elsewhere. Raises UnknownThing, CannotStep.
    """
    with writing(db) as db:
        copy = scanned(db, barcode)
        before, after = STEPS.get(name, ((), ""))
        if copy.standing not in before:
            raise CannotStep(title_of(db, copy.title_id), name, copy.standing, promised_to(db, copy.id))
        if point_id is not None and not db.value("SELECT 1 FROM points WHERE id = :p", p=point_id):
            raise UnknownThing("point", str(point_id))
        changed = db.run(
            "UPDATE copies SET state = :state, hold_id = NULL, missing_since = :since, "
            "point_id = COALESCE(:p, point_id) WHERE id = :c AND state = :was AND hold_id IS :hold",
            state=CopyState.LOST if after == "missing" else after, since=stamp(now) if after == "missing" else "",
            p=point_id, c=copy.id, was=copy.state, hold=copy.hold_id,
        )  # fmt: skip
        assert changed == 1, "the copy was read inside this transaction"
        write_down(db, copy.id, name, actor, now, note)
        disappointed = _promise_again(db, copy, policy, now) if copy.hold_id is not None else None
        if after == CopyState.AVAILABLE:
            holds.release_copy(db, copy.id, copy.title_id, policy, now)
        elif after != CopyState.DAMAGED:
            tell_last_gone(db, copy.title_id, policy, now, kept_for=disappointed)
        return scanned(db, copy.barcode)


def unfind(db: Database, copy_id: int, standing: str) -> None:
    """It was not found after all, the scan was a mistake: looked for since the day it was missed. Call in `writing`."""
    last = "SELECT MAX(id) FROM copy_events WHERE copy_id = :c AND step = :step"
    db.run(f"DELETE FROM copy_events WHERE id = ({last})", c=copy_id, step="find")
    if standing == "missing":
        db.run(
            f"UPDATE copies SET missing_since = (SELECT at FROM copy_events WHERE id = ({last})) WHERE id = :c",
            c=copy_id, step="miss",
        )  # fmt: skip


def undamage(db: Database, copy_id: int) -> None:
    """A librarian has looked: what a reader's case called damaged can be read as it is. Call in `writing`."""
    last = "SELECT MAX(id) FROM copy_events WHERE copy_id = :c AND step = 'damage'"
    db.run(f"DELETE FROM copy_events WHERE id = ({last}) AND actor = :case", c=copy_id, case=BY_CASE)


def lay_aside(db: Database, copy_id: int, made_good: bool, now: datetime) -> None:
    """It comes back as a reader's case calls it: damaged, or to be lent no more where the case has made it good.

    Call in `writing`.
    """
    for step in ("damage", "withdraw")[: 1 + made_good]:
        db.run("UPDATE copies SET state = :to WHERE id = :c", to=STEPS[step][1], c=copy_id)
        write_down(db, copy_id, step, BY_CASE, now)


def title_of(db: Database, title_id: int) -> str:
    """Its name."""
    return str(db.value("SELECT title FROM titles WHERE id = :t", t=title_id))


def promised_to(db: Database, copy_id: int) -> str:
    """The number of the open order with this copy, '' when there is none."""
    number = db.value(
        "SELECT o.number FROM order_items i JOIN orders o ON o.id = i.order_id WHERE i.copy_id = :c AND i.open = 1",
        c=copy_id,
    )
    return str(number or "")


def write_down(db: Database, copy_id: int, name: str, actor: str, now: datetime, note: str = "") -> None:
    """A line of the copy's history. Call in `writing`."""
    db.run(
        "INSERT INTO copy_events (copy_id, step, actor, note, at) VALUES (:c, :step, :actor, :note, :now)",
        c=copy_id, step=name, actor=actor, note=note.strip()[:LONGEST_REASON], now=stamp(now),
    )  # fmt: skip


def lost_in_post(db: Database, copy_id: int, now: datetime) -> None:
    """A courier has lost it, on its way to a reader or from one. Call in `writing`."""
    db.run("UPDATE copies SET state = 'lost', hold_id = NULL WHERE id = :c", c=copy_id)
    write_down(db, copy_id, IN_POST, BY_COURIER, now)


# ---- whoever waits ---------------------------------------------------------------------------------------------------


def _promise_again(db: Database, copy: Copy, policy: Policy, now: datetime) -> int | None:
    """It was kept for a hold: that reader keeps their place, and another free copy is kept for them.

    Who had been told that it waits is told now, once; returns the hold that is left without a copy, having been told.
    """
    hold_id = copy.hold_id or 0
    row = db.one("SELECT reader_id, point_id FROM holds WHERE id = :h AND state = 'ready'", h=hold_id)
    if row is None:
        return None
    knew = holds.told_at(db, hold_id, row["reader_id"]) is None
    holds.take_back(db, hold_id, row["reader_id"])
    another = db.value(
        f"SELECT c.id FROM copies c WHERE c.title_id = :t AND {ON_SHELF} "
        "ORDER BY point_id <> COALESCE(:p, :here), id LIMIT 1",
        t=copy.title_id, p=row["point_id"], here=copy.point_id,
    )  # fmt: skip
    if another is not None:
        holds.release_copy(db, another, copy.title_id, policy, now, stands=True)
    if not knew:
        return None
    if db.value("SELECT 1 FROM holds WHERE id = :h AND state = 'ready'", h=hold_id):
        notices.unsay_all(db, row["reader_id"], "hold_ready", f"hold:{hold_id}")  # this says it too
    if not _all_gone(db, copy.title_id):
        notices.record(
            db, row["reader_id"], "kept_copy_gone", f"hold:{hold_id}", stamp(now), now,
            notices.outside_quiet_hours(now, policy), title=copy.title_id,
        )  # fmt: skip
    return hold_id


def _all_gone(db: Database, title_id: int) -> bool:
    return not db.value(f"SELECT 1 FROM copies WHERE title_id = :t AND NOT {GONE} LIMIT 1", t=title_id)


def tell_last_gone(
    db: Database, title_id: int, policy: Policy, now: datetime, kept_for: int | None = None, but: int | None = None
) -> int:
    """No copy of the title is left: whoever waits for it is told, once a day at most; returns how many are.

    Not at once, for what was scanned by mistake is put right within minutes, and is forgotten then. `kept_for` is the
    hold whose reader knew that a copy waited for them; `but` is told otherwise. Call in `writing`.
    """
    if not _all_gone(db, title_id):
        return 0
    due = notices.outside_quiet_hours(now + timedelta(minutes=policy.promise.tell_ready_minutes), policy)
    waiting = db.all("SELECT id, reader_id FROM holds WHERE title_id = :t AND state = 'waiting'", t=title_id)
    return sum(
        notices.record(
            db, row["reader_id"], "no_copy_left", f"hold:{row['id']}", str(library_day(now)), now, due,
            title=title_id, kept=row["id"] == kept_for,
        )
        for row in waiting if row["reader_id"] != but
    )  # fmt: skip


# ---- lists and the clock ---------------------------------------------------------------------------------------------

LISTED = (
    f"SELECT c.barcode, c.call_number, {STANDS_AT} AS shelf, c.missing_since AS since, c.title_id, t.title, "
    "p.name AS point, p.name_en AS point_en FROM copies c JOIN titles t ON t.id = c.title_id "
    "JOIN points p ON p.id = c.point_id "
)


def missing(db: Database, limit: int) -> list[Row]:
    """Copies that are looked for, those missing longest first."""
    return db.all(LISTED + "WHERE c.missing_since <> '' ORDER BY c.missing_since, c.id LIMIT :n", n=limit)


def waited_for_in_vain(db: Database, limit: int) -> list[Row]:
    """Titles of which no copy is left while readers wait: to be bought anew; most readers first."""
    return db.all(
        "SELECT t.id, t.title, t.authors, t.publisher, t.year, t.isbn, t.price_fen, COUNT(*) AS waiting FROM holds h "
        "JOIN titles t ON t.id = h.title_id WHERE h.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM copies c "
        f"WHERE c.title_id = h.title_id AND NOT c.{GONE}) GROUP BY t.id ORDER BY waiting DESC, t.id LIMIT :n",
        n=limit,
    )


def give_up(db: Database, policy: Policy, now: datetime) -> int:
    """What nobody has found for so many days counts as lost; returns how many. A scan still finds it."""
    before = stamp(now - timedelta(days=policy.stock.missing_days))
    old = "SELECT id FROM copies WHERE missing_since <> '' AND missing_since < :before"
    if not db.all(f"{old} LIMIT 1", before=before):
        return 0
    with writing(db) as db:
        rows = db.all(
            "UPDATE copies SET missing_since = '' WHERE missing_since <> '' AND missing_since < :before RETURNING id",
            before=before,
        )
        for row in rows:
            write_down(db, row["id"], "give_up", BY_RULE, now)
        return len(rows)


def place(
    db: Database, barcode: str, home_id: int, call_number: str, shelf: str, actor: str, now: datetime
) -> Sequence[str]:
    """Where it belongs from now on: its home, its call number and shelf; returns what changed.

    Where it stands now is not touched; an import leaves what is said here (stock.store_copies). Raises UnknownThing.
    """
    with writing(db) as db:
        copy = scanned(db, barcode)
        if not db.value("SELECT 1 FROM points WHERE id = :p", p=home_id):
            raise UnknownThing("point", str(home_id))
        given = {"home_point_id": home_id, "call_number": call_number.strip()[:60], "shelf": shelf.strip()[:60]}
        changed = [name for name, value in given.items() if getattr(copy, name) != value]
        if changed:
            db.run(
                "UPDATE copies SET home_point_id = :home_point_id, call_number = :call_number, shelf = :shelf "
                "WHERE id = :c",
                c=copy.id, **given,
            )  # fmt: skip
            home = db.value("SELECT name FROM points WHERE id = :p", p=home_id)
            write_down(db, copy.id, "place", actor, now, f"{home} {given['call_number']} {given['shelf']}")
        return changed
