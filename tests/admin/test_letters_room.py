"""B2-28: readers whom no message reaches are telephoned or written to; one letter a reader, no title on the outside."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from admin import letters, lookup, staff
from bot import contacts, reach
from bot.texts import Words
from lending import cart, cases, claims, holds, loans, looks, mandates, minors, orders, readers, recalls
from lending.case_effects import Given
from lending.database import Store
from lending.model import Fulfilment, stamp
from tests import small_desk
from tests.admin.conftest import Hand

LI = "R000001"  # overdue; has written on the web chat only


@pytest.fixture
def unreached(store: Store, app: Flask, now: datetime) -> str:
    """A second reader with an overdue book, whose only chat refuses our messages."""
    ago = now - timedelta(days=50)
    with store.writing() as db:
        who = small_desk.reader(db, "赵雪", "13611112222", ago)
        small_desk.order(db, who, (10,), Fulfilment.COUNTER, ago, "pick", "pack", "shelve", "collect")
        contacts.add(db, "telegram", "40010002", who.id, ago)
        contacts.set_reachable(db, "telegram", "40010002", False)
    return who.number


def row(page: str, number: str) -> str:
    """One reader's row of the table, without its tags."""
    rows = [part for part in page.split("<tr>")[1:] if number in part]
    return re.sub(r"<[^>]+>", " ", rows[0]) if rows else ""


def test_those_whom_no_message_reaches_come_first_with_why(chief: Hand, unreached: str) -> None:
    page = chief.read("/admin/letters")
    assert page.index(unreached) < page.index(LI) and "聊天拒收" in row(page, unreached)
    assert "1 本 · 10 天" in row(page, unreached)
    assert f'value="{unreached}" aria-label="给 {unreached} 写信" checked' in page


def test_telephone_numbers_are_hidden_until_asked_for_and_asking_is_logged(
    chief: Hand, store: Store, unreached: str
) -> None:
    """B2-22: and only the numbers of those who must be telephoned."""
    assert "136****2222" in row(chief.read("/admin/letters"), unreached)
    page = chief.post("/admin/letters/phones").get_data(as_text=True)
    assert "13611112222" in row(page, unreached) and "赵雪" in row(page, unreached)
    assert "138****0000" in row(page, LI)
    assert staff.logged(store.db, limit=1)[0]["action"] == "see_phones"
    reader = store.db.value("SELECT id FROM readers WHERE number = :n", n=unreached)
    assert [look.what for look in looks.of_reader(store.db, reader)] == [looks.PHONE]


def test_where_messages_reach_everybody_no_number_is_offered(chief: Hand, store: Store, now: datetime) -> None:
    """The button would show nothing, and write a look into the log that nobody had."""
    with store.writing() as db:
        contacts.add(db, "telegram", "40010008", 3, now)
    page = chief.read("/admin/letters")
    assert LI in page and "显示要打的电话" not in page


def test_a_call_is_noted_so_that_nobody_is_called_twice(chief: Hand, unreached: str) -> None:
    chief.get("/admin/letters")
    page = chief.post(f"/admin/letters/{unreached}/called").get_data(as_text=True)
    assert f"{unreached} 打过电话了" in page and "打过电话 · " in row(page, unreached)
    assert "打过电话 · " not in row(page, LI)


def test_b2_28_a_letter_for_each_reader_with_the_address_alone_on_the_outside(
    chief: Hand, store: Store, unreached: str
) -> None:
    """What the window shows is the address block; titles stand inside, below the fold."""
    chief.get("/admin/letters")
    page = chief.post("/admin/letters/print", reader=[unreached, LI]).get_data(as_text=True)
    outside = re.findall(r"<address>.*?</address>", page, re.S)
    assert len(outside) == page.count('<article class="post">') == 2
    assert all("《" not in block and "B0" not in block and "超期" not in block for block in outside)
    assert "赵雪" in outside[0] and "春风路8号3单元201" in outside[0]
    inside = page.split('<div class="inside">')[1]
    assert "《平凡的世界》" in inside and "B010" in inside and "到期" in inside and "信用分 -1" in inside
    written = {line["object"] for line in staff.logged(store.db, action="print_letters")}
    assert written == {f"reader:{unreached}", f"reader:{LI}"}
    assert "寄过信 · " in row(chief.read("/admin/letters"), unreached)


