"""替读者办: a librarian does for a reader what the chat does, by the same rules; page, log and reader are told."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from admin import staff
from lending import (
    audience,
    case_records,
    claims,
    holds,
    loans,
    minors,
    orders,
    readers,
    records,
)
from lending.database import Store
from lending.model import OrderState
from tests.admin.conftest import Hand
from tests.small_desk import POLICY

LI, WANG, SMITH = "/admin/readers/R000001", "/admin/readers/R000002", "/admin/readers/R000003"


def said(hand: Hand, path: str, **form: str) -> str:
    """What the page says at its top after a form was sent."""
    return hand.post(path, **form).get_data(as_text=True).partition("<h1>")[0]


def done(store: Store) -> list[str]:
    """What the log says was done for readers, the newest first."""
    lines = [one for one in staff.logged(store.db) if one["action"] == "on_behalf"]
    assert all(set(one["facts"]) == {"what"} and one["object"].startswith("reader:") for one in lines), "no book in it"
    return [one["facts"]["what"] for one in lines]


def heard(store: Store, reader_id: int) -> list[str]:
    """Notices that wait for this reader, by what was done."""
    notices = "SELECT event, facts ->> 'what' AS what FROM notices WHERE reader_id = :r ORDER BY id"
    rows = store.db.all(notices, r=reader_id)
    return [row["what"] or row["event"] for row in rows if row["event"] in ("on_behalf", "lent")]


# ---- lending over the counter ----------------------------------------------------------------------------------------


def test_a_copy_is_lent_once_however_often_it_is_scanned(chief: Hand, store: Store, now: datetime) -> None:
    """A2-3; the due date is told on the page, and to the reader."""
    chief.read(WANG)
    told = said(chief, f"{WANG}/lend", barcode="B010", point="1")
    (mine,) = (one for one in loans.of_reader(store.db, 2) if one.barcode == "B010")
    assert "《平凡的世界》借给 R000002 了" in told and "到期。会告诉读者" in told
    assert "没有再借一次" in said(chief, f"{WANG}/lend", barcode="B010", point="1")
    assert [one.id for one in loans.of_reader(store.db, 2) if one.barcode == "B010"] == [mine.id]
    assert done(store) == ["lend"] and heard(store, 2) == ["lent"]
    assert 'value="1" selected' in chief.read(WANG), "the branch is remembered"


@pytest.mark.parametrize(("barcode", "why"), [
    ("B001", "还在别的读者名下"), ("B006", "在预约或订单里留着"), ("B999", "没有条码「B999」"), ("", "先选网点"),
])  # fmt: skip
def test_what_cannot_be_lent_is_refused_with_what_to_do_instead(
    chief: Hand, store: Store, barcode: str, why: str
) -> None:
    before = len(loans.of_reader(store.db, 2))
    chief.read(WANG)
    assert why in said(chief, f"{WANG}/lend", barcode=barcode, point="1")
    assert len(loans.of_reader(store.db, 2)) == before and not done(store)


@pytest.mark.parametrize("point", ["", "3", "99", "x", "9" * 30])
def test_nothing_is_lent_without_a_branch_to_lend_it_at(chief: Hand, store: Store, point: str) -> None:
    """A locker is none."""
    chief.read(WANG)
    assert "先选网点" in said(chief, f"{WANG}/lend", barcode="B010", point=point)
    assert not done(store)


def test_every_reason_is_told_to_the_librarian_and_consent_is_the_readers_own(chief: Hand, store: Store) -> None:
    """D-4, A8: nobody is opened by being lent a book; whoever has no chat begins on the ladder, when asked."""
    readers.set_standing(store.db, 1, "new")
    with store.writing() as db:
        db.run("INSERT INTO freezes (reader_id, starts_at, ends_at, balance) "
               "VALUES (1, '2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z', -1)")  # fmt: skip
    chief.read(LI)
    told = said(chief, f"{LI}/lend", barcode="B010", point="1")
    assert "1. 还没开通借阅" in told and "「信任阶梯」" in told and "2. 信用分是" in told
    assert "您" not in told.partition("told stop")[2], "it is the librarian who reads it"
    assert readers.reader(store.db, 1).standing == "new" and not done(store)


def test_a_book_for_adults_is_not_lent_to_a_child_at_the_counter(chief: Hand, store: Store, now: datetime) -> None:
    minors.note(store.db, 2, date(2030, 1, 1), "staff:小信", now)
    records.mend(store.db, 10, {"audience": audience.ADULTS})
    records.mend(store.db, 3, {"audience": audience.ADULTS})
    chief.read(WANG)
    told = said(chief, f"{WANG}/lend", barcode="B010", point="1")
    assert "《平凡的世界》只借给成年读者；标得不对，在「书目」里改" in told
    assert "《三体》只借给成年读者" in said(chief, f"{WANG}/holds", title="3")
    assert not done(store)


def test_an_order_that_waits_at_the_counter_is_handed_over_whole(chief: Hand, store: Store, now: datetime) -> None:
    with store.writing() as db:
        waiting = next(one for one in orders.of_reader(db, 2) if one.fulfilment == "counter")
        for step in ("pick", "pack", "shelve"):
            waiting = orders.advance(db, waiting.id, step, "library", POLICY, now)
    chief.read(WANG)
    assert "借给 R000002 了" in said(chief, f"{WANG}/lend", barcode="B007", point="1")
    assert orders.by_number(store.db, waiting.number).state is OrderState.DONE
    actor = "SELECT actor FROM order_events WHERE order_id = :o ORDER BY id DESC LIMIT 1"
    assert store.db.value(actor, o=waiting.id) == "staff:小信"


# ---- holds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["B003", "9787000000002", "三体"])
def test_a_title_is_found_by_barcode_isbn_or_words_and_waited_for(
    chief: Hand, store: Store, now: datetime, wanted: str
) -> None:
    records.mend(store.db, 3, {"authors": "刘慈欣; 别人", "publisher": "重庆出版社", "year": 2008})
    chief.read(LI)
    page = chief.post(f"{LI}/title", wanted=wanted).get_data(as_text=True)
    assert "《三体》" in page and "都借出去了，1 位在等" in page
    assert ">刘慈欣、别人<" in page and ">重庆出版社 2008<" in page
    assert "排第 2 位。会告诉读者" in said(chief, f"{LI}/holds", title="3")
    assert "TA 已经在排《三体》了" in said(chief, f"{LI}/holds", title="3"), "pressed twice it is one place"
    (mine,) = holds.of_reader(store.db, 1)
    assert (mine.title, mine.position) == ("三体", 2)
    assert done(store) == ["hold"] and heard(store, 1) == ["hold"]


def test_what_stands_on_the_shelf_is_not_waited_for(chief: Hand, store: Store) -> None:
    chief.read(LI)
    page = chief.post(f"{LI}/title", wanted="平凡").get_data(as_text=True)
    assert "架上有 1 册" in page and f'{LI}/holds"' not in page
    assert "扫条码借给 TA" in said(chief, f"{LI}/holds", title="10")
    with store.writing() as db:
        db.run("UPDATE copies SET state = 'lost' WHERE title_id = 10")
    assert "馆里一册也没有了" in chief.post(f"{LI}/title", wanted="平凡").get_data(as_text=True)
    assert "排不上" in said(chief, f"{LI}/holds", title="10")
    assert "没有找到「红楼」" in chief.post(f"{LI}/title", wanted="红楼").get_data(as_text=True)
    assert "没有改" in said(chief, f"{LI}/holds", title="99") and not done(store)


def test_a_tier_that_is_full_is_told(chief: Hand, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A8-14."""
    monkeypatch.setattr("lending.decisions.holds_limit", lambda *_: 0)
    chief.read(LI)
    assert "最多同时预约 0 本" in said(chief, f"{LI}/holds", title="3") and not done(store)


