"""月报 (A2-R): every block of 信阅's report on a page, as a file and in the terminal, for any days."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from admin.report_tables import Cell, Fen, Report, Table, as_csv, as_text
from bot import inbox
from bot.events import Event
from bot.texts import Words
from lending.database import Store
from lending.model import library_day
from lending.reports import Period
from lending.rules import Campaign
from search import usage
from tests import small_desk
from tests.admin.conftest import Hand
from tests.commandline import here


@pytest.fixture
def period(now: datetime) -> Period:
    """Two months up to today."""
    today = library_day(now)
    return Period(today - timedelta(days=60), today)


Found = dict[str, dict[str, tuple[Cell, ...]]]


def values(store: Store, period: Period) -> Found:
    """Each table's rows by its code."""
    report = Report(store.db, small_desk.POLICY, Words("zh_Hans"), period, inbox.visits)
    found: Found = {}
    for table in report.tables():
        found.setdefault(table.code, {}).update(table.rows)
    return found


@pytest.mark.usefixtures("app")
def test_every_block_of_the_seed_is_there(store: Store, period: Period) -> None:
    assert list(values(store, period)) == [*(f"R-{n}" for n in range(1, 13)), "A2-23", "A2-5", "E3"]


@pytest.mark.usefixtures("app")
def test_who_paid_for_delivery_adds_up(store: Store, period: Period) -> None:
    """A2-5: one order to the door, its three yuan paid by the reader but for what somebody covers."""
    with store.writing() as db:
        db.run(
            "UPDATE orders SET fee_fen = 120, covered_fen = 180, funder = '浙江图书馆' WHERE fulfilment = 'delivery'"
        )
    assert values(store, period)["A2-5"] == {
        "读者": (1, 120), "浙江图书馆": (1, 180), "合计": (1, 300), "寄出前取消或没通过，没人付": (0, 0),
    }  # fmt: skip


@pytest.mark.usefixtures("app")
def test_a_campaign_of_these_days_is_told_beside_the_days_before(store: Store, now: datetime, period: Period) -> None:
    """A4-10: two orders today and one of them to the door; the day before one, to a locker."""
    today = library_day(now)
    fees = replace(small_desk.POLICY.fees, campaigns=(Campaign("读书月", "borrow", today, today),))
    report = Report(store.db, replace(small_desk.POLICY, fees=fees), Words("zh_Hans"), period, inbox.visits)
    (table,) = [one for one in report.tables() if one.code == "A4-10"]
    assert table.name == "免邮活动：读书月" and "最多 92 天" in table.notes[0]
    assert [name for name, _cells in table.rows] == ["活动之前", "活动期间"]
    (_before, before), (_during, during) = table.rows
    assert (before[0], before[2], before[3]) == (1, "0.0", "—") and (during[0], during[2], during[3]) == (1, "1.0", "—")
    with store.writing() as db:
        db.run("UPDATE orders SET fulfilment = 'delivery' WHERE fulfilment = 'locker'")
    (table,) = [one for one in report.tables() if one.code == "A4-10"]
    assert [cells[2:] for _name, cells in table.rows] == [("1.0", "100%"), ("2.0", "200%")]


@pytest.mark.usefixtures("app")
def test_the_sums_since_the_beginning_stand_beside_the_days(store: Store, now: datetime) -> None:
    """A2-23."""
    today = library_day(now)
    rows = values(store, Period(today, today))["A2-23"]
    assert rows["借出册数"] == (0, 2) and rows["信用授权通过的读者"] == (0, 0) and rows["访问"][1] == 2


def test_an_orders_page_says_who_pays_beside_the_reader(colleague: Hand, store: Store) -> None:
    for funder, said in (("浙江图书馆", "浙江图书馆付 ¥1.80"), ("", "图书馆自己付 ¥1.80")):
        with store.writing() as db:
            db.run("UPDATE orders SET covered_fen = 180, funder = :f WHERE fulfilment = 'delivery'", f=funder)
        assert said in colleague.read("/admin/orders/SX261120-0004")