def test_nothing_chosen_prints_nothing_and_says_so(chief: Hand, store: Store) -> None:
    chief.get("/admin/letters")
    assert "请选有地址的读者" in chief.post("/admin/letters/print").get_data(as_text=True)
    assert staff.logged(store.db, action="print_letters") == []


def test_a_reader_without_an_address_is_called_not_written_to(chief: Hand, store: Store, unreached: str) -> None:
    with store.writing() as db:
        db.run("UPDATE readers SET address = '' WHERE number = :n", n=unreached)
    assert "没有地址" in row(chief.read("/admin/letters"), unreached)
    page = chief.post("/admin/letters/print", reader=[unreached, LI]).get_data(as_text=True)
    assert page.count('<article class="post">') == 1 and "赵雪" not in page


def test_what_is_said_to_be_back_is_not_asked_for(store: Store, chief: Hand, unreached: str, now: datetime) -> None:
    """B2-7."""
    reader = store.db.value("SELECT id FROM readers WHERE number = :n", n=unreached)
    [loan] = loans.of_reader(store.db, reader)
    claims.claim(store.db, reader, loan.id, "还在西溪", small_desk.POLICY, now)
    assert unreached not in chief.read("/admin/letters")


def test_the_letter_is_in_the_readers_language(chief: Hand, store: Store, unreached: str) -> None:
    """B2-13."""
    with store.writing() as db:
        db.run("UPDATE readers SET language = 'en' WHERE number = :n", n=unreached)
    chief.get("/admin/letters")
    assert "Dear 赵雪" in chief.post("/admin/letters/print", reader=[unreached]).get_data(as_text=True)


def test_who_is_out_of_reach(store: Store, now: datetime) -> None:
    """No chat; all refuse; a page that waits to be opened and was not, since the book became due."""
    since = now - timedelta(days=3)
    with store.writing() as db:
        nobody, refuses, away, back, told = (small_desk.reader(db, "林", "13500000000", now).id for _ in range(5))
        contacts.add(db, "telegram", "1", refuses, now)
        contacts.set_reachable(db, "telegram", "1", False)
        contacts.add(db, "web", "2", away, now - timedelta(days=9))
        contacts.add(db, "web", "3", back, now)
        contacts.add(db, "telegram", "4", told, now - timedelta(days=99))
    why = [reach.unheard(store.db, reader, since) for reader in (nobody, refuses, away, back, told)]
    assert why == ["none", "refused", "away", "", ""]


def test_every_reason_and_deed_has_its_word() -> None:
    assert set(letters.WHY) == {"none", "refused", "away", ""} and set(letters.DEEDS) == {"called", "print_letters"}


# ---- books that wait for whom nothing reaches ---------------------------------------------------------------------


@pytest.fixture
def nobody(store: Store, now: datetime) -> str:
    """A third reader, without any chat: an order at the counter, and a book held for them."""
    with store.writing() as db:
        who = small_desk.reader(db, "陈爷爷", "057187654321", now)
        small_desk.order(db, who, (2,), Fulfilment.COUNTER, now, "pick", "pack", "shelve")
        loans.lend(db, 10, 10, 2, small_desk.POLICY, now)
    holds.place(store.db, who.id, 10, now)
    loans.check_in(store.db, "B010", 2, small_desk.POLICY, now)
    return who.number


def test_whoever_cannot_know_that_a_book_waits_is_telephoned_once(chief: Hand, store: Store, nobody: str) -> None:
    """A10-3, B2-28: what, where and until when; a call is enough for all of it, and the front page counts it."""
    page = chief.read("/admin/letters").partition("书超期了")[0]
    rows = (" ".join(re.sub(r"<[^>]+>", " ", part).split()) for part in page.split("<tr>")[1:])
    lines = [one for one in rows if nobody in one]
    assert len(lines) == 2 and "057****4321" in lines[0]
    assert any("《活着》" in line and "城西馆 · SX" in line for line in lines)
    assert any("《平凡的世界》" in line and "城东馆 · 预约架" in line for line in lines)
    assert "号码" not in "".join(lines), "the number to name is shown with the telephone's only"
    shown = chief.post("/admin/letters/phones").get_data(as_text=True)
    code = orders.of_reader(store.db, readers.by_number(store.db, nobody).id)[0].pickup_code
    assert "057187654321" in shown and f"号码 {code}" in shown
    assert re.search(r"书到了、消息到不了.*?<b>3</b>", chief.read("/admin"))
    chief.get("/admin/letters")
    for number in (nobody, "R000003"):
        chief.post(f"/admin/letters/{number}/called")
    assert "书到了，打电话告诉" not in chief.read("/admin/letters")
    assert "书到了、消息到不了" not in chief.read("/admin")