def seen(store: Store, reader_id: int) -> tuple[str, str]:
    """The address of this reader's one hold, and how its page shows it."""
    (one,) = holds.of_reader(store.db, reader_id)
    return f"/admin/readers/R{reader_id:06d}/holds/{one.id}", f"{one.state} {one.point_id} {one.rests_until}"


def test_a_hold_is_changed_let_rest_woken_and_cancelled(chief: Hand, store: Store, now: datetime) -> None:
    """B2-10; each of them once, though the button is pressed twice."""
    page = chief.read(SMITH)
    assert "城东馆" in page and "西溪北苑书柜" in page
    for form, told in (
        ({"what": "point", "point": "2"}, "改在城东馆取"), ({"what": "rest", "days": "14"}, "暂停到 12月4日"),
        ({"what": "wake"}, "恢复了"),
    ):  # fmt: skip
        path, was = seen(store, 3)
        assert f'value="{was}"' in chief.read(SMITH), "what its forms send"
        assert told in said(chief, path, seen=was, **form)
        assert "没有改：" in said(chief, path, seen=was, **form)
    path, was = seen(store, 3)
    assert holds.of_reader(store.db, 3)[0].point_id == 2
    assert "取消了" in said(chief, path, seen=was, what="cancel")
    assert "没有改：" in said(chief, path, seen=was, what="cancel")
    assert holds.of_reader(store.db, 3) == []
    assert done(store) == ["cancel", "wake", "rest", "point"]
    log = chief.read("/admin/colleagues")
    assert log.count("替读者办") == 4 and "情况：预约换取书点" in log.replace(" ", "")
    assert heard(store, 3) == ["point", "rest", "wake", "cancel"]


