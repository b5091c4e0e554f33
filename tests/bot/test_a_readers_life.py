"""One thing meets another in a reader's life: each feature is true alone; these are the places where two of them cross."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot import contacts, escalations, linking, notify
from bot.channels import TransportError
from bot.deliver import Deliverer
from bot.events import Reply
from bot.pacer import Pacer
from bot.service import Service
from lending import credit, entries, freezes, holds, loans
from lending.entries import Entry
from tests.bot.test_family import authorise
from tests.bot.test_guardians import added, borrow_for
from tests.bot.test_linking import code, lend
from tests.talking import Person, advance, pass_time


class Blocked:
    """Telegram, where the reader has blocked us."""

    name = "telegram"

    def send(self, address: str, reply: Reply, edits: str | None) -> str:
        """Never."""
        raise TransportError("403: bot was blocked by the user", permanent=True)


def send(service: Service) -> None:
    """What waits for Telegram is tried, as the worker tries it."""
    now = service.clock.now
    sender = Deliverer(
        service.store, Blocked(), now, Pacer(1000, chat_seconds=0),
        prepare=notify.look_again(service.policy, now),
        unreachable=lambda db, channel, address: linking.blocked(db, channel, address, now),
    )  # fmt: skip
    sender.step()
    sender.close()


def freeze(service: Service, person: Person) -> None:
    """So many points lost that borrowing is paused."""
    policy, now, me = service.policy, service.clock.now(), person.reader_id
    with service.store.writing() as db:
        line = entries.append(db, me, Entry("damaged", "loan:0", "A6-5", -200), policy, now)
        freezes.begin_if_below(db, me, line, -200, policy, now)
    assert credit.frozen_until(service.store.db, me, now)


def near_the_end(service: Service, person: Person, days: int) -> None:
    """Ten in the morning, so many days before the first book at home is due."""
    first = loans.of_reader(service.store.db, person.reader_id)[0]
    pass_time(service, days=first.days_left(service.clock.now()) - days)


# ---- several chats ---------------------------------------------------------------------------------------------------


def test_what_a_blocked_chat_refuses_is_said_in_the_readers_other_one(service: Service, me: Person) -> None:
    """A pick-up code must not lie unread while the page of the same reader stands open."""
    web, phone = me.trusted(), Person(service, "another", "telegram").trusted()
    phone.say(code(web))
    phone.tap("连上")
    service.clock.moment += timedelta(minutes=1)  # type: ignore[attr-defined]
    borrow(service, phone)
    web.listen()
    with service.store.writing() as db:
        db.run("UPDATE outbox SET state = 'sent' WHERE channel = 'telegram'")  # all that was answered so far
    advance(service, phone.last_order(), "pick", "pack", "shelve")
    assert "放到取书架了" not in web.listen()
    send(service)
    assert "放到取书架了" in web.listen()
    assert service.store.db.value("SELECT COUNT(*) FROM outbox WHERE state <> 'sent'") == 0


def borrow(service: Service, person: Person, title: str = "围城") -> None:
    """One book, fetched at a branch."""
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    person.press(f"b:{service.store.db.value('SELECT id FROM titles WHERE title = :t', t=title)}")
    person.press(f"w:counter:{branch}")
    person.say("确认")


def test_a_reader_with_one_chat_is_listed_for_the_librarian_as_before(service: Service) -> None:
    Person(service, "another", "telegram").say("你好")
    send(service)
    assert service.store.db.value("SELECT COUNT(*) FROM outbox WHERE state = 'failed'") == 1
    assert service.store.db.value("SELECT reachable FROM contacts WHERE channel = 'telegram'") == 0


def told_into_the_void(service: Service) -> Person:
    """A reader whose only chat has refused 「书到了」."""
    me = Person(service, "another", "telegram").trusted()
    borrow(service, me)
    with service.store.writing() as db:
        db.run("UPDATE outbox SET state = 'sent' WHERE channel = 'telegram'")
    advance(service, me.last_order(), "pick", "pack", "shelve")
    pass_time(service, minutes=service.policy.promise.tell_ready_minutes)
    send(service)
    return me


@pytest.mark.parametrize("unblocked", [True, False])
def test_who_comes_back_after_blocking_us_hears_once_what_waits_for_them(service: Service, unblocked: bool) -> None:
    """「书到了」 was said into the void: the pick-up code is needed when they let us in again, or write."""
    me = told_into_the_void(service)
    assert service.store.db.value("SELECT COUNT(*) FROM outbox WHERE state = 'failed'")
    me.listen()
    if unblocked:
        with service.store.writing() as db:
            contacts.set_reachable(db, "telegram", me.address, True)
        pass_time(service, minutes=1)
        assert me.listen().count("放到取书架了") == 1
    else:
        assert me.say("你好").count("放到取书架了") == 1
    assert service.store.db.value("SELECT COUNT(*) FROM outbox WHERE state = 'failed'") == 0
    assert "放到取书架了" not in me.say("你好")


def test_what_holds_no_more_is_not_said_to_who_comes_back(service: Service) -> None:
    """B2-7: it was fetched meanwhile."""
    me = told_into_the_void(service)
    me.listen()
    advance(service, me.last_order(), "collect")
    assert "放到取书架了" not in me.say("你好")


# ---- reminders -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "told"), [("到期前别提醒我", False), ("提前1天提醒我", False), ("提前5天提醒我", True)])
def test_a_reminder_planned_in_the_night_is_as_the_reader_wants_it_in_the_morning(
    service: Service, me: Person, said: str, told: bool
) -> None:
    lend(service, me.trusted())
    near_the_end(service, me, 4)
    pass_time(service, hours=15)  # one at night: three days are left, and the reminder waits for the morning
    assert "快到期" not in me.listen()
    me.say(said)
    pass_time(service, hours=9)
    assert ("快到期" in me.listen()) is told


def test_books_brought_to_two_places_are_not_said_to_be_at_one(service: Service, me: Person) -> None:
    lend(service, me.trusted(), 2)
    places = service.store.db.all("SELECT id, name FROM points WHERE kind = 'branch' ORDER BY id LIMIT 2")
    for one, place in zip(loans.of_reader(service.store.db, me.reader_id), places, strict=True):
        loans.check_in(service.store.db, one.barcode, place["id"], service.policy, service.clock.now())
    pass_time(service, minutes=1)
    said = me.listen()
    assert all(f"已在{place['name']}归还" in said for place in places)


def test_while_borrowing_is_paused_no_button_offers_to_renew(service: Service, me: Person) -> None:
    lend(service, me.trusted(), 2)
    near_the_end(service, me, 4)
    freeze(service, me)
    pass_time(service, days=1)
    assert "快到期" in me.listen()
    shown = [button.label for row in me.heard[-1].buttons for button in row]
    me.say("我的借阅")
    shown += [button.label for row in me.heard[-1].buttons for button in row]
    assert "怎么还书" in shown and not [label for label in shown if "续借" in label]
    assert "这之前" in me.say("全部续借")


def wait_for(service: Service, reader_id: int, title: str = "活着") -> None:
    """The reader waits for it, and it comes back."""
    db, policy, now = service.store.db, service.policy, service.clock.now()
    found = db.value("SELECT id FROM titles WHERE title = :t", t=title)
    with service.store.writing() as door:
        door.run("UPDATE copies SET state = 'on_loan' WHERE title_id = :t", t=found)
        holds.place(door, reader_id, found, now)
        copy = door.value("SELECT MIN(id) FROM copies WHERE title_id = :t", t=found)
        door.run("UPDATE copies SET state = 'available' WHERE id = :c", c=copy)
        holds.release_copy(door, copy, found, policy, now)
    pass_time(service, minutes=30)


def test_who_may_not_borrow_hears_so_when_the_book_has_come(service: Service, me: Person) -> None:
    """Not only after choosing a way: the days it is kept run on meanwhile, and the place can be kept."""
    freeze(service, me.trusted())
    wait_for(service, me.reader_id)
    said = me.listen()
    assert "《活着》回来了" in said and "现在还借不了：您的信用分是" in said
    assert "位置" in me.tap("先让后面的人")


def test_a_guardian_who_took_consent_back_hears_so_when_the_childs_book_has_come(service: Service) -> None:
    parent = Person(service, "parent").trusted()
    child = added(service, parent)
    wait_for(service, child)
    assert "现在还借不了" in parent.listen()
    assert "小明 的同意书" in parent.tap("请家长同意")


# ---- families --------------------------------------------------------------------------------------------------------


def test_who_may_only_look_is_not_offered_to_renew(service: Service, me: Person) -> None:
    mother = Person(service, "mother").trusted()
    authorise(service, me.trusted(), mother, "see")
    lend(service, me)
    mother.press(f"as:{me.reader_id}:i:show_loans")
    last = [button.label for row in mother.heard[-1].buttons for button in row]
    assert "您借着 1 本书" in mother.heard[-1].text and not [label for label in last if "续借" in label]


def test_who_may_not_see_the_address_is_not_offered_the_courier_and_hears_who_is_told(
    service: Service, me: Person
) -> None:
    mother = Person(service, "mother").trusted()
    authorise(service, me.trusted(), mother, "borrow")
    me.listen()
    mother.press(f"as:{me.reader_id}:b:{service.store.db.value('SELECT id FROM titles WHERE title = :t', t='围城')}")
    shown = [button.label for row in mother.heard[-1].buttons for button in row]
    assert "到馆自取 ¥0" in shown and not [label for label in shown if "送" in label]
    mother.tap("中心馆南门智能借书柜")
    assert "自己的聊天里" in mother.say("确认")
    pass_time(service, minutes=1)
    assert "妈妈替您下了订单" in me.listen()
    assert "妈妈替您下了订单" in me.say("谁替我办过什么")


def test_a_guardian_who_has_not_agreed_yet_agrees_where_they_are_told_so(service: Service) -> None:
    """The way out of the refusal was one more refusal."""
    parent = Person(service, "parent").trusted()
    child = added(service, parent)
    borrow_for(service, parent, child)
    last = [button.label for row in parent.heard[-1].buttons for button in row]
    assert last.count("换回自己") == 1
    assert "小明 的同意书" in parent.tap("请家长同意")
    assert "✓ 借书" in parent.tap("同意：孩子借书")


def test_consent_taken_back_says_what_becomes_of_an_order_on_its_way(service: Service) -> None:
    parent = Person(service, "parent").trusted()
    child = added(service, parent)
    parent.tap("同意：孩子借书")
    borrow_for(service, parent, child)
    parent.press(f"mc:{child}")
    assert "下好的 1 个订单照常送" in parent.tap("收回：孩子借书")
    assert "审核通过" in parent.tap("小明的订单")


# ---- another language, an old button ---------------------------------------------------------------------------------


def test_an_order_goes_on_in_the_language_just_chosen(service: Service, me: Person) -> None:
    me.trusted().press(f"b:{service.store.db.value('SELECT id FROM titles WHERE title = :t', t='围城')}")
    assert "How would you like to get this book?" in me.say("English")
    me.tap("To my home")
    me.press("d:听泉区")
    me.say("李明")
    said = me.say("简体中文")
    assert "还差：手机号" in said and "免押金" not in said
    assert "还差：详细地址" in me.say("13800138000")
    assert "请确认" in me.say("枕流路1号")
    assert "Please confirm" in me.say("English")


def test_what_was_asked_waits_while_the_language_changes(service: Service, me: Person) -> None:
    lend(service, me.trusted())
    me.say("申诉")
    me.tap("11月20日")
    assert me.say("English") == "All right, English from now on."
    assert "Which line" not in me.say("it was late because the bus stopped")
    assert service.store.db.value("SELECT unseal(note) FROM appeals") == "it was late because the bus stopped"


def test_a_name_that_only_sounds_like_books_is_the_recipients(service: Service, me: Person) -> None:
    me.trusted().press(f"b:{service.store.db.value('SELECT id FROM titles WHERE title = :t', t='围城')}")
    me.tap("送到家")
    me.press("d:听泉区")
    assert "记下了：张三" in me.say("张三")


def test_an_old_button_to_cancel_an_order_says_at_once_that_it_is_too_late(service: Service, me: Person) -> None:
    borrow(service, me.trusted())
    advance(service, me.last_order(), "pick", "pack", "shelve", "collect")
    said = me.press(f"cancel:{me.last_order().number}")
    assert "做不了了" in said and "确定取消" not in said


def test_a_yes_to_forget_everything_is_good_for_the_day_it_was_asked(service: Service, me: Person) -> None:
    me.trusted().say("删除我的数据")
    old = me.action("确定删除")
    pass_time(service, days=3)
    me.listen()
    assert "确定删除吗" in me.press(old) and "删好了" not in me.heard[-1].text
    assert "删好了" in me.tap("确定删除")


def test_old_buttons_ask_for_nothing_that_is_over(service: Service, me: Person) -> None:
    """A picture for a case that has ended or a hand-over that came to nothing, an address with no book to fetch."""
    lend(service, me.trusted(), 2)
    first, second = loans.of_reader(service.store.db, me.reader_id)
    me.press(f"case:lost:{first.id}")
    me.say("上门取书")
    me.say(f"转借《{second.title}》")
    old = [me.action("加照片"), me.action("填地址"), me.action("拍下书的样子")]
    for one in (first, second):
        loans.check_in(service.store.db, one.barcode, 1, service.policy, service.clock.now())
    pass_time(service, minutes=20)
    me.listen()
    picture, address, hand_over = (me.press(action) for action in old)
    assert "书找到了" in picture and "照片发给我" not in picture
    assert "现在没有要还的书" in address
    assert "这次转借已经结束了" in hand_over


def test_no_librarian_reads_a_code_that_still_opens_the_account(service: Service, me: Person) -> None:
    """Asked for here, and a person called before it was typed there: the talk goes along, the code does not."""
    link = code(me.trusted())
    me.say("授权家人")
    me.tap("妈妈")
    mandate = re.search(r"SQ \d{4} \d{4}", me.tap("选好了"))
    me.say("转人工 连不上")
    found = escalations.open_of(service.store.db, me.reader_id)
    assert found and mandate
    said = "".join(line["text"] for line in escalations.lines(service.store.db, found.id))
    assert "连接码" in said and "LJ ****" in said
    assert link not in said and mandate[0] not in said