@pytest.mark.usefixtures("app")
def test_the_sums_agree(store: Store, period: Period) -> None:
    """R-2, R-8: two orders were collected, six placed, none called off."""
    found = values(store, period)
    assert found["R-2"]["完成订单"] == found["R-8"]["完成合计"] == (2,)
    assert found["R-2"]["借出册数"] == (2,) and found["R-3"]["第一次下单"] == (3,)
    r8 = {name: cells[0] for name, cells in found["R-8"].items()}
    assert r8["下单合计"] == 6 and (r8["其中期内完成"], r8["其中取消或没通过"], r8["其中期末还在路上"]) == (2, 0, 4)


@pytest.mark.usefixtures("app")
def test_what_was_searched_and_opened_is_ranked_with_ties(store: Store, now: datetime, period: Period) -> None:
    """R-10, R-11, F-11: the seed's own words; what was asked for twice is not shown."""
    today = library_day(now)
    with store.writing() as db:
        for word, times in (("东野圭吾", 5), ("绘本", 4), ("儿童", 4), ("python", 3), ("秘密", 2)):
            for _time in range(times):
                usage.record(db, "search", word, today)
        for _time in range(3):
            usage.record(db, "click", "1", today)
    found = values(store, period)
    assert found["R-10"] == {"东野圭吾": (1, 5), "儿童": (2, 4), "绘本": (2, 4), "python": (4, 3)}
    assert found["R-11"] == {"《围城》": (1, 3)}


@pytest.mark.usefixtures("app")
def test_a_visit_stays_counted_when_its_words_have_gone(store: Store, now: datetime) -> None:
    """R-1: the words are kept for thirty days (A11-5), the number for good; the library's day counts (B2-15)."""
    with store.writing() as db:
        db.run("DELETE FROM inbox")
        for n, at in enumerate(("2026-10-01T15:59:00Z", "2026-10-01T16:01:00Z")):
            inbox.accept(db, Event("web", "chat", f"e{n}", text="围城"), datetime.fromisoformat(at))
        inbox.poison(db, "telegram", "9", "{", "KeyError", now)
    one = (date(2026, 10, 1), date(2026, 10, 1))
    two = (date(2026, 10, 1), date(2026, 10, 2))
    assert (inbox.visits(store.db, *one), inbox.visits(store.db, *two)) == (1, 2)
    assert inbox.forget_old(store.db, datetime.fromisoformat("2026-10-01T16:00:30Z")) == 1
    assert (inbox.visits(store.db, *one), inbox.visits(store.db, *two)) == (1, 2)
    inbox.forget_old(store.db, now)
    inbox.forget_old(store.db, now)
    assert (inbox.visits(store.db, *one), inbox.visits(store.db, *two)) == (1, 2)


def test_on_a_phone_and_on_paper_it_says_whose_when_and_by_what(chief: Hand) -> None:
    """Neither shows the heads of the tables or the fields of the form; without them two tables had one name."""
    page = chief.read("/admin/reports?first=2026-11-01&last=2026-11-19")
    assert "城西图书馆 · 11月1日（周日） – 11月19日（周四）</b></h1>" in page and 'class="period unprinted"' in page
    heads = re.findall(r"<h2>(.*)</h2>", page)
    assert len(heads) == len(set(heads)) and "借书的读者（按语言）" in heads


def test_the_page_shows_the_period_that_was_asked_for(colleague: Hand, now: datetime) -> None:
    today = library_day(now)
    first = today - timedelta(days=60)
    page = colleague.read(f"/admin/reports?first={first}&last={today}")
    assert "借出图书的码洋" in page and f"/admin/reports.csv?first={first}&amp;last={today}" in page
    assert '下单合计</td><td class="n" data-name="订单">6</td>' in page


