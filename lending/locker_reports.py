"""What lockers tell us, kept once and settled when it fits: lost, repeated and late words end in the same state (D-13).

A machine numbers its reports and keeps them until we have them. None of them stops the others (B2-23): one that does
not fit yet waits for what must have come before it, and one that never will is left to a librarian. A new machine
counts from 1 again, in a run of numbers of its own, higher than the run before.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lending import addition_terms, catalogue, loans, lockers, order_effects, orders, points, readiness
from lending.database import Database, Row, writing
from lending.errors import LendingError, LockerFull, UnknownThing
from lending.model import OrderState, parse_stamp, stamp
from lending.policy import Policy

S = OrderState
MOST_MISSING = 50
SLOW_CLOCK = timedelta(minutes=15)  # by how much a machine's clock may be behind and still be understood
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a report: 'done', 'waiting' or 'disputed'; `again` for one we had; the numbers still missing."""

    state: str
    again: bool
    missing: tuple[int, ...]


class Later(Exception):
    """Something that must have happened before has not been heard of yet."""


class Never(Exception):
    """It contradicts what is known; its one word, of REASONS, says how. A librarian looks."""


REASONS = ("unknown", "state", "code", "box", "late", "form")


def hear(
    db: Database, locker: str, seq: int, event: str, facts: Facts, at: datetime, policy: Policy, now: datetime,
    run: int = 0,
) -> Heard:  # fmt: skip
    """Keep a machine's report and do whatever fits by now.

    Raises UnknownThing for a locker, ValueError for an event there is not or a number that was another report.
    """
    if event not in EVENTS:
        raise ValueError(f"event must be one of {', '.join(EVENTS)}")
    with writing(db) as db:
        point = points.point_by_code(db, locker)
        new = db.run(
            "INSERT INTO locker_reports (point_id, run, seq, event, facts, happened_at, received_at) "
            "VALUES (:p, :run, :seq, :event, :facts, :at, :now) ON CONFLICT (point_id, run, seq) DO NOTHING",
            p=point.id, run=run, seq=seq, event=event, facts=json.dumps(facts, ensure_ascii=False),
            at=stamp(min(at, now)), now=stamp(now),
        )  # fmt: skip
        settle(db, policy, now)
        known = db.one(
            "SELECT state, event, facts FROM locker_reports WHERE point_id = :p AND run = :run AND seq = :seq",
            p=point.id, run=run, seq=seq,
        )  # fmt: skip
        assert known is not None, "kept now or before"
        if not new and (known["event"] != event or json.loads(known["facts"]) not in ({}, facts)):
            raise ValueError("this number was another report: a machine that counts anew must say a higher run")
        return Heard(known["state"], not new, missing(db, point.id, run))


def missing(db: Database, point_id: int, run: int = 0) -> tuple[int, ...]:
    """Numbers of the run not heard before the highest one that was: the machine sends them again."""
    gaps = db.all(
        "SELECT before, seq FROM (SELECT seq, LAG(seq, 1, 0) OVER (ORDER BY seq) AS before FROM locker_reports "
        "WHERE point_id = :p AND run = :run) AS reports WHERE seq > before + 1 ORDER BY seq LIMIT :n",
        p=point_id, run=run, n=MOST_MISSING,
    )  # fmt: skip
    found = [number for gap in gaps for number in range(gap["before"] + 1, gap["seq"])[:MOST_MISSING]]
    return tuple(found[:MOST_MISSING])


def settle(db: Database, policy: Policy, now: datetime) -> int:
    """Do every waiting report that fits, until none does; returns how many were done or given to a librarian."""
    settled = 0
    while fresh := sum(_try(db, row, policy, now) for row in _in_state(db, "waiting")):
        settled += fresh
    return settled


def tick(db: Database, policy: Policy, now: datetime) -> int:
    """What has waited too long goes to a librarian, and old reports forget whom they were about (B2-21).

    What a broken box was reserved for gets another.
    """
    _other_boxes(db)
    too_long, old = timedelta(hours=policy.lockers.wait_hours), timedelta(days=policy.lockers.keep_report_days)
    due = [row for row in _in_state(db, "waiting") if parse_stamp(row["received_at"]) + too_long <= now]
    stale = "SELECT 1 FROM locker_reports WHERE received_at < :old AND facts <> '{}' AND state IN ('done', 'settled')"
    if not due and not db.value(stale, old=stamp(now - old)):
        return 0
    with writing(db) as db:
        settle(db, policy, now)
        for row in due:
            _close(db, row["id"], "disputed", "late")
        db.run(
            "UPDATE locker_reports SET facts = '{}' WHERE received_at < :old AND state IN ('done', 'settled')",
            old=stamp(now - old),
        )
    return len(due)


