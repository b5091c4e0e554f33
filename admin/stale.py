"""What has gone stale and only staff can freshen (A10-16): a row each, with the room where it is done. Reading only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from admin.desk import N_
from lending import calendar, holidays, picks, points, purchases
from lending.database import Database
from lending.model import library_day
from lending.policy import Policy


@dataclass(frozen=True, slots=True)
class Stale:
    """The room and its arguments, and the words with their values."""

    room: str
    words: str
    values: Mapping[str, object] = field(default_factory=dict)
    arguments: Mapping[str, object] = field(default_factory=dict)


def gone_stale(db: Database, policy: Policy, now: datetime) -> list[Stale]:
    """Editor's picks, the bookshop's list, next year's holidays, hours never entered, a bus without a stop."""
    return [*_picks(db, policy, now), *_shop(db, policy), *_holidays(policy, now), *_points(db, policy, now)]


def _picks(db: Database, policy: Policy, now: datetime) -> Iterator[Stale]:
    chosen = picks.picked(db)
    if not chosen:
        yield Stale("picks", N_("主编推荐还空着，读者那里先不显示"))
    elif (days := (library_day(now) - library_day(chosen[0].picked_at)).days) >= policy.upkeep.picks_days:
        yield Stale("picks", N_("主编推荐 {n} 天没有添新书了"), {"n": days})


def _shop(db: Database, policy: Policy) -> Iterator[Stale]:
    if "shop" in policy.services and not purchases.how_many_on_offer(db, policy):
        yield Stale("purchases", N_("书店新书单空着，读者点进去没有书"))


def _holidays(policy: Policy, now: datetime) -> Iterator[Stale]:
    soon = library_day(now + timedelta(days=policy.upkeep.holidays_days)).year
    for year in range(library_day(now).year, soon + 1):
        if not holidays.announced(year):
            yield Stale("calendar", N_("{year} 年的放假通知还没有收进来，日期先按法定节日算"), {"year": year})


def _points(db: Database, policy: Policy, now: datetime) -> Iterator[Stale]:
    days, branches = calendar.load(db, policy), points.points(db, "branch")
    for bus in branches:
        if bus.is_bus and not days.coming(bus, now):
            yield Stale("calendar", N_("{name}没有排定下一站"), {"name": bus.name}, {"point": bus.id})
    if unknown := sum(not point.is_bus and not point.opens for point in branches):
        yield Stale("calendar", N_("没有登记开放时间的馆：{n}"), {"n": unknown})
