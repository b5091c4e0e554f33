"""Readers found by a number, shown masked; cases settled, standings changed with a reason (B2-22, A10-10)."""

from __future__ import annotations

from datetime import datetime

import pytest

from admin import staff
from lending import credit, holds, loans, readers
from lending.database import Store
from lending.model import stamp
from tests.admin.conftest import Hand
from tests.small_desk import POLICY


@pytest.mark.parametrize("asked", ["r000001", "B001", "SX261006-0001"])
def test_one_hit_opens_at_once(chief: Hand, asked: str) -> None:
    assert chief.get(f"/admin/readers?q={asked}").request.path == "/admin/readers/R000001"


def test_a_phone_is_found_by_its_last_four_digits_not_by_fewer(chief: Hand) -> None:
    assert chief.get("/admin/readers?q=5678").request.path == "/admin/readers/R000002"
    assert "没有找到" in chief.read("/admin/readers?q=678")
    assert "没有找到" in chief.read("/admin/readers?q=%25%25%25%25")


def test_a_book_that_has_stopped_is_not_called_overdue(chief: Hand, store: Store, now: datetime) -> None:
    """Reported lost, said to be back, with the courier: no day counts, on no page."""
    assert "1 本超期" in chief.read("/admin/live").replace("<em>", "")
    for stopped, said in (("", "读者说丢了"), ("claimed", "读者说还了"), ("collected", "在快递手上")):
        with store.writing() as db:
            db.run(
                "UPDATE loans SET stopped_at = :now, stopped_as = :as_ WHERE due_at < :now AND returned_at IS NULL",
                now=stamp(now), as_=stopped,
            )  # fmt: skip
        page = chief.read("/admin/readers/R000001")
        assert said in page and "超期 5 天" not in page
        assert "本超期" not in chief.read("/admin/live")
        assert "R000001" not in chief.read("/admin/letters")


def test_without_a_question_those_with_overdue_books_are_listed(chief: Hand) -> None:
    """B2-28: whom to ring up."""
    page = chief.read("/admin/readers")
    assert "R000001" in page and "R000002" not in page


def test_a_readers_page_shows_what_helping_needs_and_no_more(chief: Hand) -> None:
    page = chief.read("/admin/readers/R000001")
    for shown in ("李*", "138****0000", "《围城》", "超期 5 天", "PF261120-1", "第 30 页被茶水弄湿了", "+100", "101"):
        assert shown in page
    assert "李明" not in page and "13800000000" not in page and "春风路" not in page


def test_a_correction_names_what_it_puts_right(chief: Hand, store: Store, now: datetime) -> None:
    """Not a number of ours that nobody else knows."""
    line = next(one for one in credit.lines(store.db, 1) if one.object.startswith("loan:"))
    before = chief.read("/admin/readers/R000001").count('data-name="对象">《围城》<')
    credit.reverse(store.db, line.id, "staff:a", "staff:b", "看过了", POLICY, now)
    page = chief.read("/admin/readers/R000001")
    assert "改正" in page and "line:" not in page and page.count('data-name="对象">《围城》<') == before + 1


def test_books_taken_in_the_library_are_counted_where_they_count(chief: Hand, store: Store, now: datetime) -> None:
    """A2-3, D-2: apart for whoever has full rights, part of the same trust on the ladder."""
    with store.writing() as db:
        loans.lend(db, 10, 10, 1, POLICY, now)
    assert 'data-name="在借">2<' in chief.read("/admin/readers")
    page = chief.read("/admin/readers/R000001")
    assert "1 本，最多 20 本" in page and "另有 1 本在馆里自己借的，不算在内" in page
    readers.set_standing(store.db, 1, "ladder")
    page = chief.read("/admin/readers/R000001")
    assert "2 本，最多 2 本" in page and "另有" not in page


def test_what_a_reader_waits_for_is_on_their_page(chief: Hand, store: Store, now: datetime) -> None:
    """Whoever asks the librarian when a book comes is told the place in the queue, a rest, and a book that is kept."""
    assert "<h2>预约" not in chief.read("/admin/readers/R000001")
    page = chief.read("/admin/readers/R000003")
    assert "<h2>预约 <b>1</b></h2>" in page and "《三体》" in page and "排第 1 位" in page
    one = holds.of_reader(store.db, 3)[0]
    holds.rest(store.db, 3, one.id, 14, POLICY, now)
    assert "先让后面的读者，到 12月4日" in chief.read("/admin/readers/R000003")
    with store.writing() as db:
        db.run("UPDATE holds SET state = 'ready', rests_until = NULL, ready_until = '2026-11-23T13:00:00Z'")
    assert "保留到 11月23日" in chief.read("/admin/readers/R000003")


