""" "为什么不能借": every reason at once with the reader's own numbers, when it changes, and what to do now (D-4, D-6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import texts, why
from bot.service import Service
from bot.texts import Words
from lending import credit, decisions, freezes, loans, readers
from lending.decisions import Facts
from lending.next_steps import next_steps
from lending.policy import load_policy
from tests.talking import Person, StillClock


def later(service: Service, days: float) -> None:
    assert isinstance(service.clock, StillClock)
    service.clock.moment += timedelta(days=days)


def under(service: Service, pack: str, **parts: object) -> Service:
    return replace(service, policy=replace(load_policy(pack), **parts))  # type: ignore[arg-type]


def member(service: Service, standing: str = "trusted") -> Person:
    me = Person(service)
    me.say("你好")
    with service.store.writing() as db:
        readers.set_standing(db, me.reader_id, standing)
    return me


def post(me: Person, event: str, obj: str, amount: int = 1) -> int:
    service = me.service
    return credit.post(
        service.store.db, me.reader_id, event, obj, service.policy, service.clock.now(), amount=amount
    )  # fmt: skip


def lend(me: Person, service: Service) -> int:
    """A book taken at the desk a while ago."""
    with service.store.writing() as db:
        copy = db.one("SELECT id, title_id FROM copies WHERE state = 'available' ORDER BY id LIMIT 1")
        assert copy
        return loans.lend(db, copy["id"], copy["title_id"], me.reader_id, service.policy, service.clock.now())


@pytest.mark.parametrize(
    "asked", ["为什么不能借", "为什么借不了书", "why can't i borrow", "我的账号怎么被冻结了", "怎么解冻"]
)
def test_the_question_is_understood_and_answered_with_why(service: Service, asked: str) -> None:
    assert "还能再借" in member(service).say(asked)


def test_a_newcomer_hears_how_to_begin(me: Person) -> None:
    text = me.say("为什么不能借")
    assert "先选一种方式开通" in text
    assert "选一种方式开通" in me.tap("开通信用借阅")


def test_every_reason_is_said_at_once_with_what_mending_comes_to(service: Service) -> None:
    """Frozen, overdue: both, numbered, then today and tomorrow foretold; and it comes true."""
    me = member(service)
    lend(me, service)
    later(service, service.policy.lending.loan_days + 9)
    credit.accrue_overdue(service.store.db, service.policy, service.clock.now())
    for n in range(2):
        post(me, "lost", f"other:{n}")
    text = me.say("为什么不能借")
    balance = credit.balance(service.store.db, me.reader_id)
    assert "1. " in text and "2. " in text and "还回来就不再扣分" in text and "马上就能再借" not in text
    assert f"今天还：{balance} 分，30 天后" in text
    assert f"明天还：{balance - 1} 分，30 天后" not in text, "the freeze is running already"
    assert f"明天还：{balance - 1} 分，29 天后" in text


def test_the_account_names_the_next_step(service: Service) -> None:
    """A7-14."""
    ladder = member(service, "ladder")
    assert "下一步：再按时还 2 次，就能一次借 4 本。" in ladder.say("我的信用")
    tiers = member(under(service, "梅县区"))
    assert "等级：良好" in tiers.say("我的信用")
    assert "下一步：再得 50 分就到「优秀」：一次可借 20 本。" in tiers.say("我的信用")


def test_points_are_changed_for_a_book_more_in_two_taps(service: Service) -> None:
    """A6-5."""
    me = member(service)
    me.say("我的信用")
    assert "分数不减" in me.tap("换多借一本")
    assert f"现在一次可借 {service.policy.lending.limit + 1} 本" in me.tap("确认换")
    assert "每满 100 分" in me.press("redeem!")
    assert "换多借一本" not in str(me.heard[-1].buttons)


def frozen(service: Service) -> Person:
    me = member(under(service, "邹平"))
    for n in range(6):
        post(me, "lost", f"loan:{n}")
    return me


def test_a_quiz_about_the_rules_opens_borrowing_again(service: Service) -> None:
    """B3.2 邹平."""
    me = frozen(service)
    text = me.say("怎么解冻")
    assert "答对几道借阅规则题" in text and "志愿服务 2 小时，已经做了 0 小时" in text
    assert "第 1 题" in me.tap("答题恢复借阅")
    assert "还差一点" in me.press("quiz!:0:1")
    me.press("quiz")
    for question, right in ((0, 40), (1, 1), (2, 1)):
        text = me.press(f"quiz!:{question}:{right}")
    assert "借阅恢复了" in text
    assert credit.frozen_until(service.store.db, me.reader_id) is None


@pytest.mark.parametrize("press", ["quiz!:2:1", "quiz!:7:1", "quiz!:0:99", "quiz!:x:1"])
def test_no_press_skips_a_question(service: Service, press: str) -> None:
    me = frozen(service)
    me.press("quiz")
    me.press(press)
    assert credit.frozen_until(service.store.db, me.reader_id)
    assert not [way for way in freezes.ways(service.store.db, me.reader_id, load_policy("邹平")) if way.done]


# ---- completeness ----------------------------------------------------------------------------------------------------

FACTS = Facts(1, "trusted", 0, 0, 0, 0, 100, None, 1, "")


def test_every_rule_has_words_in_every_language(service: Service) -> None:
    """D-4: the codes that the engine can give, the pool's and the locker's among them, and every next step."""
    now = service.clock.now()
    most = replace(FACTS, standing="new", frozen_until=now, overdue=1, on_loan=30)
    codes = {reason.code for reason in decisions.may_borrow(most, 1, load_policy()).reasons}
    assert codes == {"not_opened", "frozen", "overdue", "limit"}
    assert codes | {"pool", "point_score", "point_gone", "guardian", "adults_only", "order_size"} == set(texts.REASONS)
    some = [FACTS, most, replace(FACTS, standing="ladder"), replace(FACTS, balance=50), replace(FACTS, redeemed=3)]
    found = {step.code for pack in ("晋城", "珠海") for facts in some for step in next_steps(facts, load_policy(pack))}
    assert found == set(why.STEPS)
    for language in ("zh_Hans", "zh_Hant", "en"):
        assert all(why.steps(Words(language), facts, load_policy("珠海")) for facts in some)


def test_whoever_asks_whether_they_may_not_borrow_is_told_and_no_book_is_searched(service: Service) -> None:
    for said in ("那我借不了了？", "借不了怎么办"):
        assert "现在就能借" in Person(service).trusted().say(said)
