"""预约 in the talk: the place and the wait, letting it rest, another pick-up point, the shelf for later, word by word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.service import Service
from lending import catalogue, holds, loans, shelf, withdrawals
from lending.model import library_day
from tests.talking import Person, advance, pass_time


@pytest.fixture
def lent(service: Service) -> tuple[Service, Person, Person, loans.Loan]:
    """The only copy of 围城 is at someone's home, and another reader is here."""
    owner, me = Person(service, "owner").trusted(), Person(service, "me").trusted()
    owner.say("围城")
    owner.tap("借这本")
    owner.tap("云栖站智能借书柜")
    owner.tap("确认下单")
    advance(service, owner.last_order(), "pick", "pack", "load", "collect")
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'withdrawn' WHERE state = 'available'")
    owner.listen()
    return service, owner, me, loans.of_reader(service.store.db, owner.reader_id)[0]


Lent = tuple[Service, Person, Person, loans.Loan]


def join(me: Person) -> str:
    me.say("围城")
    return me.tap("预约这本")


def come_back(lent: Lent) -> None:
    service, _, _, loan = lent
    loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())
    pass_time(service, minutes=service.policy.promise.tell_ready_minutes)


def test_a_kept_book_fetched_elsewhere_is_kept_by_the_days_there_and_they_are_named(lent: Lent) -> None:
    """B2-10: three days at a branch, and the Monday it is closed; two where it blocks a box."""
    _, _, me, _ = lent
    join(me)
    come_back(lent)
    assert "11月24日" in me.listen()
    me.say("我的预约")
    me.tap("换取书点")
    me.tap("下一页")
    said = me.tap("云栖站智能借书柜")
    assert "为您留到 11月22日" in said and "日子按新的取书点算" in said
    me.tap("换取书点")
    assert "日子按新的取书点算" not in me.tap("云栖站智能借书柜")


def test_a_copy_that_stands_elsewhere_is_never_said_to_be_at_the_pick_up_point(lent: Lent) -> None:
    """B2-10, B2-20: nobody is sent to a branch where the book is not."""
    service, _, me, _ = lent
    join(me)
    come_back(lent)
    me.say("我的预约")
    here = catalogue.point(service.store.db, 1).name
    assert "书现在还在" not in me.say("我的预约")
    me.tap("换取书点")
    said = me.tap("听泉区分馆")
    assert "在听泉区分馆取" in said and f"书现在还在{here}" in said
    assert f"书现在还在{here}，点「借」我们送过去" in me.say("我的预约")
    me.tap("换取书点")
    assert "书现在还在" not in me.tap(here)


def test_joining_says_place_wait_and_window(lent: Lent) -> None:
    """B2-19, B2-12: the days come from due date and policy."""
    service, _, me, _ = lent
    said = join(me)
    wait = service.policy.lending.loan_days + service.policy.holds.turnaround_days
    assert "排第 1 位" in said and f"大约还要 {wait} 天" in said and "为您留 3 天" in said
    assert f"排第 1 位，大约还要 {wait} 天" in me.say("我的预约")


def test_a_hold_rests_and_wakes_by_button_and_by_words(lent: Lent) -> None:
    _, _, me, _ = lent
    join(me)
    assert "暂停多久" in me.tap("暂停")
    assert "12月4日" in me.tap("14 天")
    assert "暂停到 12月4日" in me.say("我的预约")
    assert "预约恢复了" in me.tap("恢复")
    me.tap("暂停")
    assert "12月20日" in me.say("到12月20日")
    me.tap("恢复")
    me.tap("暂停")
    assert "没看明白" in me.say("不好说呀")
    assert "《活着》" in me.say("活着"), "the question is not asked for ever"


def test_a_hold_rests_no_longer_than_the_rules_say(lent: Lent) -> None:
    service, _, me, _ = lent
    join(me)
    assert f"最多 {service.policy.holds.suspend_days} 天" in me.tap("暂停")
    assert "2月18日" in me.say("300天")


def test_who_let_it_rest_is_passed_over_and_hears_when_it_goes_on(lent: Lent) -> None:
    service, _, me, _ = lent
    other = Person(service, "other").trusted()
    join(me)
    join(other)
    me.tap("暂停")
    me.tap("7 天")
    come_back(lent)
    assert me.listen() == "" and "回来了" in other.listen()
    other.tap("借这本")
    other.tap("云栖站智能借书柜")
    other.tap("确认下单")
    pass_time(service, days=8)
    assert "预约恢复了，您排第 1 位" in me.listen()


def test_the_pick_up_point_of_the_hold_stands_in_every_message(lent: Lent) -> None:
    """B2-10."""
    service, _, me, _ = lent
    join(me)
    assert "在哪里取" in me.tap("换取书点")
    assert "在莲塘街道书房取" in me.tap("莲塘街道书房")
    come_back(lent)
    said = me.listen()
    assert "取书点：莲塘街道书房" in said
    assert "取书：莲塘街道书房" in me.tap("到莲塘街道书房取")
    assert "收到了" in me.tap("确认下单")
    order = me.last_order()
    assert order.point_id == service.store.db.value("SELECT id FROM points WHERE code = 'lt'")
    assert holds.of_reader(service.store.db, me.reader_id) == []


