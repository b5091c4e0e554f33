"""个案 on the staff page: the clock, the pictures, one step at a time, what a step needs, books to mend (A2-12)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from admin import cases as room
from admin import staff
from lending import case_records, cases, credit, drifting, evidence, fee_refunds, loans, orders
from lending.case_effects import Given
from lending.database import Store
from tests import small_desk
from tests.admin.conftest import Hand

CASE = "PF261120-1"  # 李明's 围城, damaged
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def state(store: Store) -> str:
    return case_records.by_number(store.db, CASE).state


def press(hand: Hand, store: Store, step: str, **form: str) -> str:
    """A button on the case's page, as the page shows it now."""
    hand.read(f"/admin/cases/{CASE}")
    return hand.post(f"/admin/cases/{CASE}/step", step=step, state=state(store), **form).get_data(as_text=True)


def test_the_list_shows_who_what_and_until_when_and_marks_the_late(chief: Hand, store: Store, now: datetime) -> None:
    page = chief.read("/admin/cases")
    for shown in (CASE, "《围城》", "R000001 李*", "第 30 页被茶水弄湿了", "等馆员看"):
        assert shown in page
    assert "已逾承诺" not in page
    with store.writing() as db:
        db.run("UPDATE compensations SET promised_at = :t", t="2026-11-20T01:00:00Z")
    assert "已逾承诺" in chief.read("/admin/cases") and "1 件已逾承诺" in chief.read("/admin")


def test_a_charge_needs_a_price_tells_the_reader_and_is_logged(chief: Hand, store: Store) -> None:
    assert "没有书价" in press(chief, store, "charge", note="不能再读了", price="")
    assert state(store) == "reported"
    before = credit.balance(store.db, 1)
    page = press(chief, store, "charge", note="第 30 页粘住了", price="39.50")
    assert f"个案 {CASE} 现在是「等读者选」" in page and "¥39.50" in page and "第 30 页粘住了" in page
    assert credit.balance(store.db, 1) == before + small_desk.POLICY.ledger.rule("damaged").delta
    assert store.db.value("SELECT 1 FROM notices WHERE event = 'case_moved' AND step = 'charge'")
    assert staff.logged(store.db, action="step_case")[0]["facts"] == {"step": "charge", "note": "第 30 页粘住了"}


@pytest.mark.parametrize("price", ["abc", "0", "0.001", "-5", "1e9", "nan", "39,50"])
def test_a_price_that_cannot_be_read_is_asked_for_again_and_never_replaced(
    chief: Hand, store: Store, price: str
) -> None:
    """A6-8: the reader is never billed the catalogue's price for one that was mistyped."""
    with store.writing() as db:
        db.run("UPDATE titles SET price_fen = 4900")
    page = press(chief, store, "charge", note="第 30 页粘住了", price=price)
    assert f"书价「{price}」看不懂" in page and state(store) == "reported"
    assert f'value="{price}"' in page and 'value="第 30 页粘住了"' in page
    assert "¥49" in press(chief, store, "charge", price="")


def test_a_price_that_is_not_needed_is_not_looked_at(chief: Hand, store: Store) -> None:
    press(chief, store, "waive", price="abc")
    assert state(store) == "settled"


def test_the_same_book_is_taken_under_a_barcode_of_its_own(chief: Hand, store: Store) -> None:
    press(chief, store, "charge", price="39")
    assert "没用过的条码" in press(chief, store, "take_book", barcode="B001")
    assert "「办结」" in press(chief, store, "take_book", barcode="b901")
    assert store.db.value("SELECT state FROM copies WHERE barcode = 'B901'") == "available"
    assert CASE in chief.read("/admin/cases") and "最近办结的" in chief.read("/admin/cases")


@pytest.mark.parametrize(("step", "shown"), [("worn", "不影响阅读"), ("ours", ""), ("replace", ""), ("find", "")])
def test_only_the_steps_of_a_librarian_and_of_this_kind_are_taken(
    chief: Hand, store: Store, step: str, shown: str
) -> None:
    page = press(chief, store, step, note=shown)
    assert (state(store) == "settled") is (step == "worn")
    assert shown in page and ("没有再动它" in page) is (step != "worn")


def test_a_stale_page_is_told_where_the_case_stands(chief: Hand, store: Store) -> None:
    press(chief, store, "waive")
    page = chief.post(f"/admin/cases/{CASE}/step", step="charge", state="reported", price="9").get_data(as_text=True)
    assert "已经是「办结」了" in page and credit.lines(store.db, 1)[0].event != "damaged"


