"""Orders as a reader hears of them: looked at by a person, late, short of a book, cancelled (D-1, E1-10, E3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import notify
from bot.service import Service
from bot.texts import Words
from lending import checkouts, closings, copy_states, loans, missing_copies, orders, parcels, special_terms, tracking
from lending.errors import UnknownThing
from lending.model import Fulfilment, library_day, start_of_day
from lending.orders import Order
from lending.policy import load_policy
from lending.stock import CopyEntry, store_copies
from lending.tracking import Word
from tests.talking import Person, advance, pass_time


@pytest.fixture
def reader(service: Service) -> Person:
    return Person(service).trusted()


def order(service: Service, reader: Person, books: int, way: str = "counter") -> Order:
    """An order of so many different books, placed without talking about each."""
    db, now = service.store.db, service.clock.now()
    titles = db.all(
        "SELECT title_id FROM copies GROUP BY title_id HAVING COUNT(*) = 1 AND MAX(state) = 'available' "
        "ORDER BY title_id LIMIT :n", n=books,
    )  # fmt: skip
    with service.store.writing() as door:
        door.run("UPDATE readers SET name = '林书', phone = '13800000000', address = '春风路8号', zone = 'city'")
        for row in titles:
            door.run(
                "INSERT INTO cart_items VALUES (:r, :t, '2026-11-20T02:00:00Z')", r=reader.reader_id, t=row["title_id"]
            )
    kind = {"counter": "branch"}.get(way, way)
    point = db.value("SELECT MIN(id) FROM points WHERE kind = :kind", kind=kind)
    return orders.place(db, reader.reader_id, Fulfilment(way), point, f"{books} {way}", service.policy, now)


def tell(service: Service, reader: Person) -> str:
    notify.tell(service.store, service.policy, service.clock.now())
    return reader.listen()



def test_a_locker_that_no_longer_fits_on_the_first_page_can_be_chosen(reader: Person) -> None:
    """A9-6: capacity is known of every locker, so every one can be had."""
    reader.say("围城")
    reader.say("借第1本")
    assert "在哪里取" in reader.tap("更多取书点")
    assert "取书：莲塘社区智能借书柜" in reader.tap("莲塘社区智能借书柜")


def test_a_large_order_says_why_a_person_looks_and_until_when(service: Service, reader: Person) -> None:
    """E1-10, A10-13."""
    placed = order(service, reader, 6)
    said = reader.press(f"order:{placed.number}")
    assert "待审核" in said and "· 承诺 11月20日（周五） 14:00 前答复" in said
    assert orders.why_reviewed(service.store.db, placed.id) == ["books"]


def test_an_order_that_waits_is_found_behind_many_newer_ones(service: Service, reader: Person) -> None:
    """Who has ordered and called off a dozen others since is still told of the one at the counter, and its code."""
    kept = order(service, reader, 1)
    advance(service, kept, "pick", "pack", "shelve")
    with service.store.writing() as db:
        for n in range(12):
            db.run(
                "INSERT INTO orders (number, reader_id, request_key, state, fulfilment, point_id, address, fee_fen, "
                "return_fee_fen, promised_at, policy, placed_at, changed_at) SELECT 'SX261120-9' || :n, reader_id, "
                "'k' || :n, 'cancelled', fulfilment, point_id, address, 0, 0, promised_at, policy, placed_at, "
                "changed_at FROM orders WHERE id = :o",
                n=n, o=kept.id,
            )  # fmt: skip
    reader.listen()
    for asked in ("我的订单", "取书码是多少", "书留到几点"):
        assert kept.number in reader.say(asked), asked


def test_a_refusal_brings_its_reason_and_a_person_to_ask(service: Service, reader: Person) -> None:
    """A10-13: 审核不通过 with the reason the reader sees."""
    placed = order(service, reader, 6)
    now = service.clock.now()
    orders.advance(service.store.db, placed.id, "refuse", "staff:小信", service.policy, now, "这几本正在修补")
    said = tell(service, reader)
    assert "这次没有通过：这几本正在修补" in said and reader.action("转人工") == "i:escalate"
    assert "审核不通过" in reader.press(f"order:{placed.number}")


def test_a_review_past_its_clock_is_apologised_for_and_paid(service: Service, reader: Person) -> None:
    """D-1, E1-10."""
    placed = order(service, reader, 6)
    pass_time(service, hours=5)
    said = reader.listen()
    assert f"订单 {placed.number} 我们还没看完" in said and "对不起" in said and "加了 2 分" in said
    assert "承诺 11月20日（周五） 14:00 前答复：晚了，对不起" in reader.press(f"order:{placed.number}")
    assert "+2" in reader.say("我的信用")


def test_a_late_order_is_delivered_free_and_said_so_once(service: Service, reader: Person) -> None:
    """D-1, B2-4."""
    order(service, reader, 4, "delivery")
    pass_time(service, days=2)
    said = reader.listen()
    assert said.count("没有在答应您的时间备好") == 1 and "运费 ¥4 免了" in said
    pass_time(service, hours=1)
    assert reader.listen() == ""


def test_what_is_late_at_night_is_told_in_the_morning(service: Service, reader: Person) -> None:
    """C5-6: nobody is woken by an apology."""
    placed = order(service, reader, 1)
    with service.store.writing() as db:
        night = placed.placed_at + timedelta(hours=12)
        db.run("UPDATE orders SET pack_by = :n, promised_at = '2026-12-30T02:00:00Z'", n=f"{night:%Y-%m-%dT%H:%M:%SZ}")
    pass_time(service, hours=13)
    assert reader.listen() == ""
    pass_time(service, hours=10)
    assert "打包比答应您的时间晚了" in reader.listen()


def test_where_an_order_is_says_by_when_it_will_be_ready(service: Service, reader: Person) -> None:
    """In one message (C3), for as long as it is not there."""
    placed = order(service, reader, 1)
    said = reader.say("我的书怎么还没到")
    assert placed.number in said and "前备好" in said
    advance(service, placed, "pick", "pack", "shelve")
    reader.listen()
    assert "前备好" not in reader.say("我的订单") and "取书码" in reader.heard[-1].text


def test_a_kept_promise_stands_there_as_kept(service: Service, reader: Person) -> None:
    placed = advance(service, order(service, reader, 1), "pick", "pack")
    assert "前打包：做到了" in reader.press(f"order:{placed.number}")


def test_books_moved_on_to_a_counter_that_is_closed_wait_there_from_its_reopening(
    service: Service, reader: Person
) -> None:
    """B2-9: nobody is sent to a shut door, and the days there begin when it opens."""
    db, placed = service.store.db, advance(service, order(service, reader, 1, "locker"), "pick", "pack", "load")
    over = library_day(placed.pickup_until or service.clock.now()) + timedelta(days=1)
    first, last = over, over + timedelta(days=6)
    closings.declare(db, None, first, last, "维修", "馆员", service.policy, service.clock.now())
    service.clock.moment = start_of_day(over) + timedelta(hours=10)  # type: ignore[attr-defined]
    reader.listen()
    pass_time(service)
    said, until = reader.listen(), library_day(reader.last_order().pickup_until or service.clock.now())
    words = Words("zh_Hans")
    assert f"{words.day(start_of_day(last + timedelta(days=1)))} 10:00 起可取" in said
    assert (until - last).days == 1 + service.policy.lockers.counter_days


def test_a_missing_book_is_said_with_what_becomes_of_the_rest_and_ways_on(service: Service, reader: Person) -> None:
    """部分完成: E3; a refusal always offers the next step."""
    placed = order(service, reader, 5, "delivery")
    book = orders.books(service.store.db, placed.id)[0]
    missing_copies.report(
        service.store.db, placed.number, book["copy_id"], "lost", "staff:小信", service.policy, service.clock.now()
    )
    said = tell(service, reader)
    assert f"《{book['title']}》在架上没有找到" in said and "其余 4 本照常" in said
    assert "运费改为 ¥4，少收 ¥1" in said and "已为您预约，排第 1 位" in said
    assert reader.action("类似") == f"same:{book['title_id']}"
    shown = reader.press(f"order:{placed.number}")
    assert f"没有找到：《{book['title']}》" in shown and shown.count(book["title"]) == 1
    assert "没有预约" not in reader.say("我的预约")


def test_a_broken_book_is_not_said_to_be_missing_and_the_last_copy_is_said_to_be_the_last(
    service: Service, reader: Person
) -> None:  # fmt: skip
    placed = order(service, reader, 2, "delivery")
    book, db = orders.books(service.store.db, placed.id)[0], service.store.db
    with service.store.writing() as door:
        door.run(
            "UPDATE copies SET state = 'withdrawn' WHERE title_id = :t AND id <> :c", t=book["title_id"], c=book["copy_id"]
        )
    missing_copies.report(
        db, placed.number, book["copy_id"], "damaged", "staff:小信", service.policy, service.clock.now()
    )
    said = tell(service, reader)
    assert f"《{book['title']}》破损得不能借给您了" in said and "没有找到" not in said
    assert f"《{book['title']}》馆里没有别的册了" not in said, "it may be mended"
    copy_states.step(db, book["barcode"], "withdraw", "小信", service.policy, service.clock.now())
    other = orders.books(db, placed.id)[0]
    with service.store.writing() as door:
        door.run(
            "UPDATE copies SET state = 'withdrawn' WHERE title_id = :t AND id <> :c",
            t=other["title_id"], c=other["copy_id"],
        )  # fmt: skip
    missing_copies.report(db, placed.number, other["copy_id"], "lost", "staff:小信", service.policy, service.clock.now())
    said = tell(service, reader)
    assert f"《{other['title']}》馆里没有别的册了" in said
    assert reader.action("请馆里再买一本") == f"rebuy:{other['title_id']}"


def test_two_missing_books_are_one_message(service: Service, reader: Person) -> None:
    """B2-5."""
    placed = order(service, reader, 4)
    for book in orders.books(service.store.db, placed.id)[:2]:
        missing_copies.report(
            service.store.db, placed.number, book["copy_id"], "lost", "staff:小信", service.policy, service.clock.now()
        )
    said = tell(service, reader)
    assert said.count("在架上没有找到") == 1 and "其余 2 本" in said


def test_cancelling_works_until_it_is_shipped_and_says_so_after(service: Service, reader: Person) -> None:
    placed = advance(service, order(service, reader, 1, "delivery"), "pick", "pack")
    assert "确定取消" in reader.say("取消订单")
    assert "已取消" in reader.say("确认")
    other = advance(service, order(service, reader, 2, "delivery"), "pick", "pack", "ship")
    reader.listen()
    assert "没有可以取消的订单" in reader.say("取消订单")
    assert "做不了了" in reader.press(f"cancel!:{other.number}")
    assert "已取消" in reader.press(f"cancel!:{placed.number}"), "again is the same answer"


def test_an_old_press_of_confirm_promises_nothing_for_an_order_that_has_ended(
    service: Service, reader: Person
) -> None:
    placed = order(service, reader, 1)
    with service.store.writing() as db:
        db.run("UPDATE orders SET request_key = :k", k=f"{reader.reader_id}:old")
    for _ in range(2):
        again = reader.press("ok:old")
        assert f"订单 {placed.number} 已经收到了，只下了一单" in again and "谢谢您的信任" not in again, "said briefly"
    with service.store.writing() as db:
        orders.advance(db, placed.id, "cancel", "staff:小信", service.policy, service.clock.now(), "书被雨淋了")
    said = reader.press("ok:old")
    assert "现在是「已取消」" in said and "谢谢您的信任" not in said and placed.number in said


def test_a_cancelled_order_offers_its_books_again_and_takes_them_only_when_asked(
    service: Service, reader: Person
) -> None:
    order(service, reader, 2)
    reader.say("取消订单")
    assert "已取消" in reader.say("确认")
    assert "还没有书" in reader.say("借书车")
    reader.press(f"cancel!:{reader.last_order().number}")
    said = reader.tap("把书放回借书车")
    assert "放进借书车了" in said and "这 2 本怎么取" in said
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'withdrawn' WHERE title_id = (SELECT MIN(title_id) FROM cart_items)")
        db.run("DELETE FROM cart_items")
    cancelled = reader.last_order().number
    said = reader.press(f"again:{cancelled}")
    assert "放进借书车了" in said and "这 1 本怎么取" in said, "one of them is not to be had any more"
    with service.store.writing() as db:
        db.run("DELETE FROM cart_items")
    placed = order(service, reader, 1)
    assert placed.number in reader.press(f"again:{placed.number}"), "an order that stands is shown"


def test_not_wanted_any_more_says_that_the_order_stands_and_how_to_end_it(service: Service, reader: Person) -> None:
    placed = order(service, reader, 1)
    assert "订单还在" in reader.say("不要了")
    assert "确定取消" in reader.tap("取消订单") and placed.number in reader.heard[-1].text
    assert "已取消" in reader.say("确定取消")
    assert "订单还在" not in reader.say("不要了")


@pytest.fixture
def choosing(service: Service) -> Person:
    """At the order's confirmation, with a locker chosen."""
    person = Person(service).trusted()
    person.say("围城")
    person.tap("借这本")
    person.tap("云栖站智能借书柜")
    return person


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("换一个取书点", "怎么取"), ("换个取书点", "怎么取"), ("换种方式取", "怎么取"), ("换成书柜", "怎么取"),
        ("改成竹影", "取书：竹影科技园智能借书柜"), ("不去这个，去晴岚医院吧", "取书：晴岚医院智能借书柜"),
        ("还是去望川区分馆取吧", "取书：望川区分馆"), ("还是送到家吧", "送到哪个区"), ("那送到家吧", "送到哪个区"),
        ("我想自己去取", "到哪个馆取"), ("地址不对", "送到哪个区"), ("换成活着", "《活着》"), ("不要云栖站，要晴岚医院", "取书：晴岚医院智能借书柜"),
        ("我要竹影科技园", "取书：竹影科技园智能借书柜"), ("我要活着", "《活着》"), ("随便哪个柜子都行", "怎么取"),
        ("就是放到那个晴岚医院的柜子里面", "取书：晴岚医院智能借书柜"),
    ],
)  # fmt: skip
def test_another_way_or_place_is_gone_to_before_the_order_is_confirmed(
    choosing: Person, said: str, answered: str
) -> None:
    assert answered in choosing.say(said)