def test_every_locker_and_branch_can_be_the_pick_up_point(lent: Lent) -> None:
    """A9-6, D 28: any of them, also those that no longer fit on the first page."""
    service, _, me, _ = lent
    join(me)
    me.tap("换取书点")
    offered = {button.label for row in me.heard[-1].buttons for button in row}
    me.tap("下一页")
    offered |= {button.label for row in me.heard[-1].buttons for button in row}
    assert {point.name for point in catalogue.points(service.store.db)} <= offered
    assert "莲塘社区智能借书柜取" in me.tap("莲塘社区智能借书柜")


@pytest.mark.parametrize(("back_at", "travels"), [("main", True), ("lt", False)])
def test_b2_20_a_copy_that_stands_elsewhere_is_not_said_to_be_at_the_pick_up_point(
    lent: Lent, back_at: str, travels: bool
) -> None:
    """Nobody is sent to a place where the book is not yet."""
    service, _, me, loan = lent
    join(me)
    me.tap("换取书点")
    me.tap("莲塘街道书房")
    db, now = service.store.db, service.clock.now()
    at = db.value("SELECT id FROM points WHERE code = :c", c=back_at)
    loans.check_in(db, loan.barcode, at or 1, service.policy, now)
    pass_time(service, minutes=service.policy.promise.tell_ready_minutes)
    said = me.listen()
    assert "取书点：莲塘街道书房" in said
    assert ("书现在还在云栖市图书馆中心馆：点「到莲塘街道书房取」" in said) is travels


def test_the_last_day_is_announced_and_the_next_is_called(lent: Lent) -> None:
    """B2-18."""
    service, _, me, _ = lent
    other = Person(service, "other").trusted()
    join(me)
    join(other)
    come_back(lent)
    assert "回来了" in me.listen()
    until = holds.of_reader(service.store.db, me.reader_id)[0].ready_until
    assert until is not None
    pass_time(service, days=(library_day(until) - library_day(service.clock.now())).days)
    assert "今天还为您留着" in me.listen()
    pass_time(service, days=1)
    assert "过期了" in me.listen()
    pass_time(service, minutes=service.policy.promise.tell_ready_minutes)
    assert "回来了" in other.listen()


def test_with_nobody_behind_no_next_reader_is_spoken_of(lent: Lent) -> None:
    """It goes back to the shelf, and may be borrowed from there."""
    service, _, me, _ = lent
    join(me)
    come_back(lent)
    me.listen()
    until = holds.of_reader(service.store.db, me.reader_id)[0].ready_until
    assert until is not None
    pass_time(service, days=(library_day(until) - library_day(service.clock.now())).days)
    assert "就放回书架" in me.listen()
    pass_time(service, days=1)
    said = me.listen()
    assert "放回书架了" in said and "下一位" not in said


def test_letting_others_go_first_hands_the_kept_copy_on(lent: Lent) -> None:
    service, _, me, _ = lent
    other = Person(service, "other").trusted()
    join(me)
    join(other)
    come_back(lent)
    me.listen()
    me.tap("先让后面的人")
    assert "还是第 1 位" in me.tap("30 天")
    pass_time(service, minutes=service.policy.promise.tell_ready_minutes)
    assert "回来了" in other.listen()


def test_another_readers_hold_cannot_be_touched(lent: Lent) -> None:
    service, _, me, _ = lent
    join(me)
    hold = holds.of_reader(service.store.db, me.reader_id)[0]
    stranger = Person(service, "stranger")
    for word in ("hr", "hw", "hp", "hg", "hl", "hx"):
        assert "预约已经不在了" in stranger.press(f"{word}:{hold.id}")
    assert "预约已经不在了" in stranger.press(f"hr:{hold.id}:7")
    assert holds.of_reader(service.store.db, me.reader_id) == [hold]


# ---- 暂存架 ----------------------------------------------------------------------------------------------------------


def test_one_tap_from_cart_and_hold_to_the_shelf_and_back(lent: Lent) -> None:
    """A10-8: cart, hold and shelf, one tap between each two."""
    service, _, me, loan = lent
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'available' WHERE id = (SELECT id FROM copies WHERE title_id = "
               "(SELECT id FROM titles WHERE title = '活着') LIMIT 1)")  # fmt: skip
    assert "暂存架是空的" in me.say("暂存架")
    me.say("活着")
    me.tap("借这本")
    assert "《活着》" in me.say("借书车")
    assert "《活着》放到暂存架了" in me.tap("放到暂存架")
    assert "借书车里还没有书" in me.say("借书车")
    join(me)
    assert "《围城》放到暂存架了" in me.tap("放到暂存架")
    assert "没有预约" in me.say("我的预约")
    assert "暂存架上有 2 本" in me.say("暂存架")
    assert "从暂存架放进借书车" in me.tap("放进借书车《活着》")
    me.say("我的暂存架")
    assert "排第 1 位" in me.tap("预约《围城》")
    assert shelf.items(service.store.db, me.reader_id) == []
    me.tap("放到暂存架")
    me.tap("暂存架（1）")
    assert "暂存架是空的" in me.tap("不存了")
    assert loan.title_id not in shelf.items(service.store.db, me.reader_id)


