"""免费配送 in the talk: is it still there, into the draw, the result, and what an order then costs (A2-27, A4-8, D-3)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from bot.service import Service
from lending import credit, draws, free_shipping
from lending.model import library_day
from lending.policy import load_policy
from tests.talking import Person, advance, pass_time

ADDRESS = "李明 13800000000 春风路8号3单元201"


def rule(service: Service, part: str, **changes: Any) -> None:
    policy = service.policy
    object.__setattr__(service, "policy", replace(policy, **{part: replace(getattr(policy, part), **changes)}))


@pytest.fixture
def me(me: Person) -> Person:
    """Someone trusted whose cart holds a book."""
    me.trusted()
    me.say("围城")
    me.say("借第1本")
    return me


def freeze(service: Service, me: Person) -> None:
    """Below what the rules allow; what is told of that is heard."""
    with service.store.writing() as db:
        for n in range(3):
            credit.post(db, me.reader_id, "lost", f"loan:{900 + n}", service.policy, service.clock.now())
    pass_time(service, minutes=1)
    me.listen()


def to_the_quote(me: Person) -> str:
    """去下单 → 送到家 → district → address; what must be agreed to."""
    me.say("去下单")
    me.tap("送到家")
    me.tap(
        next(b.label for row in me.heard[-1].buttons for b in row if b.action.startswith("d:") and len(b.action) > 2)
    )
    return me.say(ADDRESS)


def money_left(service: Service) -> int:
    return free_shipping.budget(service.store.db, service.policy, library_day(service.clock.now())).left_fen


def win(service: Service, me: Person) -> str:
    """Enter the draw, and let its window close; what is told."""
    me.say("免费配送")
    me.tap("今日免费配送")
    assert "您已报名" in me.tap("报名抽签")
    pass_time(service, hours=5)
    return me.listen()


# ---- drawn -----------------------------------------------------------------------------------------------------------


def test_a_reader_enters_hears_of_the_win_and_orders_for_nothing(service: Service, me: Person) -> None:
    """D-3."""
    me.say("包邮吗")
    said = me.tap("今日免费配送")
    assert "¥10000" in said and "不用抢" in said and "人报名" not in said
    said = me.tap("报名抽签")
    window = draws.windows(service.store.db)[0]
    assert window.fingerprint[:16] in said and "4 支签" in said
    assert "您已报名" in me.press("draw!")  # pressed again: the same entry (B2-2)
    assert draws.window(service.store.db, window.id).entries == 1
    pass_time(service, hours=5)
    assert "抽中了" in me.listen()
    said = to_the_quote(me)
    assert "送书 ¥0；还书上门取件 ¥3，一来一回 ¥3" in said and "送书原价 ¥3，免费配送减 ¥3" in said
    assert "收到了" in me.say("确认")
    order = me.last_order()
    assert (order.fee_fen, order.free_fen) == (0, 300)
    assert money_left(service) == service.policy.free_shipping.daily_fen - 300


def test_cancelling_gives_the_money_back(service: Service, me: Person) -> None:
    win(service, me)
    to_the_quote(me)
    me.say("确认")
    assert "免费配送也一起退掉" in me.say("取消订单"), "before it is gone"
    assert "已取消" in me.say("确认")
    assert money_left(service) == service.policy.free_shipping.daily_fen


def test_a_win_is_given_back_where_the_library_calls_the_order_off(service: Service, me: Person) -> None:
    win(service, me)
    to_the_quote(me)
    me.say("确认")
    advance(service, me.last_order(), "cancel")
    assert "您抽中的免费配送还给您了" in me.listen()
    assert "您抽中了" in me.press("free")


def test_a_reader_who_did_not_win_hears_it_and_where_it_is_free_anyway(service: Service, me: Person) -> None:
    rule(service, "free_shipping", daily_fen=0)
    said = win(service, me)
    assert "没有抽中" in said and "书柜取还一直是 ¥0" in said
    assert "您已报名" in me.tap("报名下一场")


def test_the_result_shows_the_seed_whose_fingerprint_was_told(service: Service, me: Person) -> None:
    """D-3: published, so that anybody can check."""
    me.say("免费配送")
    me.tap("今日免费配送")
    told = me.tap("报名抽签")
    assert "还没有抽过签" in me.press("draw")
    pass_time(service, hours=5)
    said = me.press("draw")
    seed = draws.windows(service.store.db)[0].seed
    assert seed in said and "1 人报名，1 人抽中" in said
    assert hashlib.sha256(seed.encode()).hexdigest()[:16] in told


@pytest.mark.parametrize("said", ["退出抽签", "取消抽签", "我不参加抽签了", "抽签能退吗", "我抽中了吗", "中签了吗"])
def test_words_about_ones_draw_are_answered_with_it(service: Service, me: Person, said: str) -> None:
    """Not searched for as a title; and nobody needs to be let out of a draw."""
    me.press("draw!")
    heard = me.say(said)
    assert "您已报名" in heard and "不用退" in heard


@pytest.mark.parametrize("said", ["抽签结果", "上次抽签结果", "开奖了吗", "抽签结果出来了吗"])
def test_a_result_asked_for_is_shown(service: Service, me: Person, said: str) -> None:
    win(service, me)
    assert "1 人报名，1 人抽中" in me.say(said)


def test_a_newcomer_is_led_to_opening_credit_first(service: Service) -> None:
    """D-4: no dead end."""
    newcomer = Person(service, "newcomer")
    newcomer.say("你好")
    said = newcomer.press("draw!")
    assert "您已报名" not in said
    assert any(button.action for row in newcomer.heard[-1].buttons for button in row)


# ---- first come ------------------------------------------------------------------------------------------------------


def test_first_come_says_what_is_left_and_when_it_is_gone(service: Service, me: Person) -> None:
    rule(service, "free_shipping", mode="first_come", daily_fen=700)
    assert "¥7 里还剩 ¥7" in me.press("free")
    assert "先到先得" not in me.press("draw!")  # there is no draw: today's money is shown instead
    to_the_quote(me)
    me.say("确认")
    assert "还剩 ¥4" in me.press("free")
    with service.store.writing() as db:
        db.run("UPDATE free_days SET used_fen = 500")
    assert "送完了" in me.press("free")


def test_when_the_money_runs_out_before_the_press_the_price_is_asked_anew(service: Service, me: Person) -> None:
    """Nobody pays what they have not agreed to."""
    rule(service, "free_shipping", mode="first_come", daily_fen=300)
    assert "送书 ¥0" in to_the_quote(me)
    with service.store.writing() as db:
        db.run("INSERT INTO free_days VALUES (:day, 300, 300)", day=str(library_day(service.clock.now())))
    said = me.say("确认")
    assert "刚刚送完了" in said and "还没有下单" in said and "送书 ¥3" in said
    assert "收到了" in me.say("确认")
    assert me.last_order().fee_fen == 300


def test_without_any_free_delivery_lockers_are_named(service: Service, me: Person) -> None:
    rule(service, "free_shipping", mode="none")
    assert "¥0" in me.press("free") and "今日免费配送" not in str(me.heard[-1].buttons)
    me.say("运费多少")
    assert "今日免费配送" not in str(me.heard[-1].buttons)


def test_a_win_is_still_spoken_of_when_the_draws_have_ended(service: Service, me: Person) -> None:
    """D-3: what was promised is kept, and said."""
    win(service, me)
    rule(service, "free_shipping", mode="none")
    assert "您抽中了" in me.press("free")
    assert "送书 ¥0" in to_the_quote(me)
    me.say("确认")
    assert me.last_order().fee_fen == 0 and "没有免费配送活动" in me.press("free")


# ---- fees ------------------------------------------------------------------------------------------------------------


def test_lockers_stand_before_the_courier(service: Service, me: Person) -> None:
    """A4-8, A9-5, D-5: what is free is offered first."""
    me.say("去下单")
    labels = [button.label for row in me.heard[-1].buttons for button in row]
    delivery = next(n for n, label in enumerate(labels) if label.startswith("送到家"))
    assert delivery > 0 and all(label.endswith("¥0") for label in labels[:delivery])


def test_fees_are_told_there_and_back_for_every_zone(service: Service, me: Person) -> None:
    """A4-5, B2-12: the numbers come from the policy."""
    object.__setattr__(service, "policy", load_policy("yangpu"))
    said = me.say("运费多少")
    assert "杨浦区内" in said and "杨浦区外" in said and "· 10 本 ¥12／¥12" in said and "· 10 本 ¥13／¥13" in said


def test_pay_later_is_said(service: Service, me: Person) -> None:
    """A1-21."""
    rule(service, "fees", pay="return")
    assert "书还回来以后再付" in to_the_quote(me)


def test_free_delivery_asked_for_in_words_is_shown_not_the_price_list(service: Service) -> None:
    assert "免费配送款" in Person(service).say("今日免费配送")
    assert "1 本 ¥3" in Person(service).say("运费多少")


def test_a_win_while_borrowing_is_stopped_says_what_it_is_worth(service: Service, me: Person) -> None:
    """Told to order, the reader would only be refused."""
    me.press("draw!")
    freeze(service, me)
    pass_time(service, hours=5)
    said = me.listen()
    assert "抽中了" in said and "借阅暂停到" in said and "自动让给别的读者" in said
    assert "去下单" not in [button.label for row in me.heard[-1].buttons for button in row]
    assert "借阅暂停到" in me.press("free")


def test_whoever_may_not_borrow_hears_it_before_an_address_is_asked_for(service: Service, me: Person) -> None:
    """A4-11's manners: known before, not after."""
    freeze(service, me)
    me.say("去下单")
    said = me.tap("送到家")
    assert "借阅暂停到" in said and "哪个区" not in said