def test_forms_that_are_not_ours_change_no_hold(chief: Hand, store: Store) -> None:
    path, was = seen(store, 3)
    chief.read(SMITH)
    for form in ({"what": "fly"}, {"what": ""}, {"what": "point", "point": "99"}, {"what": "point"}):
        assert "没有改：" in said(chief, path, seen=was, **form)
    assert "没有改：" in said(chief, path.replace("R000003", "R000001"), seen=was, what="cancel")
    assert chief.post(path.replace("R000003", "R999999"), seen=was, what="cancel").status_code == 404
    assert chief.post(f"{SMITH}/holds/x", seen=was, what="cancel").status_code == 404
    assert seen(store, 3) == (path, was) and not done(store)


# ---- what happened to a book -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("what", "kind"), [("lost", "丢失"), ("damaged", "污损"), ("arrived", "收到时就破损")])
def test_a_case_is_opened_in_the_readers_name_once(
    chief: Hand, store: Store, now: datetime, what: str, kind: str
) -> None:
    """A2-12."""
    (mine,) = loans.of_reader(store.db, 2)
    chief.read(WANG)
    form = {"loan": str(mine.id), "what": what, "said": "孙子撕的"}
    assert f"（{kind}），答应" in said(chief, f"{WANG}/happened", **form)
    assert "没有再开一个" in said(chief, f"{WANG}/happened", **form)
    (case,) = case_records.open_ones(store.db, 2)
    assert (case.kind, case.note, case.title) == (what, "孙子撕的", "三体")
    assert loans.loan(store.db, mine.id).lost is (what == "lost")
    assert done(store) == [what] and heard(store, 2) == [what]


def test_what_a_reader_says_was_returned_is_looked_for(chief: Hand, store: Store, now: datetime) -> None:
    (mine,) = loans.of_reader(store.db, 2)
    chief.read(WANG)
    form = {"loan": str(mine.id), "what": "claim", "said": "上周放在城东馆"}
    assert "从现在起不算超期" in said(chief, f"{WANG}/happened", **form)
    assert "没有再记一次" in said(chief, f"{WANG}/happened", **form)
    (check,) = claims.open_checks(store.db)
    assert (check.loan_id, check.said) == (mine.id, "上周放在城东馆")
    assert "上周放在城东馆" in chief.read("/admin/ways-back")
    assert done(store) == ["claim"] and heard(store, 2) == ["claim"]


def test_what_is_not_in_the_readers_hands_is_not_reported(chief: Hand, store: Store, now: datetime) -> None:
    (mine,) = loans.of_reader(store.db, 2)
    chief.read(WANG)
    for form in ({"loan": "1", "what": "lost"}, {"loan": "x", "what": "lost"}, {"loan": str(mine.id), "what": "eaten"}):
        assert "没有改：" in said(chief, f"{WANG}/happened", **form)
    with store.writing() as db:
        loans.stop(db, mine, "collected", now)
    assert "没有改：" in said(chief, f"{WANG}/happened", loan=str(mine.id), what="claim")
    assert not done(store) and not case_records.open_ones(store.db, 2)


def test_whom_nothing_reaches_is_promised_no_message(chief: Hand, store: Store) -> None:
    """B2-28: the librarian says it, then and there."""
    chief.read(SMITH)
    told = said(chief, f"{SMITH}/lend", barcode="B010", point="1")
    assert "借给 R000003 了" in told and "请说给 TA 听，或打个电话" in told and "会告诉读者" not in told
    order = store.db.value("SELECT number FROM orders WHERE state = 'packed' AND reader_id = 3")
    told = said(chief, f"/admin/orders/{order}/end", step="cancel", reason="书找不到了", state="packed")
    assert "现在是「已取消」" in told and "请说给 TA 听，或打个电话" in told