def test_what_was_put_by_and_is_withdrawn_since_is_said_to_be_gone(lent: Lent) -> None:
    service, _, me, loan = lent
    shelf.keep(service.store.db, me.reader_id, loan.title_id, service.policy, service.clock.now())
    withdrawals.withdraw(service.store.db, loan.title_id, "记重了", service.policy, service.clock.now())
    assert "《围城》 已经下架，不再外借" in me.say("暂存架")
    assert not [b for row in me.heard[-1].buttons for b in row if b.action in (f"lc:{loan.title_id}", f"lh:{loan.title_id}")]
    assert "暂存架是空的" in me.tap("不存《围城》了")


@pytest.mark.parametrize("back", [False, True])
def test_who_waits_for_what_is_withdrawn_hears_why_or_that_it_is_back(lent: Lent, back: bool) -> None:
    service, _, me, loan = lent
    join(me)
    withdrawals.withdraw(service.store.db, loan.title_id, "和另一条记重了", service.policy, service.clock.now())
    if back:
        withdrawals.bring_back(service.store.db, loan.title_id, service.policy, service.clock.now())
    pass_time(service, minutes=1)
    said = me.listen()
    assert ("不再外借" in said and "原因：和另一条记重了" in said) is not back
    assert ("现在又上架了" in said) is back
    assert "可能已经下架了" in me.press(f"t:{loan.title_id}") or back


def test_who_heard_that_it_was_withdrawn_hears_that_it_is_back_and_queues_with_one_tap(lent: Lent) -> None:
    service, _, me, loan = lent
    join(me)
    withdrawals.withdraw(service.store.db, loan.title_id, "版本有误", service.policy, service.clock.now())
    pass_time(service, minutes=1)
    assert "不再外借" in me.listen()
    assert withdrawals.bring_back(service.store.db, loan.title_id, service.policy, service.clock.now()) == 1
    pass_time(service, minutes=1)
    assert "《围城》又上架了" in me.listen()
    assert "排第 1 位" in me.tap("预约这本")


def test_who_holds_it_again_or_finds_it_withdrawn_again_is_not_called(lent: Lent) -> None:
    service, _, me, loan = lent
    join(me)
    policy, clock = service.policy, service.clock
    for again in (False, True):
        withdrawals.withdraw(service.store.db, loan.title_id, "版本有误", policy, clock.now())
        pass_time(service, minutes=1)
        me.listen()
        assert withdrawals.bring_back(service.store.db, loan.title_id, policy, clock.now()) == 1
        if again:
            withdrawals.withdraw(service.store.db, loan.title_id, "版本还是有误", policy, clock.now())
        else:
            join(me)
        pass_time(service, minutes=1)
        assert "又上架了" not in me.listen()


def test_how_much_the_shelf_holds_and_how_many_own_books_drift_is_the_packs_word(lent: Lent) -> None:
    """They stood in the code, where no library could change them."""
    service, _, me, loan = lent
    policy = service.policy
    small = replace(policy.lending, shelf_titles=1)
    few = replace(policy.transfers, own_books=1)
    me.service = replace(service, policy=replace(policy, lending=small, transfers=few))
    other = service.store.db.value("SELECT MAX(id) FROM titles")
    assert "最多" not in me.press(f"l:{loan.title_id}")
    assert "暂存架最多放 1 本" in me.press(f"l:{other}")
    assert "登记好了" in me.press(f"own+:{loan.title_id}:drift")
    assert "最多登记 1 本漂流书" in me.press(f"own+:{other}:drift")


def test_what_the_cart_refuses_stays_on_the_shelf(lent: Lent) -> None:
    service, owner, me, loan = lent
    shelf.keep(service.store.db, owner.reader_id, loan.title_id, service.policy, service.clock.now())
    assert "已经在您手上" in owner.press(f"lc:{loan.title_id}")
    assert shelf.items(service.store.db, owner.reader_id) == [loan.title_id]
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'available' WHERE id = (SELECT MIN(id) FROM copies WHERE state = 'withdrawn' "
               "AND title_id = :t)", t=loan.title_id)  # fmt: skip
    shelf.keep(service.store.db, me.reader_id, loan.title_id, service.policy, service.clock.now())
    assert "现在就能借" in me.press(f"lh:{loan.title_id}")
    assert shelf.items(service.store.db, me.reader_id) == [loan.title_id]


def test_a_title_without_any_copy_cannot_be_waited_for_but_suggested(lent: Lent) -> None:
    """A button from when there was one says so too."""
    service, _, me, loan = lent
    me.say("围城")
    old = me.action("预约这本")
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'withdrawn' WHERE id = (SELECT copy_id FROM loans WHERE id = :l)", l=loan.id)
    assert "现在一册也没有" in me.press(old)
    assert "荐购收到：《围城》" in me.tap("荐购这本")
    assert "现在一册也没有" in me.say("预约《围城》") and "没有预约" in me.say("我的预约")
