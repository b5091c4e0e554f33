"""The library's own delivery: rounds at a fixed place and time, as many parcels as the cart holds (A10-2, D 30)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lending.database import Database, Row
from lending.model import LIBRARY_ZONE, library_day, parse_stamp, stamp
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


def next_run(db: Database, policy: Policy, address: str, now: datetime) -> Run | None:
    """The next round that goes there and has room; None where the library does not go itself."""
    today, found = library_day(now), serving(policy, address)
    for ahead in range(7 * WEEKS_AHEAD):
        day = today + timedelta(days=ahead)
        runs = [(_run(one, day), one.capacity) for one in found if day.isoweekday() in one.weekdays]
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
    planned = {(one.name, stamp(_run(one, day).starts_at)) for one in policy.parcels.rounds
               if day.isoweekday() in one.weekdays}  # fmt: skip
    start = datetime.combine(day, datetime.min.time(), LIBRARY_ZONE)
    rows = db.all(
        "SELECT DISTINCT round, round_at FROM parcels WHERE round_at >= :start AND round_at < :end",
        start=stamp(start), end=stamp(start + timedelta(days=1)),
    )  # fmt: skip
    found = planned | {(row["round"], row["round_at"]) for row in rows}
    return [window(policy, name, parse_stamp(at)) for name, at in sorted(found, key=lambda pair: (pair[1], pair[0]))]


def route(db: Database, run: Run) -> list[Row]:
    """The run's stops in the order of their addresses, so that neighbours come one after the other."""
    return db.all(
        "SELECT p.id, p.tracking, p.state, p.books, o.number, unseal(o.address) AS address, r.number AS reader "
        "FROM parcels p JOIN orders o ON o.id = p.order_id JOIN readers r ON r.id = o.reader_id "
        "WHERE p.round = :r AND p.round_at = :at ORDER BY unseal(r.address), p.id",
        r=run.name, at=stamp(run.starts_at),
    )  # fmt: skip


def put_off(db: Database, policy: Policy, parcel_id: int, now: datetime) -> Run | None:
    """Nobody was there: the next round with room takes it. Call in `writing`."""
    address = db.value(
        "SELECT unseal(o.address) FROM parcels p JOIN orders o ON o.id = p.order_id WHERE p.id = :p", p=parcel_id
    )
    run = next_run(db, policy, address or "", now)
    db.run(
        "UPDATE parcels SET round = :r, round_at = :at WHERE id = :p",
        r=run.name if run else "", at=stamp(run.starts_at) if run else None, p=parcel_id,
    )  # fmt: skip
    return run
