"""在电话里，在柜台前: 奶奶 has no telephone that chats at hand; a librarian does for her what she would do herself (A10-3)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from admin import passwords
from bot.service import Service
from bot.texts import Words
from lending import catalogue, checkouts, copy_states, events, holds, home_returns, loans, orders, readers
from lending.events import Plan
from tests import small_desk
from tests.admin.conftest import Hand
from tests.talking import Person, open_sample, pass_time


@pytest.fixture
def service(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setattr(passwords, "HASHER", small_desk.QUICK)
    return open_sample(prepared, tmp_path / "data")


def hears(service: Service, who: Person) -> str:
    """What the clock brings to a reader who says nothing."""
    pass_time(service, minutes=1)
    return who.listen()


def librarian(service: Service) -> Hand:
    """小信, signed in."""
    hand = Hand(small_desk.application(service.store, service.clock, service.policy, card_key=service.card_key))
    small_desk.librarians(service.store.db, service.clock.now())
    hand.sign_in()
    return hand


def test_grandmother_rings_up_and_comes_by(service: Service) -> None:
    db, policy = service.store.db, service.policy
    grandmother = Person(service, "grandmother", language="zh-Hant").trusted()
    neighbour = Person(service, "neighbour").trusted()
    desk = librarian(service)
    number = readers.reader(db, grandmother.reader_id).number
    page = f"/admin/readers/{number}"
    branch, other = (point for point in catalogue.points(db, "branch")[:2])
    wanted, taken = catalogue.title(db, 1), catalogue.copies(db, 2)[0]
    copies = [copy for copy in catalogue.copies(db, wanted.id) if copy.state == "available"]
    for gone in copies[1:]:
        copy_states.step(db, gone.barcode, "withdraw", "小信", policy, service.clock.now(), note="破了")
    checkouts.check_out(db, copies[0].barcode, neighbour.reader_id, policy, service.clock.now())
    neighbour.listen()

    def does(path: str, **form: str) -> str:
        return desk.post(page + path, **form).get_data(as_text=True)

    # She rings up. The book is with somebody else: a place in the queue, to be fetched near her daughter's.
    assert "都借出去了，0 位在等" in does("/title", wanted=wanted.title)
    assert "排第 1 位。会告诉读者" in does("/holds", title=str(wanted.id))
    (one,) = holds.of_reader(db, grandmother.reader_id)
    seen = f"{one.state} {one.point_id} {one.rests_until}"
    assert "取。会告诉读者" in does(f"/holds/{one.id}", what="point", point=str(other.id), seen=seen)
    said = hears(service, grandmother)
    assert said.count("館員替您辦了") == 1, "one message, in her language"
    place = Words("zh_Hant").called(other.name, other.name_en)
    assert f"· 預約了《{wanted.title}》，排第 1 位" in said and f"的預約改在{place}取" in said
    assert f"《{wanted.title}》排第 1 位" in grandmother.say("我的預約"), "the chat knows it as its own"

    # The neighbour brings it back there, and she comes by: it is lent to her over the counter, the hold is done.
    loans.check_in(db, copies[0].barcode, other.id, policy, service.clock.now())
    pass_time(service, minutes=20)
    assert f"您等的《{wanted.title}》回來了" in grandmother.listen()
    assert f"《{wanted.title}》借给 {number} 了" in does("/lend", barcode=copies[0].barcode, point=str(other.id))
    said = hears(service, grandmother)
    assert "館員在服務台替您辦的。借到了" in said and "到期" in said
    assert holds.of_reader(db, grandmother.reader_id) == []

    # Another one from the shelf. She says later that it is back, at another branch; nobody doubts her word.
    assert "会告诉读者" in does("/lend", barcode=taken.barcode, point=str(branch.id))
    (second,) = (loan for loan in loans.of_reader(db, grandmother.reader_id) if loan.barcode == taken.barcode)
    pass_time(service, days=10)
    grandmother.listen()
    assert "从现在起不算超期" in does("/happened", loan=str(second.id), what="claim", said="放在车站那个馆了")
    assert f"《{second.title}》您說已經還了：從現在起不算超期" in hears(service, grandmother)
    assert "放在车站那个馆了" in desk.read("/admin/ways-back")

    # The first one is lost. Its case stands in her name, with the promise of an answer; told once.
    (first,) = (loan for loan in loans.of_reader(db, grandmother.reader_id) if loan.barcode == copies[0].barcode)
    for _twice in range(2):
        does("/happened", loan=str(first.id), what="lost", said="")
    said = hears(service, grandmother)
    assert said.count("登記了遺失，編號 PF") == 1 and "前看完答覆您" in said
    assert f"《{first.title}》" in grandmother.tap("看這個個案")
    assert "小信" in grandmother.say("誰看過我的資料")


def test_what_was_done_is_told_as_it_stands_when_it_is_told(service: Service) -> None:
    """B2-7, B2-5: what was taken back since is not spoken of; a rest and damaged books, in English."""
    db, policy, now = service.store.db, service.policy, service.clock.now()
    me, others = Person(service, "me", language="en").trusted(), Person(service, "others").trusted()
    desk, page = librarian(service), f"/admin/readers/{readers.reader(db, me.reader_id).number}"
    desk.read(page)
    mine = [one.barcode for title in (3, 4, 5) for one in catalogue.copies(db, title)[:1]]
    for barcode in mine:
        checkouts.check_out(db, barcode, me.reader_id, policy, now)
    for title in (1, 2):
        for one in catalogue.copies(db, title):
            with service.store.writing() as writer:
                loans.lend(writer, one.id, title, others.reader_id, policy, now)
    me.listen()
    torn, wet, gone = sorted(loans.of_reader(db, me.reader_id), key=lambda loan: loan.title_id)
    readers.set_delivery(db, me.reader_id, "Lin", "13800000000", "春风路8号", "city")
    home_returns.ask(db, me.reader_id, [gone.id], "key", policy, now)

    def change(what: str, title: int, **form: str) -> None:
        one = next(one for one in holds.of_reader(db, me.reader_id) if one.title_id == title)
        form["seen"] = f"{one.state} {one.point_id} {one.rests_until}"
        assert desk.post(f"{page}/holds/{one.id}", what=what, **form).status_code == 200

    for title in (1, 2):
        desk.post(f"{page}/holds", title=str(title))
    change("cancel", 1)
    change("rest", 2, days="7")
    for loan, what in ((torn, "damaged"), (wet, "arrived"), (gone, "lost")):
        desk.post(f"{page}/happened", loan=str(loan.id), what=what, said="")
    said = hears(service, me)
    assert said.count("A librarian did this for you") == 1
    first, second = (catalogue.title(db, title).title for title in (1, 2))
    assert f"No longer waiting for 《{first}》" in said and f"A hold on 《{first}》" not in said
    assert f"Waiting for 《{second}》 rests until" in said and f"A hold on 《{second}》" not in said
    assert "noted as damaged, number" in said and "noted as damaged when it came, number" in said
    assert "counts no late days" in said and "The courier need not come for this one any more" in said

    change("wake", 2)
    assert f"Waiting for 《{second}》 goes on, number 1" in hears(service, me)
    change("rest", 2, days="7")
    me.say("my holds")
    me.tap("Resume")
    assert "rests until" not in hears(service, me), "woken by the reader before it was told"


def test_grandfather_has_no_chat_and_orders_by_telephone(service: Service) -> None:
    """A1-12, A2-3, A4-8, A10-3: from the first call to the parcel; later his grandson brings him a chat."""
    db, desk = service.store.db, librarian(service)
    desk.read("/admin/readers")
    wanted = next(one for one in catalogue.titles(db, range(1, 40)).values() if one.title == "围城")

    # He rings up for the first time. The librarian asks him, and he begins on the ladder.
    new = {"name": "陈爷爷", "phone": "0571-87654321", "language": "zh_Hans", "asked": "1"}
    number = re.findall(r"登记好了：(R\d+)", desk.post("/admin/readers/new", **new).get_data(as_text=True))[0]
    who = readers.by_number(db, number)
    page = f"/admin/readers/{number}"

    def does(path: str, **form: str) -> str:
        return desk.post(page + path, **form).get_data(as_text=True)

    # One book, to be brought to the door: his address, then the price both ways, then his yes.
    assert "放进借书车" in does("/title", wanted=wanted.title)
    does("/cart", title=str(wanted.id))
    assert "送到哪里" in does("/order", way="delivery:0")
    district = next(point.district for point in catalogue.points(db) if point.district)
    terms = does("/order", way="delivery:0", name="陈爷爷", phone="0571-87654321", district=district, street="新华路 3 号")
    assert f"送到 陈爷爷 0571-87654321 {district} 新华路 3 号" in terms and "一来一回" in terms and "超期每本" in terms
    form = {name: re.findall(f'name="{name}" value="([^"]*)"', terms)[-1] for name in ("way", "key", "seen")}
    assert "替 TA 下了订单" in does("/order/place", **form)
    (order,) = orders.of_reader(db, who.id)
    board = desk.read("/admin/orders")
    assert order.number in board and "《围城》" in board

    # It goes its way as any other; the parcel is signed for, and the book is his for as long as he was told.
    for step in ("pick", "pack", "ship", "sign"):
        with service.store.writing() as writer:
            orders.advance(writer, order.id, step, "library", service.policy, service.clock.now())
    (loan,) = loans.of_reader(db, who.id)
    assert (loan.due_at - service.clock.now()).days >= service.policy.lending.loan_days - 1

    # Three months later it is late, and nobody can write to him: he stands on the list of calls.
    pass_time(service, days=service.policy.lending.loan_days + 40)
    assert number in desk.read("/admin/letters")

    # His grandson sets up a chat for him: what was borrowed at the desk is there.
    code = re.findall(r"LJ \d{4} \d{4}", does("/link"))[0]
    chat = Person(service, "grandson-at-his-side")
    chat.say("你好")
    assert f"要把这个聊天连到读者 {number} 吗" in chat.say(code)
    chat.say("是的")
    assert "《围城》" in chat.say("我的借阅")


def test_what_stands_in_her_cart_is_ordered_by_a_librarian(service: Service) -> None:
    """A1-17, B2-5, B2-7: her own cart, one message, in her words; what was called off before she heard is not spoken of."""
    db = service.store.db
    me = Person(service, "me").trusted()
    desk, page = librarian(service), f"/admin/readers/{readers.reader(db, me.reader_id).number}"
    locker = next(point for point in catalogue.points(db, "locker"))

    def ordered(*titles: str) -> orders.Order:
        for title in titles:
            me.say(f"《{title}》")
            me.tap("借这本")
        form = {"way": f"locker:{locker.id}"}
        terms = desk.post(f"{page}/order", **form).get_data(as_text=True)
        form = {name: re.findall(f'name="{name}" value="([^"]*)"', terms)[-1] for name in ("way", "key", "seen")}
        assert "替 TA 下了订单" in desk.post(f"{page}/order/place", **form).get_data(as_text=True)
        return orders.of_reader(db, me.reader_id)[0]

    desk.read(page)
    first = ordered("围城")
    said = hears(service, me)
    assert said.count("馆员替您办了") == 1
    assert f"· 下了订单 {first.number}：《围城》，{locker.name}（" in said and "前备好" in said
    assert first.number in me.tap("看这个订单")
    second = ordered("活着")
    orders.cancel(db, second.number, me.reader_id, service.policy, service.clock.now())
    assert second.number not in hears(service, me)


def test_the_courier_and_a_seat_by_telephone(service: Service) -> None:
    """A10-3, F-8: what was arranged in one call is told in one message, in her script."""
    db, policy, now = service.store.db, service.policy, service.clock.now()
    grandmother = Person(service, "grandmother", language="zh-Hant").trusted()
    desk, number = librarian(service), readers.reader(db, grandmother.reader_id).number
    page = f"/admin/readers/{number}"
    copy = catalogue.copies(db, 3)[0]
    loan = checkouts.check_out(db, copy.barcode, grandmother.reader_id, policy, now).loan
    readers.set_delivery(db, grandmother.reader_id, "陈奶奶", "057187654321", "听泉区 春风路 8 号", "city")
    grandmother.listen()
    desk.read(page)
    terms = desk.post(f"{page}/fetch", loan=str(loan.id)).get_data(as_text=True)
    assert "到 陈奶奶 057187654321 听泉区 春风路 8 号 来取" in terms
    form = {name: re.findall(f'name="{name}" value="([^"]*)"', terms.partition("/fetch/ask")[2])[0] for name in ("key", "seen", "loan")}
    assert "请快递来取了" in desk.post(f"{page}/fetch/ask", **form).get_data(as_text=True)
    starts = now + timedelta(days=9)
    plan = Plan(name="故事会", starts_at=starts, ends_at=starts + timedelta(hours=1), sign_up_until=starts, seats=9, point_id=1)
    coming = events.make(db, plan, policy, now)
    assert "报了 2 位" in desk.post(f"/admin/events/{coming.id}/sign-up", reader=number, people="2").get_data(as_text=True)
    said = hears(service, grandmother)
    assert said.count("館員替您辦了") == 1
    assert f"· 請快遞上門取《{loan.title}》，取書費 ¥3" in said and f"· 報名了「{coming.name}」" in said
    assert "2 位" in grandmother.tap("看這個活動")

    desk.post(f"/admin/events/{coming.id}/sign-off", reader=number)
    desk.post(f"{page}/fetch/stop", id=str(home_returns.open_ones(db)[0].id))
    said = hears(service, grandmother)
    assert "· 退掉了" in said and f"· 快遞不來取《{loan.title}》了" in said