def test_a_call_from_before_the_book_was_there_told_nothing_of_it(
    chief: Hand, store: Store, now: datetime, nobody: str
) -> None:
    who = readers.by_number(store.db, nobody)
    with store.writing() as db:
        staff.log(db, "admin", "called", f"reader:{nobody}", now - timedelta(hours=1))


    def untold() -> int:
        return sum(row["reader_id"] == who.id for row in lookup.ready_untold(store.db, now, 9))

    assert untold() == 2
    with store.writing() as db:
        minors.note(db, who.id, date(2030, 1, 1), "staff:小信", now)
        mandates.appoint(db, who.id, readers.by_number(store.db, "R000002").id, now)
        db.run("UPDATE mandates SET state = 'active'")
    assert untold() == 0, "a child's guardian hears it"


def test_whom_a_message_reaches_is_told_by_it(chief: Hand, store: Store, now: datetime, nobody: str) -> None:
    who = readers.by_number(store.db, nobody).id
    with store.writing() as db:
        contacts.add(db, "telegram", "40010009", who, now)
    assert nobody not in chief.read("/admin/letters")
    with store.writing() as db:
        contacts.set_reachable(db, "telegram", "40010009", False)
    assert nobody in chief.read("/admin/letters")


def test_who_moves_an_order_or_a_case_sees_that_nobody_will_hear_of_it(
    chief: Hand, store: Store, now: datetime, nobody: str
) -> None:
    """B2-28: an order refused, a case settled: the reader hears of it by telephone."""
    who = readers.by_number(store.db, nobody).id
    order = orders.of_reader(store.db, who)[0]
    asks = "有了变化，请打个电话"
    assert asks in chief.read(f"/admin/orders/{order.number}")
    orders.advance(store.db, order.id, "collect", "library", small_desk.POLICY, now)
    assert asks not in chief.read(f"/admin/orders/{order.number}"), "nothing more will change"
    (loan,) = loans.of_reader(store.db, who)
    case, _new = cases.report(store.db, who, loan.id, "damaged", "湿了", small_desk.POLICY, now)
    assert asks in chief.read(f"/admin/cases/{case.number}")
    with store.writing() as db:
        contacts.add(db, "telegram", "40010009", who, now)
    assert asks not in chief.read(f"/admin/cases/{case.number}")


# ---- what has changed for whom nothing reaches ----------------------------------------------------------------------


