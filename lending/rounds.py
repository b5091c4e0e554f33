"""The library's own delivery: rounds at a fixed place and time, as many parcels as the cart holds (A10-2, D 30)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lending import moved_promises, notices
from lending.calendar import staff_work
from lending.database import Database, Row, writing
from lending.errors import UnknownThing
from lending.model import LIBRARY_ZONE, library_day, parse_stamp, stamp, start_of_day
from lending.moved_promises import Closed
from lending.policy import Policy
from lending.rules import Round

WEEKS_AHEAD = 8


@dataclass(frozen=True, slots=True)
class Run:
    """One round on one day. An empty place is the reader's door."""

    name: str
    place: str
    starts_at: datetime
    ends_at: datetime


def _run(one: Round, day: date) -> Run:
    starts, ends = (datetime.combine(day, hour, LIBRARY_ZONE) for hour in (one.starts, one.ends))
    return Run(one.name, one.place, starts, ends)


def serving(policy: Policy, address: str) -> list[Round]:
    """The rounds that go to this address."""
    return [one for one in policy.parcels.rounds if any(district in address for district in one.districts)]


def _goes(one: Round, day: date, found: list[Closed], policy: Policy) -> bool:
    """Whether it goes on that day: one of its own, and no holiday or declared closing of the whole library (B2-9)."""
    works = day.isoweekday() in one.weekdays and staff_work(day, policy.calendar, one.weekdays)
    return works and not any(closed.covers(None, day) for closed in found)


def next_run(db: Database, policy: Policy, address: str, now: datetime) -> Run | None:
    """The next round that goes there and has room; None where the library does not go itself."""
    today, found, closed = library_day(now), serving(policy, address), moved_promises.closings(db, now)
    for ahead in range(7 * WEEKS_AHEAD):
        day = today + timedelta(days=ahead)
        runs = [(_run(one, day), one.capacity) for one in found if _goes(one, day, closed, policy)]
        for run, capacity in sorted(runs, key=lambda pair: pair[0].starts_at):
            if run.starts_at > now and loaded(db, run) < capacity:
                return run
    return None


def loaded(db: Database, run: Run) -> int:
    """How many parcels are on it."""
    return int(
        db.value(
            "SELECT COUNT(*) FROM parcels WHERE round = :r AND round_at = :at", r=run.name, at=stamp(run.starts_at)
        )
    )


def window(policy: Policy, name: str, starts_at: datetime) -> Run:
    """The run as the policy describes it now; its start alone where the round is no longer in the policy."""
    for one in policy.parcels.rounds:
        if one.name == name:
            ends = datetime.combine(library_day(starts_at), one.ends, LIBRARY_ZONE)
            return Run(name, one.place, starts_at, ends)
    return Run(name, "", starts_at, starts_at)


def runs_on(db: Database, policy: Policy, day: date) -> list[Run]:
    """Every run of that day, with parcels or without, the earliest first."""
    start = datetime.combine(day, datetime.min.time(), LIBRARY_ZONE)
    closed = moved_promises.closings(db, start)
    going = [one for one in policy.parcels.rounds if _goes(one, day, closed, policy)]
    planned = {(one.name, stamp(_run(one, day).starts_at)) for one in going}
    rows = db.all(
        "SELECT DISTINCT round, round_at FROM parcels WHERE round_at >= :start AND round_at < :end",
        start=stamp(start), end=stamp(start + timedelta(days=1)),
    )  # fmt: skip
    found = planned | {(row["round"], row["round_at"]) for row in rows}
    return [window(policy, name, parse_stamp(at)) for name, at in sorted(found, key=lambda pair: (pair[1], pair[0]))]


def route(db: Database, run: Run) -> list[Row]:
    """The run's stops in the order of their addresses, so that neighbours come one after the other."""
    return db.all(
        "SELECT p.id, p.tracking, p.state, p.changed_at, p.books, o.number, unseal(o.address) AS address, "
        "r.number AS reader FROM parcels p JOIN orders o ON o.id = p.order_id JOIN readers r ON r.id = o.reader_id "
        "WHERE p.round = :r AND p.round_at = :at ORDER BY unseal(o.address), p.id",
        r=run.name, at=stamp(run.starts_at),
    )  # fmt: skip


def put_off(db: Database, policy: Policy, parcel_id: int, now: datetime) -> Run | None:
    """Nobody was there: the next round with room takes it. Call in `writing`."""
    address = db.value(
        "SELECT unseal(o.address) FROM parcels p JOIN orders o ON o.id = p.order_id WHERE p.id = :p", p=parcel_id
    )
    run = next_run(db, policy, address or "", now)
    _put_on(db, parcel_id, run)
    return run