def test_a_picture_is_shown_as_a_picture_and_looking_is_logged(chief: Hand, store: Store, now: datetime) -> None:
    """B2-22."""
    case = case_records.by_number(store.db, CASE)
    case_records.add_photo(store.db, case, PNG, small_desk.POLICY, now)
    (kept,) = evidence.of(store.db, "case", case.id)
    assert "看第 1 张" in chief.read(f"/admin/cases/{CASE}")
    answer = chief.client.get(f"/admin/cases/{CASE}/photos/{kept['id']}")
    assert (answer.mimetype, answer.data) == ("image/png", PNG)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert staff.logged(store.db, action="see_photo")[0]["object"] == f"case:{CASE}"
    assert chief.client.get(f"/admin/cases/{CASE}/photos/999").status_code == 404
    assert chief.get("/admin/cases/PF000101-9").status_code == 404


def test_a_stranger_sees_no_picture(stranger: Hand, store: Store, now: datetime) -> None:
    case = case_records.by_number(store.db, CASE)
    case_records.add_photo(store.db, case, PNG, small_desk.POLICY, now)
    assert stranger.client.get(f"/admin/cases/{CASE}/photos/1").status_code == 302


def test_a_damaged_book_lies_aside_until_it_is_mended_or_withdrawn(chief: Hand, store: Store, now: datetime) -> None:
    loans.check_in(store.db, "B001", 1, small_desk.POLICY, now)
    assert "修补架" in chief.read("/admin/cases")
    page = chief.post("/admin/repairs", barcode="B001", done="mended").get_data(as_text=True)
    assert "《围城》回到流通了" in page and "修补架" not in page
    assert store.db.value("SELECT state FROM copies WHERE barcode = 'B001'") == "available"
    assert "不在修补架上" in chief.post("/admin/repairs", barcode="B001", done="withdrawn").get_data(as_text=True)


def test_a_book_reported_lost_is_found_by_scanning_it(chief: Hand, store: Store, now: datetime) -> None:
    """A6-8: the scan alone brings it back, whoever makes it."""
    wang = store.db.one(
        "SELECT id, reader_id FROM loans WHERE copy_id = (SELECT id FROM copies WHERE barcode = 'B003')"
    )
    assert wang is not None
    case, _ = cases.report(store.db, wang["reader_id"], wang["id"], "lost", "", small_desk.POLICY, now)
    number = case.number
    chief.read(f"/admin/cases/{number}")
    chief.post(f"/admin/cases/{number}/step", step="charge", state="reported", price="20")
    chief.post("/admin/returns/point", point="1")
    assert "有读者预约" in chief.post("/admin/returns", barcode="B003").get_data(as_text=True)
    cases.notice_found(store.db, small_desk.POLICY, now + timedelta(minutes=1))
    assert "书回来了" in chief.read(f"/admin/cases/{number}")


def test_a_lost_book_whose_loan_is_over_is_not_said_to_be_anywhere_else(
    chief: Hand, store: Store, now: datetime
) -> None:
    """Out of the reader's hands it is not back: it is lost."""
    order = orders.by_number(store.db, "SX261120-0006")
    with store.writing() as db:
        orders.advance(db, order.id, "collect", "staff", small_desk.POLICY, now)
        loan = loans.of_reader(db, order.reader_id)[0]
        case, _new = cases.report(db, order.reader_id, loan.id, "lost", "", small_desk.POLICY, now)
        cases.advance(db, case.number, "charge", "staff", small_desk.POLICY, now, Given(amount_fen=3900))
    page = chief.read(f"/admin/cases/{case.number}")
    assert "<dt>书在哪里</dt><dd>丢失</dd>" in page and "不在读者手里" not in page


def test_whoever_sits_at_the_desk_sees_what_a_found_book_gives_back(chief: Hand, store: Store, now: datetime) -> None:
    """The reader is told to fetch it at any desk: the page says how much."""
    db, policy = store.db, small_desk.POLICY
    loan = next(one for one in loans.of_reader(db, 2))
    case, _ = cases.report(db, 2, loan.id, "lost", "", policy, now)
    cases.advance(db, case.number, "charge", "staff:小王", policy, now, Given("", 4900))
    assert "退给读者" not in chief.read(f"/admin/cases/{case.number}")
    cases.advance(db, case.number, "take_money", "staff:小王", policy, now)
    loans.check_in(db, loan.barcode, 1, policy, now)
    cases.notice_found(db, policy, now)
    page = chief.read(f"/admin/cases/{case.number}")
    assert "退给读者" in page and '<strong class="mark">¥49</strong>' in page