def test_a_whole_letter_is_no_change_of_place(choosing: Person) -> None:
    assert "取书：竹影" not in choosing.say("那就" * 40 + "改成竹影")


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("I'd rather pick it up at Yunqi station", "Book locker, Yunqi Station"),
        ("Actually, can I collect it from the Zhuying Science Park locker instead?", "Zhuying Science Park"),
        ("change to Qinglan Hospital", "Book locker, Qinglan Hospital"),
        ("I'll get it from the Central Library", "Yunqi City Library, Central Library"),
        ("can I collect it from the main library instead", "How would you like"),
        ("change to home delivery", "Which district"), ("I'd rather have it delivered", "Which district"),
        ("deliver it to my home instead", "Which district"), ("actually no, self pickup", "Which branch"),
        ("The Great Gatsby", "《The Great Gatsby》"), ("change to The Great Gatsby", "《The Great Gatsby》"),
        ("let's do the science park", "Zhuying Science Park"),
        ("ok the locker at yunqi station", "Book locker, Yunqi Station"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("asked", [False, True])
def test_another_way_or_place_is_understood_in_english_too(
    choosing: Person, said: str, answered: str, asked: bool
) -> None:
    choosing.say("English")
    choosing.say("home delivery" if asked else "check out")
    assert answered in choosing.say(said)


@pytest.mark.parametrize("said", ["那去云栖站取吧", "算了，去云栖站取吧", "改成云栖站"])
def test_a_place_of_ours_is_no_answer_to_where_the_courier_should_go(choosing: Person, said: str) -> None:
    choosing.say("送到家")
    assert "取书：云栖站智能借书柜" in choosing.say(said)


def test_a_place_named_after_another_way_was_chosen_is_that_place(choosing: Person) -> None:
    """The question for an address ends with the way it was asked for."""
    choosing.say("送到家")
    choosing.say("还是自取")
    assert "取书：望川区分馆" in choosing.say("望川")
    choosing.say("活着")
    assert "取书：望川区分馆" in choosing.say("确认下单"), "the button has gone: all is said once more"
    assert "收到了" in choosing.say("好的")


def test_the_district_is_heard_in_the_language_it_is_shown_in(choosing: Person) -> None:
    choosing.say("English")
    choosing.say("home delivery")
    assert "Tingquan District" in choosing.say("Tingquan district")
    assert "Please confirm" in choosing.say("Ann Lee, 13800000000, 8 Chunfeng Road")
    choosing.tap("Change")
    choosing.say("home delivery")
    assert "Ann Lee 13800000001" in choosing.say("Ann Lee, 13800000001, 8 Chunfeng Road, Zhuying District")


def test_a_wrong_number_is_put_right_and_any_other_part_is_written_anew(choosing: Person) -> None:
    for said in ("送到家", "听泉区", "李明 13800000000 春风路8号3单元201"):
        choosing.say(said)
    assert "送到 李明 13911112222 听泉区 春风路8号3单元201" in choosing.say("电话写错了，是13911112222")
    assert "送到哪个区" in choosing.say("门牌号写错了，是202")


@pytest.mark.parametrize("said", ["改成送到家", "能改地址吗", "换个取书点", "换成竹影", "还是换个方式吧", "地址写错了"])
def test_a_change_of_mind_after_ordering_names_the_order_and_what_can_be_done(choosing: Person, said: str) -> None:
    choosing.tap("确认下单")
    number = choosing.last_order().number
    told = choosing.say(said)
    assert number in told and "《围城》" in told and "先取消再重新借" in told
    assert choosing.action("取消") == f"cancel:{number}" and choosing.action("转人工") == "i:escalate"


def test_what_is_in_the_locker_already_is_for_a_librarian_to_change(service: Service, choosing: Person) -> None:
    choosing.tap("确认下单")
    advance(service, choosing.last_order(), "pick", "pack", "load")
    choosing.listen()
    assert "请馆员看看能不能换" in choosing.say("换个取书点")
    assert not any(button.label.startswith("取消") for row in choosing.heard[-1].buttons for button in row)


def test_who_asks_for_another_to_collect_is_told_that_the_code_is_enough(service: Service, choosing: Person) -> None:
    assert "谁就能取" in choosing.say("可以让我老公去拿吗") and "取书码 " not in choosing.heard[-1].text
    choosing.say("自取")
    choosing.say("中心馆")
    choosing.say("确认下单")
    code = advance(service, choosing.last_order(), "pick", "pack", "shelve").pickup_code
    choosing.listen()
    assert f"取书码 {code}" in choosing.say("能让家人代取吗")


def test_whether_it_is_ordered_is_answered_by_the_order(service: Service, choosing: Person) -> None:
    assert "还没有下单，书在借书车里" in choosing.say("下单成功了吗")
    choosing.tap("去下单")
    choosing.tap("云栖站智能借书柜")
    choosing.tap("确认下单")
    for said in ("我下单了吗", "下单成功了吗", "去下单"):
        assert choosing.last_order().number in choosing.say(said)
    assert "借书车里还没有书" in Person(service, "another").say("去下单")


def test_books_given_back_before_the_message_went_out_are_not_said_to_be_due(service: Service, reader: Person) -> None:
    """B2-7: what is no longer true is not said."""
    db, now = service.store.db, service.clock.now()
    placed = advance(service, order(service, reader, 1), "pick", "pack", "shelve")
    pass_time(service, hours=1)
    orders.advance(db, placed.id, "collect", "馆员", service.policy, now)
    reader.listen()
    [book] = orders.books(db, placed.id)
    loans.check_in(db, book["barcode"], placed.point_id or 0, service.policy, now)
    pass_time(service, hours=1)
    said = reader.listen()
    assert "已在" in said and "归还" in said and "借到了" not in said


def test_one_of_two_parcels_has_come_and_only_its_books_are_said_to_have(service: Service, reader: Person) -> None:
    """A1-8: each parcel has its own button; an older one, which names the order alone, asks which it is."""
    db, now = service.store.db, service.clock.now
    placed = order(service, reader, 6, "delivery")
    advance(service, placed, "approve", "pick", "pack", "ship")
    one, two = parcels.of_order(db, placed.id)
    first, second = (
        [book["title"] for book in orders.books(db, placed.id) if book["parcel_id"] == parcel.id]
        for parcel in (one, two)
    )
    tracking.hear(db, two.tracking, [Word("at_pickup_point", now(), "驿站")], "courier", service.policy, now())
    assert "驿站" in tell(service, reader) and reader.action("我拿到了") == f"got:{placed.number}:{two.id}"

    old = f"got:{placed.number}"
    asked = reader.press(old)
    assert "哪一个包裹" in asked and one.tracking in asked and loans.of_reader(db, reader.reader_id) == []
    said = reader.tap("我拿到了包裹 2")
    assert all(title in said for title in second) and not any(f"《{title}》" in said for title in first)
    assert len(loans.of_reader(db, reader.reader_id)) == 3
    assert "借期从现在算起" not in reader.press(f"got:{placed.number}:{two.id}"), "it began when it was said first"

    pass_time(service, hours=3)
    reader.press(old)
    assert "借期从现在算起" in reader.tap("我拿到了包裹 1")
    assert reader.last_order().state is orders.OrderState.DONE
    assert "已签收" in reader.press(old) and len(loans.of_reader(db, reader.reader_id)) == 6
    assert "没有找到" in reader.press(f"got:{placed.number}:99")


@pytest.mark.parametrize(("state", "heard"), [("returned", "有一个包裹退回图书馆了"), ("lost", "有一个包裹在路上丢了")])
@pytest.mark.parametrize("last", [True, False])
def test_one_of_two_parcels_did_not_come_and_its_books_are_named_once(
    service: Service, reader: Person, state: str, heard: str, last: bool
) -> None:  # fmt: skip
    """E3: what had come is not told again, and nobody goes on waiting for what went back."""
    db, now = service.store.db, service.clock.now
    placed = order(service, reader, 6, "delivery")
    advance(service, placed, "approve", "pick", "pack", "ship")
    come, gone = parcels.of_order(db, placed.id)
    inside = {
        parcel.id: [book["title"] for book in orders.books(db, placed.id) if book["parcel_id"] == parcel.id]
        for parcel in (come, gone)
    }
    tell(service, reader)
    said = []
    for parcel, word in ((come, "signed"), (gone, state)) if last else ((gone, state), (come, "signed")):
        pass_time(service, hours=2)
        tracking.hear(db, parcel.tracking, [Word(word, now())], "courier", service.policy, now())
        said.append(tell(service, reader))
    arrived, missed = said if last else reversed(said)
    assert ("丢了的这部分 ¥3 也由图书馆出，您只付 ¥3" in missed) == (state == "lost"), "the fee too"
    assert "借到了" in arrived and all(f"《{title}》" in arrived for title in inside[come.id])
    assert not any(f"《{title}》" in arrived for title in inside[gone.id])
    assert heard in missed and all(f"《{title}》" in missed for title in inside[gone.id])
    assert "借到了" not in missed and not any(f"《{title}》" in missed for title in inside[come.id])
    assert missed.count("包裹") == 1, "once"
    assert reader.last_order().state is orders.OrderState.DONE
    shown = reader.press(f"order:{placed.number}").splitlines()
    [line] = [one for one in shown if gone.tracking in one]
    assert all(f"《{title}》" in line for title in inside[gone.id])


@pytest.mark.parametrize("words", ["我拿到了", "书收到了，谢谢", "快递已经收到啦", "签收了", "I have received my books"])
def test_that_a_parcel_has_come_can_be_said_in_words(service: Service, reader: Person, words: str) -> None:
    """A1-8: the reader's own word is proof of receipt, whether or not the button still stands there."""
    placed = order(service, reader, 1, "delivery")
    advance(service, placed, "pick", "pack", "ship")
    reader.listen()
    reader.say("活着")
    assert "借期从现在算起" in reader.say(words)
    assert len(loans.of_reader(service.store.db, reader.reader_id)) == 1
    assert not reader.say(words).startswith("没有完全对上"), "said again, it is no title"


def test_which_of_two_parcels_has_come_is_asked(service: Service, reader: Person) -> None:
    first, second = (order(service, reader, n, "delivery") for n in (1, 2))
    for placed in (first, second):
        advance(service, placed, "pick", "pack", "ship")
    said = reader.say("书收到了")
    assert first.number in said and second.number in said
    assert loans.of_reader(service.store.db, reader.reader_id) == []


def test_an_old_confirmation_of_books_taken_long_since_promises_nothing_more(service: Service, reader: Person) -> None:
    """B2-2: the same order, as it stands now; no box is kept any more."""
    reader.say("围城")
    reader.tap("借这本")
    reader.tap("云栖站智能借书柜")
    action = reader.action("确认下单")
    first = reader.press(action)
    again = reader.press(action)
    assert "格口 S01" in first and "已经收到了，只下了一单" in again and "审核通过" in again
    placed = advance(service, reader.last_order(), "pick", "pack", "load", "collect")
    said = reader.press(action)
    assert placed.number in said and "现在是「完成」" in said and "格口" not in said


def test_a_cancelled_order_promises_nothing_any_more(service: Service, reader: Person) -> None:
    """D-1: what was kept stays in sight; what was not due yet is no promise of books that nobody brings."""
    placed = order(service, reader, 1)
    reader.press(f"cancel!:{placed.number}")
    said = reader.press(f"order:{placed.number}")
    assert "已取消" in said and "承诺" not in said and "中心馆" not in said
    other = Person(service, "other").trusted()
    packed = advance(service, order(service, other, 2), "pick", "pack")
    other.press(f"cancel!:{packed.number}")
    said = other.press(f"order:{packed.number}")
    assert "前打包：做到了" in said and "前备好" not in said


def test_before_ordering_a_disc_its_own_days_are_told(service: Service) -> None:
    """B5, B2-12: in Hangzhou a disc is lent for 10 days and renewed for 7, a book for 40 and 15."""
    me = Person(replace(service, policy=load_policy("hangzhou"))).trusted()
    with service.store.writing() as db:
        db.run("UPDATE copies SET material = 'disc' WHERE title_id = (SELECT id FROM titles WHERE title = '围城')")
    for title in ("围城", "边城"):
        me.say(title)
        me.tap("借这本")
    me.tap("到馆自取")
    said = me.say("1")
    assert "《围城》：取到书起可借 10 天，可续借 1 次、每次 7 天。" in said
    assert "《边城》：取到书起可借 40 天，可续借 1 次、每次 15 天。" in said


def a_disc_beside(service: Service, title: str) -> None:
    """One printed copy of the title, and a disc of it that goes only where the book has gone."""
    with service.store.writing() as db:
        of = "title_id = (SELECT id FROM titles WHERE title = :t)"
        db.run(f"DELETE FROM copies WHERE {of} AND id > (SELECT MIN(id) FROM copies WHERE {of})", t=title)
        (book,) = db.all(f"SELECT title_id, point_id FROM copies WHERE {of}", t=title)
        store_copies(db, [CopyEntry("DISC-1", book["title_id"], book["point_id"], material="disc")])


@pytest.mark.parametrize(("pack", "days"), [("hangzhou", "可借 10 天"), ("suzhou", "可借 40 天")])
def test_a_disc_that_would_go_in_place_of_the_book_agreed_to_is_asked_about_first(
    service: Service, pack: str, days: str
) -> None:
    """B2-12: the book was quoted and somebody else took it before the yes; what a reader agreed to is what they get."""
    service = replace(service, policy=load_policy(pack))
    me, other = Person(service).trusted(), Person(service, "other").trusted()
    a_disc_beside(service, "围城")
    for one in (me, other):
        one.say("围城")
        one.tap("借这本")
        one.tap("到馆自取")
        assert "光盘" not in one.say("1")
    assert "收到了" in other.say("确认")
    said = me.say("确认")
    assert "《围城》刚才那一册被别人借走了，换上来的一册是光盘，还没有下单。" in said
    assert "《围城》是光盘。" in said and days in said
    with pytest.raises(UnknownThing):
        orders.by_number(service.store.db, "SX261120-0002")
    assert "SX261120-0002 收到了" in me.say("确认")


def test_another_copy_of_the_same_make_goes_without_asking(service: Service) -> None:
    me, other = Person(service).trusted(), Person(service, "other").trusted()
    for one in (me, other):
        one.say("围城")
        one.tap("借这本")
        one.tap("到馆自取")
        one.say("1")
    assert "收到了" in other.say("确认") and "收到了" in me.say("确认")


def test_days_that_become_fewer_before_the_yes_are_asked_about_first(service: Service) -> None:
    """A10-3: quoted with the days of a reader for whom coming is hard, who is registered as one no more."""
    me = Person(service).trusted()
    special_terms.register(service.store.db, me.reader_id, service.policy, service.clock.now())
    me.say("围城")
    me.tap("借这本")
    me.tap("到馆自取")
    more = service.policy.lending.loan_days + service.policy.special.loan_days_more
    assert f"可借 {more} 天" in me.say("1")
    special_terms.end(service.store.db, me.reader_id, service.policy, service.clock.now())
    said = me.say("确认")
    assert "借期刚刚变了，还没有下单" in said and f"可借 {service.policy.lending.loan_days} 天" in said
    assert "收到了" in me.say("确认")


@pytest.mark.parametrize("words", ["没送到", "书还没有送到", "还没送到呢", "没有收到"])
@pytest.mark.parametrize("steps", [(), ("pick", "pack"), ("pick", "pack", "ship")])
def test_that_it_has_not_come_is_answered_with_where_it_is(
    service: Service, reader: Person, words: str, steps: tuple[str, ...]
) -> None:
    """The order on its way to the door, whatever stands between; with another one, all of them."""
    placed = order(service, reader, 1, "delivery")
    if steps:
        advance(service, placed, *steps)
    tell(service, reader)
    said = reader.say(words)
    assert placed.number in said and "没有找到" not in said
    order(service, reader, 2)
    assert placed.number in reader.say(words), "the other one is fetched by oneself"


def test_one_scan_lends_the_whole_order_and_every_book_is_told_with_its_own_day(service: Service, reader: Person) -> None:
    """One date was told for all of them, the first one's (D-2): the others were late by it, or feared to be."""
    db, now = service.store.db, service.clock.now
    placed = advance(service, order(service, reader, 3), "pick", "pack", "shelve")
    inside = orders.books(db, placed.id)
    with service.store.writing() as door:  # said yes to under kinder rules
        door.run("UPDATE order_items SET told_loan_days = 60 WHERE copy_id = :c", c=inside[1]["copy_id"])
    tell(service, reader)
    lent = checkouts.check_out(db, inside[0]["barcode"], reader.reader_id, service.policy, now())
    assert lent.books == 3
    said = tell(service, reader)
    for loan in loans.of_reader(db, reader.reader_id):
        assert f"《{loan.title}》{Words('zh_Hans', now().year).day(loan.due_at)} 到期" in said
    assert "借到了" in said and len({loan.due_at for loan in loans.of_reader(db, reader.reader_id)}) == 2