def test_a_frozen_reader_is_shown_with_the_day_it_ends(chief: Hand, store: Store) -> None:
    with store.writing() as db:
        db.run(
            "INSERT INTO freezes (reader_id, starts_at, ends_at, balance) "
            "VALUES (1, '2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z', -1)"
        )
    assert "借阅暂停到 12月1日" in chief.read("/admin/readers/R000001")


def test_a_librarian_renews_also_while_borrowing_is_paused(chief: Hand, store: Store, now: datetime) -> None:
    """A6-10; sent twice it is renewed once, and the log names no book."""
    with store.writing() as db:
        db.run(
            "INSERT INTO freezes (reader_id, starts_at, ends_at, balance) "
            "VALUES (1, '2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z', -1)"
        )
        lent = loans.lend(db, 10, 10, 1, POLICY, now)
    assert "先还回来" in chief.read("/admin/readers/R000001"), "the other one is late"
    path = f"/admin/readers/R000001/loans/{lent}/renew"
    assert "会告诉读者" in chief.post(path, renewals="0").get_data(as_text=True)
    due = loans.loan(store.db, lent).due_at
    assert "没有续" in chief.post(path, renewals="0").get_data(as_text=True)
    assert (loans.loan(store.db, lent).renewals, loans.loan(store.db, lent).due_at) == (1, due)
    assert "不能再续" in chief.read("/admin/readers/R000001")
    renewed = [one for one in staff.logged(store.db) if one["action"] == "renew"]
    assert [one["facts"] for one in renewed] == [{}]
    assert store.db.value("SELECT COUNT(*) FROM notices WHERE event = 'renewed' AND reader_id = 1") == 1


def test_only_a_loan_of_this_reader_is_renewed(chief: Hand, store: Store, now: datetime) -> None:
    with store.writing() as db:
        lent = loans.lend(db, 10, 10, 1, POLICY, now)
    chief.read("/admin/readers/R000001")
    forged = (("R000002", lent), ("R000001", 999), ("R999999", lent), ("R000001", "9" * 19), ("R000001", "x"))
    for reader, loan in forged:
        assert chief.post(f"/admin/readers/{reader}/loans/{loan}/renew", renewals="0").status_code == 404
    assert loans.loan(store.db, lent).renewals == 0


def test_a_standing_is_changed_with_a_reason_only(chief: Hand, store: Store) -> None:
    chief.post("/admin/readers/R000001/standing", standing="ladder", reason="")
    chief.post("/admin/readers/R000001/standing", standing="king", reason="x")
    assert readers.reader(store.db, 1).standing == "trusted"
    chief.post("/admin/readers/R000001/standing", standing="ladder", reason="本人要求", before="trusted")
    assert readers.reader(store.db, 1).standing == "ladder"
    assert staff.logged(store.db, limit=1)[0]["facts"] == {"before": "trusted", "after": "ladder", "reason": "本人要求"}


def test_a_reader_whom_the_bureau_has_just_trusted_is_not_put_back_on_the_ladder(chief: Hand, store: Store) -> None:
    """A6-1: the page was opened while nobody had answered yet."""
    readers.set_standing(store.db, 1, "new")
    page = chief.read("/admin/readers/R000001")
    readers.set_standing(store.db, 1, "trusted")
    assert 'name="before" value="new"' in page
    form = {"standing": "ladder", "reason": "从信任阶梯开始", "before": "new"}
    assert "请再看一眼" in chief.post("/admin/readers/R000001/standing", **form).get_data(as_text=True)
    assert readers.reader(store.db, 1).standing == "trusted"


def test_an_unknown_reader_is_a_plain_page(chief: Hand) -> None:
    assert chief.get("/admin/readers/R999999").status_code == 404


def test_more_readers_than_are_listed_are_said_with_a_way_on(chief: Hand, store: Store, now: datetime) -> None:
    """It stopped at twenty without a word."""
    with store.writing() as db:
        for n in range(21):
            who = readers.join(db, "zh_Hans", now)
            readers.set_phone(db, who.id, f"139{n:04d}7777")
    page = chief.read("/admin/readers?q=7777")
    assert "还有更多，这里只列前 20 个。请写全手机号，或者用读者号、订单号、书的条码。" in page
    assert page.count("/admin/readers/R") >= 20 and page.count("<tr><td>") == 20
    assert "只列前" not in chief.read("/admin/readers?q=00077777") and "只列前" not in chief.read("/admin/readers")


def test_the_ledger_names_what_a_late_promise_was_about(chief: Hand, store: Store, now: datetime) -> None:
    with store.writing() as db:
        credit.post(db, 2, "promise_broken", "order:SX261119-0003:ready", POLICY, now)
        credit.post(db, 2, "promise_broken", "escalation:RG261119-1:answer", POLICY, now)
    page = chief.read("/admin/readers/R000002")
    assert "订单 SX261119-0003" in page and "咨询 RG261119-1" in page
    assert "order:SX" not in page and ":answer" not in page
