"""加书 in the chat: offered with its price beside the other ways, agreed to once, refused with the cart kept (B5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import late_words
from bot.service import Service
from bot.texts import Words
from lending import additions, cart, orders, special_terms
from lending.orders import Order
from lending.policy import load_policy
from tests.bot.test_orders_talk import a_disc_beside, order
from tests.talking import Person, advance, pass_time


@pytest.fixture
def reader(service: Service) -> Person:
    return Person(service).trusted()


def fill(service: Service, reader: Person, books: int) -> list[str]:
    """So many books into the cart; their titles."""
    db, now = service.store.db, service.clock.now()
    free = db.all(
        "SELECT t.id, t.title FROM copies c JOIN titles t ON t.id = c.title_id GROUP BY t.id "
        "HAVING COUNT(*) = 1 AND MAX(c.state) = 'available' ORDER BY t.id LIMIT :n", n=books,
    )  # fmt: skip
    for row in free:
        cart.add(db, reader.reader_id, row["id"], service.policy, now)
    return [row["title"] for row in free]


def held(service: Service, placed: Order) -> int:
    return len(orders.books(service.store.db, placed.id))


def test_the_checkout_offers_the_unpacked_order_with_the_difference(service: Service, reader: Person) -> None:
    """A4-1: ¥3 for three; one more together ¥1, apart ¥3. The books, the way and both prices before the yes."""
    placed = order(service, reader, 3, "delivery")
    [title] = fill(service, reader, 1)
    reader.say("去下单")
    assert reader.heard[-1].buttons[0][0].label == f"加进订单 {placed.number}（多付 ¥1）"
    card = reader.tap("加进订单")
    assert f"加上《{title}》，一共 4 本" in card and "送到 林书 13800000000 春风路8号" in card
    assert "送书从 ¥3 变成 ¥4，多付 ¥1；另下一单要 ¥3" in card and "一共 ¥4，自己还到" in card
    assert "预计 11月21日（周六） 10:00 前备好" in card
    said = reader.say("确认")
    assert f"1 本加进了订单 {placed.number}，一起到" in said
    assert (held(service, placed), reader.last_order().fee_fen) == (4, 400)


@pytest.mark.parametrize("words", ["把这几本加进我的订单", "加进订单", "和上一单一起寄", "add these to my order"])
def test_it_is_a_command_of_its_own(service: Service, reader: Person, words: str) -> None:
    placed = order(service, reader, 1)
    fill(service, reader, 2)
    card = reader.say(words)
    assert placed.number in card and "一共 3 本" in card and "费用：¥0" in card
    reader.tap("确认加进去")
    assert held(service, placed) == 3


def test_pressed_twice_it_is_added_once_and_answers_the_same(service: Service, reader: Person) -> None:
    """B2-2."""
    placed = order(service, reader, 1)
    fill(service, reader, 1)
    reader.say("加进订单")
    action = reader.action("确认加进去")
    assert reader.press(action) == reader.press(action)
    assert held(service, placed) == 2


def test_a_later_promise_is_said_before_the_yes(service: Service, reader: Person) -> None:
    """D-1: all come together, so it is the promise of an order placed now."""
    placed = order(service, reader, 1)
    pass_time(service, hours=2)
    fill(service, reader, 1)
    reader.say("去下单")
    assert reader.heard[-1].buttons[0][0].label == f"加进订单 {placed.number}（不多付）"
    assert "整单一起，改为 11月21日（周六） 12:00 前备好" in reader.tap("加进订单")


def test_of_several_orders_it_asks_which(service: Service, reader: Person) -> None:
    first, second = order(service, reader, 1), order(service, reader, 2, "delivery")
    fill(service, reader, 1)
    assert reader.say("加进我的订单") == "加进哪个订单？"
    assert first.number in reader.say(first.number) and second.number not in reader.heard[-1].text


def test_without_an_order_or_without_books_it_says_what_to_do(service: Service, reader: Person) -> None:
    assert "借书车里还没有书" in reader.say("把这几本加进我的订单")
    advance(service, order(service, reader, 1), "pick", "pack")
    fill(service, reader, 1)
    assert "没有还没打包的订单" in reader.say("把这几本加进我的订单") and reader.action("去下单") == "i:checkout"


def test_packed_between_card_and_yes_the_cart_is_kept(service: Service, reader: Person) -> None:
    """The librarian was quicker: said plainly, with the way out."""
    placed = order(service, reader, 1)
    fill(service, reader, 1)
    reader.say("加进订单")
    advance(service, placed, "pick", "pack")
    said = reader.tap("确认加进去")
    assert f"订单 {placed.number} 现在是「已打包」，加不进去了。书还在借书车里" in said
    assert len(cart.items(service.store.db, reader.reader_id)) == 1 and held(service, placed) == 1
    assert reader.action("另下一单") == "i:checkout"


def test_a_cart_that_changed_brings_a_fresh_card(service: Service, reader: Person) -> None:
    placed = order(service, reader, 1)
    fill(service, reader, 1)
    reader.say("加进订单")
    old = reader.action("确认加进去")
    fill(service, reader, 3)
    said = reader.press(old)
    assert "借书车后来变过了" in said and "一共 4 本" in said and held(service, placed) == 1
    reader.tap("确认加进去")
    assert held(service, placed) == 4


def test_more_than_a_rule_approves_is_said_before_the_yes(service: Service, reader: Person) -> None:
    """E1-10, A10-13."""
    order(service, reader, 4)
    fill(service, reader, 2)
    card = reader.say("加进订单")
    assert "要请馆员看一下，11月20日（周五） 14:00 前答复您" in card and "多于 5 本" in card
    assert "要请馆员看一下" in reader.tap("确认加进去") and reader.last_order().state == "in_review"


def test_the_free_delivery_of_the_day_is_in_the_price(service: Service, reader: Person) -> None:
    """A2-27: when it runs out meanwhile, nothing is added and the new price is asked for."""
    free = replace(service.policy.free_shipping, mode="first_come", daily_fen=400, most_fen=500)
    service = replace(service, policy=replace(service.policy, free_shipping=free))
    reader.service = service
    placed = order(service, reader, 3, "delivery")
    fill(service, reader, 1)
    assert "送书还是 ¥0，不多付" in reader.say("加进订单")
    with service.store.writing() as db:
        db.run("UPDATE free_days SET used_fen = budget_fen")
    said = reader.tap("确认加进去")
    assert "价钱刚刚变了，还没有加进去" in said and "多付 ¥1" in said and held(service, placed) == 3
    reader.tap("确认加进去")
    assert (held(service, placed), reader.last_order().fee_fen) == (4, 100)


def test_an_order_that_is_late_is_not_offered_and_says_why(service: Service, reader: Person) -> None:
    """D-1."""
    placed = order(service, reader, 1)
    service.clock.moment += timedelta(hours=30)  # type: ignore[attr-defined]
    fill(service, reader, 1)
    reader.say("去下单")
    assert all("加进订单" not in button.label for row in reader.heard[-1].buttons for button in row)
    assert "不再往里加书" in reader.press(f"add:{placed.number}")


def test_the_order_itself_offers_to_take_the_cart(service: Service, reader: Person) -> None:
    placed = order(service, reader, 1)
    fill(service, reader, 1)
    reader.press(f"order:{placed.number}")
    assert reader.action("把借书车加进来") == f"add:{placed.number}"
    assert additions.open_to_more(service.store.db, reader.reader_id) == [placed]


def test_an_order_to_where_no_price_stands_any_more_is_not_offered(service: Service, reader: Person) -> None:
    """A4-11: the library has changed its rules since; the other ways are all there."""
    placed = order(service, reader, 3, "delivery")
    with service.store.writing() as db:
        db.run("UPDATE orders SET zone = 'elsewhere'")
    fill(service, reader, 1)
    assert "怎么取" in reader.say("去下单")
    assert placed.number not in str(reader.heard[-1].buttons)


def test_an_order_that_holds_all_it_may_is_not_offered_and_says_why(service: Service) -> None:
    """B5 常州, B2-12: the rules page says how many books an order holds, and adding keeps to it."""
    service = replace(service, policy=replace(service.policy, lending=replace(service.policy.lending, cart_size=3)))
    reader = Person(service).trusted()
    placed = order(service, reader, 3)
    fill(service, reader, 1)
    reader.say("去下单")
    assert not any("加进订单" in button.label for row in reader.heard[-1].buttons for button in row)
    said = reader.say("把这几本加进我的订单")
    assert "一张订单最多 3 本" in said and "另下一单" in said and held(service, placed) == 3


def test_a_cart_larger_than_an_order_now_holds_is_said_with_the_way_out(service: Service) -> None:
    """B5, B2-12: before the price is shown, not after the yes; the books stay in the cart."""
    reader = Person(service).trusted()
    fill(service, reader, 4)
    service = replace(service, policy=replace(service.policy, lending=replace(service.policy.lending, cart_size=3)))
    reader.service = service
    reader.say("去下单")
    reader.tap("到馆自取")
    said = reader.press(f"w:counter:{service.store.db.value('SELECT MIN(id) FROM points WHERE kind = :k', k='branch')}")
    assert "一张订单最多 3 本，借书车里有 4 本：先拿出 1 本" in said
    assert [button.label for row in reader.heard[-1].buttons for button in row][:1] == ["借书车"]


# ---- days, make and money before the yes, as of an order of its own --------------------------------------------------


def test_the_days_the_make_and_what_being_late_costs_are_said_before_the_yes(service: Service) -> None:
    """A7-2, B2-12: a disc joined the order as if it were a book."""
    service = replace(service, policy=load_policy("hangzhou"))
    reader = Person(service).trusted()
    order(service, reader, 1)
    a_disc_beside(service, "围城")
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'damaged' WHERE material = 'book' AND title_id = "
               "(SELECT id FROM titles WHERE title = '围城')")  # fmt: skip
    reader.say("把围城加入借书车")
    card = reader.say("加进订单")
    assert "《围城》是光盘。" in card and "取到书起可借 10 天，可续借 1 次、每次 7 天" in card
    assert late_words.beforehand(Words("zh_Hans"), service.policy) in card
    assert "加进了订单" in reader.tap("确认加进去")


def test_a_disc_that_would_come_in_place_of_the_book_is_asked_about_first(service: Service) -> None:
    me, other = Person(service).trusted(), Person(service, "other").trusted()
    placed = order(service, me, 1)
    a_disc_beside(service, "围城")
    me.say("把围城加入借书车")
    assert "光盘" not in me.say("加进订单")
    other.say("围城")
    other.tap("借这本")
    other.press("w:counter:1")
    assert "收到了" in other.tap("确认下单")
    said = me.tap("确认加进去")
    assert "换上来的一册是光盘，还没有加进去" in said and "《围城》是光盘。" in said and held(service, placed) == 1
    assert "加进了订单" in me.tap("确认加进去")


def test_days_that_become_fewer_before_the_yes_are_asked_about_first(service: Service) -> None:
    me = Person(service).trusted()
    order(service, me, 1)
    special_terms.register(service.store.db, me.reader_id, service.policy, service.clock.now())
    fill(service, me, 1)
    more = service.policy.lending.loan_days + service.policy.special.loan_days_more
    assert f"可借 {more} 天" in me.say("加进订单")
    special_terms.end(service.store.db, me.reader_id, service.policy, service.clock.now())
    said = me.tap("确认加进去")
    assert "借期刚刚变了，还没有加进去" in said and f"可借 {service.policy.lending.loan_days} 天" in said
    assert "加进了订单" in me.tap("确认加进去")


def test_more_books_than_have_buttons_are_reached_by_words_and_that_is_said(service: Service) -> None:
    me = Person(service).trusted()
    titles = service.store.db.all("SELECT DISTINCT title_id FROM copies WHERE state = 'available' ORDER BY title_id LIMIT 9")
    with service.store.writing() as db:
        for row in titles:
            db.run("INSERT INTO cart_items VALUES (:r, :t, '2026-11-20T02:00:00Z')", r=me.reader_id, t=row["title_id"])
    assert "说「移出第9本」" in me.say("借书车")
    assert "移出" in me.say("移出第9本")
    assert len(cart.items(service.store.db, me.reader_id)) == 8 and "第9本" not in me.say("借书车")