def test_in_english_a_button_says_what_one_does_and_the_history_what_was_done(chief: Hand, store: Store) -> None:
    chief.post("/admin/language", language="en")
    shown = chief.read(f"/admin/cases/{CASE}")
    for button in ("Waive", "Ask for the same book, or its price", "Close: can be read, nothing to make good"):
        assert f">{button}</button>" in shown
    press(chief, store, "charge", price="39")
    shown = press(chief, store, "waive") + chief.read(f"/admin/cases/{CASE}")
    assert "<b>Waived</b>" in shown and "<b>To be made good: the same book, or its price</b>" in shown


def test_every_step_has_its_words() -> None:
    assert set(room.DONE) == {"report", *cases.STEPS}
    assert set(room.STEPS) == {name for name, step in cases.STEPS.items() if step.who == "staff"}


def test_a_drifting_book_that_was_lost_is_made_good_to_its_owner(chief: Hand, store: Store, now: datetime) -> None:
    """A1-23: no barcode is asked for, the library pays what it waives, and the list says what waits for whom."""
    with store.writing() as db:
        title = db.value("SELECT MIN(id) FROM titles")
        own = drifting.register(db, 2, title, "drift", now)
        db.run("UPDATE drifting SET holder_id = 1, state = 'away' WHERE id = :id", id=own.id)
        db.run("UPDATE titles SET price_fen = NULL")
        case = cases.report_own(db, 1, own.id, small_desk.POLICY, now)
    url = f"/admin/cases/{case.number}"
    page = chief.read(url)
    assert "读者自己的漂流书，主人" in page and "R000002" in page and "新书的条码" not in page
    assert "<dt>书在哪里</dt><dd>读者说丢了</dd>" in page and "还在读者手里" not in page
    for sender in (1, 2):
        evidence.add(store.db, "case", case.id, sender, PNG, small_desk.POLICY, now)
    page = chief.read(url)
    assert page.index("读者拍的 <a") < page.index("看第 1 张") < page.index("主人拍的 <a") < page.index("看第 2 张")
    form = {"step": "waive", "state": "reported"}
    assert "没有书价" in chief.post(f"{url}/step", **form).get_data(as_text=True)
    chief.post(f"{url}/step", **form, price="39")
    assert "书价 ¥39，给主人" in chief.read("/admin/cases") and "等主人来服务台领" in chief.read(url)
    assert "给读者的话" not in chief.read(url), "nobody is written to when it is handed out"
    chief.post(f"{url}/step", step="hand_owner", state="settled")
    assert "给主人" not in chief.read("/admin/cases") and "主人已领" in chief.read(url)


def test_a_fee_for_what_the_courier_lost_is_given_back_once(chief: Hand, store: Store, now: datetime) -> None:
    """A4-9: on the list and on the order's page, logged, told; a second press changes nothing."""
    number = store.db.value("SELECT number FROM orders WHERE fulfilment = 'delivery' ORDER BY id")
    with store.writing() as db:
        who = db.value("SELECT reader_id FROM orders WHERE number = :n", n=number)
        fee_refunds.owe(db, who, f"order:{number}", 300, small_desk.POLICY, now)
    assert "运费可能要退" in chief.read("/admin/cases") and "快递弄丢了，可能要退的运费" in chief.read("/admin")
    assert "读者付过的才退" in chief.read(f"/admin/orders/{number}")
    (refund,) = fee_refunds.open_ones(store.db)
    form = {"id": str(refund.id), "back": f"/admin/orders/{number}"}
    assert "已退" in chief.post("/admin/fee-refunds", **form, done="given").get_data(as_text=True)
    assert "运费可能要退" not in chief.read("/admin/cases") + chief.read(f"/admin/orders/{number}")
    assert "已经办好了" in chief.post("/admin/fee-refunds", **form, done="not_paid").get_data(as_text=True)
    assert [row["facts"] for row in staff.logged(store.db, action="settle_fee")] == [{"state": "given", "money": "¥3"}]
    assert "退运费" in chief.read("/admin/colleagues")
    assert store.db.value("SELECT step FROM notices WHERE event = 'fee_refund'") == "given"