def _put_on(db: Database, parcel_id: int, run: Run | None) -> None:
    db.run(
        "UPDATE parcels SET round = :r, round_at = :at WHERE id = :p",
        r=run.name if run else "", at=stamp(run.starts_at) if run else None, p=parcel_id,
    )  # fmt: skip


# ---- packed anew -----------------------------------------------------------------------------------------------------


def of_order(db: Database, order_id: int) -> str:
    """The rounds that its parcels go with, '' where none does."""
    rows = db.all(
        "SELECT DISTINCT round, round_at FROM parcels WHERE order_id = :o AND round_at IS NOT NULL "
        "ORDER BY round_at, round",
        o=order_id,
    )
    return "; ".join(f"{row['round_at']} {row['round']}" for row in rows)


def unpacked(db: Database, order_id: int, reader_id: int) -> None:
    """Its parcels are none; the reader still counts on the rounds told last. Call in `writing`, before they go."""
    known = notices.unsay_all(db, reader_id, "round_changed", f"order:{order_id}")
    if not known:
        db.run("UPDATE orders SET rounds_told = :told WHERE id = :o", told=of_order(db, order_id), o=order_id)


def packed(db: Database, order_id: int, reader_id: int, policy: Policy, now: datetime) -> None:
    """Packed anew it may go with others than the reader was told: that is said once. Call in `writing`."""
    told, goes = db.value("SELECT rounds_told FROM orders WHERE id = :o", o=order_id), of_order(db, order_id)
    if told and goes != told:
        due = notices.outside_quiet_hours(now, policy)
        notices.record(
            db, reader_id, "round_changed", f"order:{order_id}", stamp(now), now, due, order=order_id, rounds=goes
        )


# ---- a round that does not go ----------------------------------------------------------------------------------------

WAITING = (  # for a round, to come or gone by: nobody has set out with it
    "SELECT p.id, p.state, p.round, p.round_at, o.reader_id, unseal(o.address) AS address FROM parcels p "
    "JOIN orders o ON o.id = p.order_id WHERE p.state IN ('created', 'collected', 'problem') "
    "AND p.round_at IS NOT NULL AND o.state IN ('packed', 'shipped') ORDER BY p.round_at, p.id"
)


def settle(db: Database, policy: Policy, now: datetime) -> int:
    """Parcels whose round does not go wait for the next one that goes; who waits is told.

    Where none goes there any more a librarian sends it another way, and they hear that.
    Where the day has gone by and nobody has said a word of a parcel, it may have been driven: its reader is asked.
    Any number of times, one effect; returns how many parcels moved.
    """
    found = moved_promises.closings(db, now)
    if not any(_stuck(db, row, found, policy, now) or _unasked(db, row, now) for row in db.all(WAITING)):
        return 0
    with writing(db) as db:
        rows = db.all(WAITING)
        stuck = [row for row in rows if _stuck(db, row, found, policy, now)]
        for row in stuck:
            run, day = put_off(db, policy, row["id"], now), library_day(parse_stamp(row["round_at"]))
            cause = [one.id for one in found if one.covers(None, day)]
            if run and cause and day >= library_day(now):
                _tell(db, row, run, max(cause), "moved", policy, now)
            elif run:
                _tell(db, row, run, 0, "missed", policy, now)
            else:
                _tell_none(db, row, policy, now)
        for row in rows:
            if row not in stuck and _unasked(db, row, now):
                due = notices.outside_quiet_hours(now, policy)
                about = (row["reader_id"], "round_unspoken", f"parcel:{row['id']}", row["round_at"])
                notices.record(db, *about, now, due, parcel=row["id"], round_at=row["round_at"])
        return len(stuck)


def _stuck(db: Database, row: Row, found: list[Closed], policy: Policy, now: datetime) -> bool:
    moment = parse_stamp(row["round_at"])
    mine = (one for one in policy.parcels.rounds if one.name == row["round"])
    over = library_day(moment) < library_day(now)
    stopped = not any(_goes(one, library_day(moment), found, policy) for one in mine)
    return (stopped and (over or moment > now)) or (over and _left_behind(db, row))