def _other_boxes(db: Database) -> int:
    """Orders not put in yet whose box is broken get others, where the locker has room; returns how many.

    Not before every report of its machine is here: the books may have been put in before the box broke.
    """
    moved = 0
    for row in lockers.behind_broken_doors(db):
        run = db.value("SELECT MAX(run) FROM locker_reports WHERE point_id = :p", p=row["point_id"]) or 0
        if not missing(db, row["point_id"], run):
            with suppress(LockerFull), writing(db) as inner:
                lockers.leave(inner, row["order_id"])
                lockers.reserve(inner, row["point_id"], row["order_id"], row["books"])
                moved += 1
    return moved


def disputed(db: Database) -> list[Row]:
    """Reports a librarian must look at, the oldest first, with the locker's name."""
    return _in_state(db, "disputed")


def put_right(db: Database, report_id: int, note: str) -> bool:
    """A librarian has seen to it; False when it was not open."""
    return _close(db, report_id, "settled", note[:200], before="disputed")


def _in_state(db: Database, state: str) -> list[Row]:
    rows = db.all(
        "SELECT r.id, r.point_id, r.run, r.seq, r.event, r.facts, r.happened_at, r.received_at, r.note, p.name, "
        "p.name_en, p.code FROM locker_reports r JOIN points p ON p.id = r.point_id WHERE r.state = :s "
        "ORDER BY r.happened_at, r.id",
        s=state,
    )
    return [row | {"facts": json.loads(row["facts"])} for row in rows]


def _try(db: Database, row: Row, policy: Policy, now: datetime) -> bool:
    """One report, all of it or nothing; True when it is settled."""
    try:
        with writing(db) as inner:
            EVENTS[row["event"]](inner, row, policy, parse_stamp(row["happened_at"]), now)
    except Later:
        return False
    except Never as error:
        return _close(db, row["id"], "disputed", str(error))
    except LendingError as error:
        return _close(db, row["id"], "disputed", "unknown" if isinstance(error, UnknownThing) else "state")
    except (KeyError, TypeError, ValueError):
        return _close(db, row["id"], "disputed", "form")
    return _close(db, row["id"], "done", "")


def _close(db: Database, report_id: int, state: str, note: str, before: str = "waiting") -> bool:
    return bool(
        db.run(
            "UPDATE locker_reports SET state = :s, note = :note WHERE id = :id AND state = :before",
            s=state, note=note, id=report_id, before=before,
        )
    )  # fmt: skip


# ---- what each report means: at the door's time; what begins for others begins now ---------------------------------


def _loaded(db: Database, row: Row, policy: Policy, at: datetime, now: datetime) -> None:
    """A librarian closed the door on an order. The code is known from now on, and so are the days to use it."""
    order = _order(db, row)
    loaded = orders.reached(db, order.id, S.IN_LOCKER)
    to_pack = order.state in addition_terms.UNPACKED
    if loaded and not to_pack and order.state is not S.PACKED:
        return readiness.door_closed(db, order, at)
    unpacked = to_pack and orders.reached(db, order.id, S.PACKED)
    if (loaded or unpacked) and at < order.changed_at:
        raise Never("state")  # taken back since: where the books are now, only a librarian can see
    if to_pack:
        raise Later
    if order.state is not S.PACKED or order.point_id != row["point_id"]:
        raise Never("state")
    order = orders.advance(db, order.id, "load", "locker", policy, _moment(db, row, order, S.PACKED, at))
    order_effects.begin_days(db, order, policy, now)
    readiness.told_late(db, order, now)


def _opened(db: Database, row: Row, policy: Policy, at: datetime, now: datetime) -> None:
    """A reader opened with the code and took the books, perhaps while the machine was offline."""
    order = _order(db, row)
    if order.state is S.DONE:
        return
    if order.state not in (S.IN_LOCKER, S.AT_COUNTER, S.REFUSED, S.CANCELLED):
        raise Later
    still_there = lockers.label(db, order.id) != ""  # moved on by the clock, but nobody has emptied the box
    if order.state is S.IN_LOCKER and order.pickup_code != str(row["facts"].get("code", "")):
        raise Never("code")
    if order.state in (S.REFUSED, S.CANCELLED) or not still_there:
        raise Never("state")
    orders.advance(db, order.id, "collect", "locker", policy, _moment(db, row, order, S.IN_LOCKER, at))


def _returned(db: Database, row: Row, policy: Policy, at: datetime, now: datetime) -> None:
    """A book was put into a box; whatever it had been lent for later is not ended by an old word."""
    barcode = str(row["facts"]["barcode"])
    held = db.one(
        "SELECT c.id, l.started_at, l.order_id, o.state FROM copies c "
        "LEFT JOIN loans l ON l.copy_id = c.id AND l.returned_at IS NULL "
        "LEFT JOIN order_items i ON i.copy_id = c.id AND i.open = 1 LEFT JOIN orders o ON o.id = i.order_id "
        f"WHERE {catalogue.BY_BARCODE}",
        **catalogue.spellings(barcode),
    )  # fmt: skip
    if held and held["state"] in (S.SHIPPED, S.IN_LOCKER, S.AT_COUNTER):
        raise Later  # it was taken and brought back, and the taking is still to be told
    _door(db, row, returns=1)
    if held and held["state"]:
        return  # set aside for an order since: somebody has taken it out of the box already
    started = parse_stamp(held["started_at"]) if held and held["started_at"] else None
    if held and started and at < started and _of_an_earlier_loan(db, held, started, at):
        return
    loans.check_in(db, barcode, row["point_id"], policy, now, left=max(at, started) if started else None)


