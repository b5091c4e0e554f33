"""没找到的书: what was looked for in vain, by count and period, without names (C3)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lending.database import Store
from lending.model import library_day
from search import usage
from tests.admin.conftest import Hand
from tests.small_desk import StoodStill


@pytest.fixture
def today(store: Store, now: object) -> date:
    """The library's day in these tests."""
    return library_day(StoodStill(store, now).now())  # type: ignore[arg-type]


@pytest.fixture
def missed(store: Store, today: date) -> None:
    """Three books asked for at different times; a title that was found; and one of last year."""
    with store.writing() as db:
        for query, days_ago, times in (("量子花园", 0, 3), ("量子花園", 2, 1), ("月亮手册", 6, 2), ("旧书摊", 20, 9)):
            for _time in range(times):
                usage.record(db, "miss", query, today - timedelta(days=days_ago))
        usage.record(db, "miss", "很久以前", today - timedelta(days=300))
        usage.record(db, "search", "围城", today)


def listed(page: str) -> list[tuple[str, int]]:
    """Each row of the page's table."""
    cells = [part.split("</td>")[0] for part in page.split("<td")[1:]]
    texts = [cell.split(">")[-1] for cell in cells]
    return [(key, int(n)) for key, n in zip(texts[::2], texts[1::2], strict=True)]


@pytest.mark.parametrize(
    ("days", "rows"),
    [
        ("7", [("量子花园", 4), ("月亮手册", 2)]),
        ("30", [("旧书摊", 9), ("量子花园", 4), ("月亮手册", 2)]),
        ("365", [("旧书摊", 9), ("量子花园", 4), ("月亮手册", 2), ("很久以前", 1)]),
    ],
)
def test_misses_stand_by_count_in_the_chosen_period(
    chief: Hand, missed: None, days: str, rows: list[tuple[str, int]]
) -> None:
    page = chief.read(f"/admin/misses?days={days}")
    assert listed(page) == rows
    assert f'days={days}" aria-current="page"' in page


@pytest.mark.parametrize("days", ["", "0", "8", "-7", "seven", "9" * 40, "7;DROP"])
def test_an_odd_period_shows_the_usual_one(chief: Hand, missed: None, days: str) -> None:
    assert listed(chief.read(f"/admin/misses?days={days}")) == listed(chief.read("/admin/misses"))
    assert len(listed(chief.read("/admin/misses"))) == 3


def test_nothing_missed_is_said(chief: Hand) -> None:
    """A5-3: no empty table."""
    page = chief.read("/admin/misses")
    assert "要找的书都找到了" in page and "<table" not in page


def test_the_front_room_leads_there(chief: Hand, missed: None) -> None:
    page = chief.read("/admin/live")
    row = page.split("/admin/misses?days=7")[1].split("</li>")[0]
    assert "近 7 天没找到的书" in row and "<b>2</b>" in row


def test_it_is_behind_the_door(stranger: Hand) -> None:
    assert stranger.send("/admin/misses").status_code in (400, 405)
    assert stranger.client.get("/admin/misses").status_code == 302


def test_what_was_typed_cannot_write_into_the_page(chief: Hand, store: Store, today: date) -> None:
    with store.writing() as db:
        usage.record(db, "miss", "<script>x</script>", today)
    assert "<script>x" not in chief.read("/admin/misses")