@pytest.mark.parametrize(
    "asked",
    [
        "first=2026-11-20&last=2026-11-01", "first=x&last=2026-11-01", "first=2026-11-01",
        "first=0001-01-01&last=2026-11-01", "first=2026-11-01&last=9999-12-31",
    ],
)  # fmt: skip
def test_days_that_cannot_be_are_said_so(colleague: Hand, asked: str) -> None:
    page = colleague.read(f"/admin/reports?{asked}")
    assert "日期没看懂，或者前后颠倒了" in page and "完成合计" in page


def test_days_before_the_clearing_are_said_to_be_rough(colleague: Hand) -> None:
    assert "首尾不是整月时" in colleague.read("/admin/reports?first=2025-01-10&last=2025-02-09")
    assert "首尾不是整月时" not in colleague.read("/admin/reports")


def test_the_file_opens_in_a_spreadsheet(colleague: Hand, now: datetime) -> None:
    answer = colleague.get(f"/admin/reports.csv?first=2026-01-01&last={library_day(now)}")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=report-2026-01-01-")
    raw = answer.get_data()
    assert raw.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert {row["table"] for row in rows} >= {"R-1", "R-2", "R-3", "R-5", "R-8"}
    assert [row["value"] for row in rows if row["row"] == "下单合计"] == ["6"]


@pytest.mark.parametrize("word", ["=1+1", "+1", "-1", "@x"])
def test_a_spreadsheet_runs_none_of_it(word: str) -> None:
    """Readers' own words are among the rows."""
    table = Table("R-10", "检索排行", "检索词", ("次数",), [(word, (3,)), ("围城", (Fen(350),))])
    assert as_csv([table]).splitlines()[1:] == [f"R-10,检索排行,'{word},次数,3", "R-10,检索排行,围城,次数,3.50"]


def test_a_stranger_sees_nothing(stranger: Hand) -> None:
    for path in ("/admin/reports", "/admin/reports.csv"):
        answer = stranger.client.get(path)
        assert answer.status_code == 302 and answer.headers["Location"].startswith("/admin/login")


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant", "en"])
def test_it_is_told_in_three_languages(store: Store, period: Period, language: str) -> None:
    say = Words(language)
    tables = Report(store.db, small_desk.POLICY, say, period, inbox.visits).tables()
    text = as_text(say, tables)
    assert text.count("R-12") == 2 and ("Orders completed" in text) == (language == "en")
    assert ("(by how they borrow)" in text) == (language == "en")
    assert as_csv(tables).count("\n") > 20


def test_the_command_tells_it_and_refuses_days_in_the_wrong_order(tmp_path: Path) -> None:
    told = here(tmp_path, "report", "--from", "2018-04-23", "--to", "2018-05-23")
    assert told.returncode == 0 and told.stdout.startswith("云栖市图书馆  2018-04-23 – 2018-05-23\n")
    assert "R-1 访问" in told.stdout and "R-12 借书的读者（按语言）" in told.stdout
    listed = here(tmp_path, "report", "--from", "2018-04-23", "--to", "2018-05-23", "--csv").stdout
    assert listed.splitlines()[0] == "table,name,row,column,value"
    wrong = here(tmp_path, "report", "--from", "2018-05-24", "--to", "2018-05-23")
    assert wrong.returncode == 1 and wrong.stderr == "Error: --from 2018-05-24 is after --to 2018-05-23\n"
    for days in (("--to", "9999-12-31"), ("--to", "0001-01-05"), ("--from", "0001-01-01")):
        wrong = here(tmp_path, "report", *days)
        assert wrong.returncode == 1 and wrong.stderr == "Error: these days lie beyond what a calendar can count\n"
    assert here(tmp_path, "report", "--from", "昨天").returncode == 2


def test_the_period_is_said_as_people_say_days(chief: Hand) -> None:
    page = chief.read("/admin/reports?first=2026-10-01&last=2026-11-20")
    assert "2026-10-01 – 2026-11-20" not in page and "11月20日" in page.split("</h1>")[0]