def _left_behind(db: Database, row: Row) -> bool:
    """Whether others were said to set out with that very round, and this one was not."""
    return bool(
        db.value(
            "SELECT 1 FROM parcels p JOIN parcel_events e ON e.parcel_id = p.id AND e.state = 'out_for_delivery' "
            "WHERE p.round = :r AND p.round_at = :at AND p.id <> :p AND e.at >= :day",
            r=row["round"], at=row["round_at"], p=row["id"],
            day=stamp(start_of_day(library_day(parse_stamp(row["round_at"])))),
        )
    )  # fmt: skip


# ---- a round of which nobody has said whether it went ---------------------------------------------------------------

UNSPOKEN = (  # of parcels p: the day of its round ended before then, and nobody has said what came of it
    "(p.state IN ('created', 'collected', 'problem') AND p.round_at < {0} "
    "AND p.order_id IN (SELECT id FROM orders WHERE state IN ('packed', 'shipped')))"
)


def _unasked(db: Database, row: Row, now: datetime) -> bool:
    asked = "SELECT 1 FROM notices WHERE event = 'round_unspoken' AND reader_id = :r AND object = :o AND step = :s"
    over = library_day(parse_stamp(row["round_at"])) < library_day(now)
    return over and not db.value(asked, r=row["reader_id"], o=f"parcel:{row['id']}", s=row["round_at"])


def unspoken(db: Database, policy: Policy, now: datetime) -> list[Run]:
    """Rounds of earlier days with parcels that nobody has said anything of, the earliest first."""
    rows = db.all(
        f"SELECT DISTINCT p.round, p.round_at FROM parcels p WHERE {UNSPOKEN.format(':today')} ORDER BY p.round_at",
        today=stamp(start_of_day(library_day(now))),
    )
    return [window(policy, row["round"], parse_stamp(row["round_at"])) for row in rows]


def did_not_go(db: Database, run: Run, policy: Policy, now: datetime) -> int:
    """A librarian says so when it is over: what nobody spoke of waits for the next one; who waits is told.

    Returns how many parcels moved.
    """
    with writing(db) as db:
        mine = [row for row in db.all(WAITING) if (row["round"], row["round_at"]) == (run.name, stamp(run.starts_at))]
        for row in mine if run.ends_at <= now else ():
            if later := put_off(db, policy, row["id"], now):
                _tell(db, row, later, 0, "missed", policy, now)
            else:
                _tell_none(db, row, policy, now)
        return len(mine) if run.ends_at <= now else 0


def did_not_come(db: Database, parcel_id: int, reader_id: int, policy: Policy, now: datetime) -> Run | None:
    """The reader's own word, which counts at once: the next round that goes there, None where there is none.

    Nothing changes where it waits for a later round already. Raises UnknownThing unless it waits for one, as theirs.
    """
    with writing(db) as db:
        row = next((row for row in db.all(WAITING) if (row["id"], row["reader_id"]) == (parcel_id, reader_id)), None)
        if row is None:
            raise UnknownThing("parcel", str(parcel_id))
        if parse_stamp(row["round_at"]) > now:
            return window(policy, row["round"], parse_stamp(row["round_at"]))
        return put_off(db, policy, parcel_id, now)


# ---- open after all --------------------------------------------------------------------------------------------------


def take_back(db: Database, closed: Closed, policy: Policy, now: datetime) -> int:
    """Open after all: parcels not handed over go on a round of those days again; returns how many."""
    with writing(db) as db:
        back = 0
        for row in db.all(WAITING):
            run = next_run(db, policy, row["address"], now) if row["state"] == "created" else None
            sooner = run is not None and stamp(run.starts_at) < row["round_at"]
            if run and sooner and closed.covers(None, library_day(run.starts_at)):
                _put_on(db, row["id"], run)
                _tell(db, row, run, closed.id, "back", policy, now)
                back += 1
        return back


def _tell(db: Database, row: Row, run: Run, special_id: int, step: str, policy: Policy, now: datetime) -> None:
    due = notices.outside_quiet_hours(now, policy)
    notices.record(
        db, row["reader_id"], "date_moved", f"round:{row['id']}@{library_day(run.starts_at)}", f"{step}-{special_id}",
        now, due, kind="round", id=row["id"], special=special_id, after=stamp(run.starts_at), step=step,
    )  # fmt: skip


def _tell_none(db: Database, row: Row, policy: Policy, now: datetime) -> None:
    due = notices.outside_quiet_hours(now, policy)
    about = (row["reader_id"], "round_none", f"parcel:{row['id']}", row["round_at"])
    notices.record(db, *about, now, due, parcel=row["id"])