def news(page: str, number: str) -> list[str]:
    """What stands under 有了变化 for that reader."""
    part = page.partition("有了变化，打电话告诉 TA")[2].partition("书超期了")[0]
    rows = (" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in part.split("<tr>")[1:])
    return [one for one in rows if number in one]


@pytest.fixture
def silent(store: Store, app: Flask, now: datetime) -> str:
    """Somebody without a chat, who owes nothing."""
    with store.writing() as db:
        return small_desk.reader(db, "陈奶奶", "13611113333", now).number


def ended(store: Store, reader: int, name: str, actor: str, now: datetime) -> str:
    """A new order of theirs, refused or called off; its number."""
    with store.writing() as db:
        cart.add(db, reader, 2, small_desk.POLICY, now)
        one = orders.place(db, reader, Fulfilment.COUNTER, 1, f"{name} {actor} {now}", small_desk.POLICY, now)
        db.run("UPDATE orders SET state = 'in_review' WHERE id = :o", o=one.id)
    orders.advance(store.db, one.id, name, actor, small_desk.POLICY, now, "这一版要修补")
    return one.number


def test_an_order_that_will_not_come_is_told_by_telephone(
    chief: Hand, store: Store, now: datetime, silent: str
) -> None:
    """B2-28, A10-13: refused, or called off by the library; what the reader called off themselves they know."""
    who = readers.by_number(store.db, silent).id
    refused = ended(store, who, "refuse", "staff:小信", now)
    called_off = ended(store, who, "cancel", "staff:小信", now)
    ended(store, who, "cancel", "reader", now)
    ended(store, who, "cancel", "rule", now)
    found = news(chief.read("/admin/letters"), silent)
    assert len(found) == 2 and all("原因：这一版要修补" in one and "《活着》" in one for one in found)
    assert any(refused in one and "没有通过审核" in one for one in found)
    assert any(called_off in one and "馆里取消了" in one for one in found)
    assert re.search(r"有了变化、消息到不了.*?<b>2</b>", chief.read("/admin"))
    assert "13611113333" in news(chief.post("/admin/letters/phones").get_data(as_text=True), silent)[0]
    chief.get("/admin/letters")
    chief.post(f"/admin/letters/{silent}/called")
    assert news(chief.read("/admin/letters"), silent) == []
    line = staff.logged(store.db, action="called", limit=1)[0]
    assert (line["staff"], line["object"]) == ("admin", f"reader:{silent}"), "who called, and when"


def test_what_was_long_ago_or_is_told_by_a_message_needs_no_call(
    chief: Hand, store: Store, now: datetime, silent: str
) -> None:
    who = readers.by_number(store.db, silent).id
    ended(store, who, "refuse", "staff:小信", now - lookup.LATELY - timedelta(hours=1))
    assert news(chief.read("/admin/letters"), silent) == []
    ended(store, who, "refuse", "staff:小信", now - lookup.LATELY + timedelta(hours=1))
    assert len(news(chief.read("/admin/letters"), silent)) == 1
    with store.writing() as db:
        contacts.add(db, "telegram", "40010009", who, now)
    assert news(chief.read("/admin/letters"), silent) == []


def test_a_book_asked_back_is_told_by_telephone(chief: Hand, store: Store, now: datetime, unreached: str) -> None:
    """B2-19, B2-28: until it is back, or late as it is."""
    who = readers.by_number(store.db, unreached).id
    with store.writing() as db:
        loan = loans.lend(db, 2, 2, who, small_desk.POLICY, now - timedelta(days=25))
    holds.place(store.db, 2, 2, now)
    assert recalls.recall_due(store.db, small_desk.POLICY, now) == 1
    (found,) = news(chief.read("/admin/letters"), unreached)
    due = Words("zh_Hans", now.year).day(loans.loan(store.db, loan).due_at)
    assert f"《活着》有人在等，到期日提前到了 {due}" in found
    loans.check_in(store.db, "B002", 1, small_desk.POLICY, now)
    assert news(chief.read("/admin/letters"), unreached) == []


def test_a_case_in_which_the_reader_chooses_is_told_by_telephone(
    chief: Hand, store: Store, now: datetime, unreached: str
) -> None:
    """B2-28, A6: the same book or its price; once that is here nobody calls."""
    who = readers.by_number(store.db, unreached).id
    (loan,) = loans.of_reader(store.db, who)
    case, _new = cases.report(store.db, who, loan.id, "lost", "", small_desk.POLICY, now)
    assert news(chief.read("/admin/letters"), unreached) == [], "the library has not looked yet"
    cases.advance(store.db, case.number, "charge", "staff:小信", small_desk.POLICY, now, Given(amount_fen=3950))
    (found,) = news(chief.read("/admin/letters"), unreached)
    assert case.number in found and "《平凡的世界》要赔" in found and "¥39.5" in found
    cases.advance(store.db, case.number, "take_money", "staff:小信", small_desk.POLICY, now)
    assert news(chief.read("/admin/letters"), unreached) == []


def test_what_came_to_pass_while_somebody_telephoned_was_not_told(
    chief: Hand, store: Store, now: datetime, machine: small_desk.StoodStill, silent: str
) -> None:
    """The page was opened before: the call is noted, and what nobody could have said stands there still."""
    who = readers.by_number(store.db, silent).id
    ended(store, who, "refuse", "staff:小信", now)
    seen = re.findall('name="seen" value="([^"]+)"', chief.read("/admin/letters"))[0]
    machine.moment = now + timedelta(minutes=5)
    late = ended(store, who, "refuse", "staff:小王", machine.moment)
    machine.moment = now + timedelta(minutes=9)
    page = chief.post(f"/admin/letters/{silent}/called", seen=seen).get_data(as_text=True)
    (found,) = news(page, silent)
    assert late in found
    chief.post(f"/admin/letters/{silent}/called", seen="9999-12-31T00:00:00Z")
    assert staff.logged(store.db, action="called", limit=1)[0]["facts"] == {"seen": stamp(machine.moment)}
