"""该更新了: what has gone stale stands on the first page, each with its room, until it is fresh (A10-16)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from admin import stale
from lending import picks
from lending.database import Store
from lending.points import PointEntry, set_hours, store_points
from lending.policy import load_policy
from lending.stops import WEEK, Stop
from tests.admin.conftest import Hand
from tests.small_desk import POLICY

SUMMER = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)


def said(store: Store, now: datetime, pack: str = "") -> list[str]:
    policy = load_policy(pack) if pack else POLICY
    return [one.words.format(**one.values) for one in stale.gone_stale(store.db, policy, now)]


@pytest.fixture
def fresh(store: Store, chief: Hand) -> Store:
    """A library in which nothing is stale in summer."""
    picks.pick(store.db, 1, "", SUMMER)
    with store.writing() as db:
        for point in (1, 2):
            set_hours(db, point, dict.fromkeys(WEEK, "09:00-21:00"))
    return store


def test_a_library_that_is_looked_after_has_no_such_list(fresh: Store) -> None:
    assert said(fresh, SUMMER) == []


def test_picks_that_nobody_has_added_to_and_picks_that_are_none(fresh: Store) -> None:
    days = POLICY.upkeep.picks_days
    assert said(fresh, SUMMER + timedelta(days=days - 1)) == []
    assert said(fresh, SUMMER + timedelta(days=days)) == [f"主编推荐 {days} 天没有添新书了"]
    picks.unpick(fresh.db, 1)
    assert said(fresh, SUMMER) == ["主编推荐还空着，读者那里先不显示"]


def test_next_years_holidays_are_asked_for_before_the_year_ends(fresh: Store) -> None:
    """2027 has not been announced."""
    last = datetime(2027, 1, 1, tzinfo=UTC) - timedelta(days=POLICY.upkeep.holidays_days)
    for moment, years in ((last - timedelta(days=1), []), (last, [2027]), (last + timedelta(days=90), [2027])):
        found = [line for line in said(fresh, moment) if "放假通知" in line]
        assert found == [f"{year} 年的放假通知还没有收进来，日期先按法定节日算" for year in years]


def test_a_bus_without_a_stop_and_branches_without_hours(fresh: Store) -> None:
    with fresh.writing() as db:
        store_points(db, [
            PointEntry("bus", "branch", "大篷车", branch_type="bus", stops=[Stop("2026-07-03", "09:00-10:00", "庙会")]),
            PointEntry("new", "branch", "新馆"), PointEntry("box", "locker", "新书柜"),
        ])  # fmt: skip
    assert said(fresh, SUMMER) == ["没有登记开放时间的馆：1"]
    assert said(fresh, SUMMER + timedelta(days=3)) == ["大篷车没有排定下一站", "没有登记开放时间的馆：1"]


def test_an_empty_bookshop_is_a_matter_for_a_library_that_leads_readers_there(fresh: Store) -> None:
    assert said(fresh, SUMMER, "zibo") == ["书店新书单空着，读者点进去没有书"]


def test_the_first_page_leads_to_each_room(chief: Hand) -> None:
    page = chief.read("/admin")
    part = page.split("该更新了")[1]
    rooms = re.findall(r'href="([^"]+)"', part.split("</ul>")[0])
    assert rooms and all(chief.get(room).status_code == 200 for room in rooms)