def _of_an_earlier_loan(db: Database, held: Row, started: datetime, at: datetime) -> bool:
    """Whether the copy was lent before at that moment. Raises Never when no loan can be meant.

    If it was not, the loan there is now is meant, when the book was on its way to this reader already (who said late
    that it had come) or the clock is only slow.
    """
    earlier = "SELECT 1 FROM loans WHERE copy_id = :c AND started_at <= :at AND returned_at >= :at"
    if db.value(earlier, c=held["id"], at=stamp(at)):
        return True
    left = db.value(
        "SELECT MIN(at) FROM order_events WHERE order_id = :o AND state IN ('shipped', 'in_locker', 'at_counter')",
        o=held["order_id"],
    )
    if at < (min(parse_stamp(left), started) if left else started) - SLOW_CLOCK:
        raise Never("state")
    return False


def _emptied(db: Database, row: Row, policy: Policy, at: datetime, now: datetime) -> None:
    """A librarian took the books out of a box."""
    _door(db, row, returns=0)


def _broken(db: Database, row: Row, policy: Policy, at: datetime, now: datetime) -> None:
    """故障: the box takes nothing new."""
    _fault(db, row, broken=1)


def _mended(db: Database, row: Row, policy: Policy, at: datetime, now: datetime) -> None:
    """The box works again."""
    _fault(db, row, broken=0)


def _alive(db: Database, row: Row, policy: Policy, at: datetime, now: datetime) -> None:
    """Nothing but a sign of life."""


EVENTS: dict[str, Callable[[Database, Row, Policy, datetime, datetime], None]] = {
    "loaded": _loaded, "opened": _opened, "returned": _returned, "emptied": _emptied,
    "broken": _broken, "mended": _mended, "alive": _alive,
}  # fmt: skip


def _order(db: Database, row: Row) -> orders.Order:
    return orders.by_number(db, str(row["facts"]["order"]))


def _moment(db: Database, row: Row, order: orders.Order, after: OrderState, at: datetime) -> datetime:
    """The machine's time, if it can be: a clock that says it was before what it follows says nothing, and what counts
    is when we heard of it."""
    earliest = orders.reached(db, order.id, after)
    return at if earliest is None or at >= earliest else max(parse_stamp(row["received_at"]), earliest)


def _door(db: Database, row: Row, returns: int) -> None:
    """Whether returned books lie in a box, unless a later report has said; a report may name no box (a chute).

    A box whose order is not yet known to be taken is to be emptied once it is.
    """
    label = row["facts"].get("box")
    if label is None:
        return
    if not _box_id(db, row):
        raise Never("box")
    filled = "WHEN 'free' THEN 'to_empty' WHEN 'out_of_order' THEN 'to_empty'"
    after = filled if returns else f"WHEN 'to_empty' THEN {lockers.IDLE}"
    db.run(
        "UPDATE boxes SET door_run = :run, door_seq = :seq, returns = :returns, "
        f"state = CASE state {after} ELSE state END, "
        "order_id = CASE WHEN state = 'to_empty' AND :returns = 0 THEN NULL ELSE order_id END "
        "WHERE point_id = :p AND label = :label AND (door_run, door_seq) < (:run, :seq)",
        p=row["point_id"], label=str(label), run=row["run"], seq=row["seq"], returns=returns,
    )  # fmt: skip


def _fault(db: Database, row: Row, broken: int) -> None:
    if not _box_id(db, row):
        raise Never("box")
    db.run(
        "UPDATE boxes SET fault_run = :run, fault_seq = :seq, broken = :broken, state = CASE state "
        "WHEN 'free' THEN :idle WHEN 'out_of_order' THEN :idle ELSE state END "
        "WHERE point_id = :p AND label = :label AND (fault_run, fault_seq) < (:run, :seq)",
        p=row["point_id"], label=str(row["facts"]["box"]), run=row["run"], seq=row["seq"], broken=broken,
        idle="out_of_order" if broken else "free",
    )  # fmt: skip


def _box_id(db: Database, row: Row) -> int | None:
    found: int | None = db.value(
        "SELECT id FROM boxes WHERE point_id = :p AND label = :label",
        p=row["point_id"], label=str(row["facts"].get("box", "")),
    )  # fmt: skip
    return found
