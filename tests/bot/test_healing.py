"""Every way out of a freeze is walked to its end by a reader: time, quiz, volunteering, earning (D-8, B3.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import notify
from bot.handlers import mending
from bot.service import Service
from bot.texts import Words
from lending import credit
from lending.policy import load_policy
from tests.talking import Person, StillClock


def paused(service: Service, pack: str) -> Person:
    """A trusted reader whose losses have just brought the points below the pack's line, and who has been told."""
    me = Person(replace(service, policy=load_policy(pack))).trusted()
    me.say("你好")
    for n in range(40):
        if credit.frozen_until(service.store.db, me.reader_id) is None:
            happen(me, "lost", f"loan:9{n}")
    tick(me)
    return me


def happen(me: Person, event: str, obj: str, amount: int = 1) -> int:
    service = me.service
    return credit.post(
        service.store.db, me.reader_id, event, obj, service.policy, service.clock.now(), amount=amount
    )  # fmt: skip


def tick(me: Person, **later: float) -> str:
    assert isinstance(me.service.clock, StillClock)
    me.service.clock.moment += timedelta(**later)
    notify.tick(me.service.store, me.service.policy, me.service.clock.now())
    return me.listen()


def pauses(me: Person) -> bool:
    return credit.frozen_until(me.service.store.db, me.reader_id) is not None


@pytest.mark.parametrize(
    ("pack", "days", "balance"), [("晋城", 30, 0), ("邹平", 60, 50), ("泉州", 20, 10), ("珠海", 30, 1)]
)
def test_time_heals_and_the_reader_hears_it_once(service: Service, pack: str, days: int, balance: int) -> None:
    """A6-10, B3.2: on the day that was said, with the points that were said."""
    me = paused(service, pack)
    tick(me, days=days - 1)
    assert pauses(me)
    assert f"暂停的日子到了，借书恢复了，欢迎回来。现在是 {balance} 分。" in tick(me, days=1)
    assert "恢复" not in tick(me, days=1)
    assert "现在就能借" in me.say("为什么不能借")


def test_who_is_paused_hears_of_every_way_back_at_once(service: Service) -> None:
    me = paused(service, "邹平")
    text = me.heard[-1].text
    assert "借书暂停到" in text and "答对几道借阅规则题" in text and "志愿服务 2 小时" in text
    assert "第 1 题" in me.tap("答题恢复借阅")


def test_the_quiz_opens_borrowing_and_is_said_once(service: Service) -> None:
    """At night too: the answer comes in the talk, and no second message in the morning."""
    me = paused(service, "邹平")
    tick(me, hours=12)
    me.press("quiz")
    for question, (_text, right) in enumerate(mending.questions(Words("zh_Hans"), me.service.policy)):
        said = me.press(f"quiz!:{question}:{right}")
    assert said == "全对！借阅恢复了，现在是 50 分。想看什么书？"
    assert not pauses(me)
    assert "恢复" not in tick(me, hours=12)


def test_the_right_answer_is_not_always_the_first(service: Service) -> None:
    places = {mending.options(40, turn).index(40) for turn in range(3)}
    assert places == {0, 1, 2}
    assert all(right in mending.options(right, turn) for right in range(4) for turn in range(6))
    assert min(min(mending.options(right, turn)) for right in range(4) for turn in range(6)) == 0


def test_volunteering_opens_borrowing_hour_by_hour(service: Service) -> None:
    """B3.2 邹平, 珠海: what is done is seen on the way."""
    me = paused(service, "珠海")
    assert "志愿服务 2 小时，已经做了 0 小时" in me.say("我的信用")
    happen(me, "volunteer", "周六整架")
    assert pauses(me) and "已经做了 1 小时" in me.say("怎么解冻")
    happen(me, "volunteer", "周日整架")
    assert "谢谢您的志愿服务，借书恢复了" in tick(me)
    assert not pauses(me)


def test_earning_opens_borrowing_and_says_what_earns(service: Service) -> None:
    """B3.2 泉州: ten points, by what one can do without borrowing."""
    me = paused(service, "泉州")
    assert "重新挣到 10 分，已经挣了 0 分（续借" not in me.heard[-1].text
    assert "（参加活动 +5、志愿服务 +10、捐书 +5）" in me.heard[-1].text
    happen(me, "activity", "读书会")
    assert pauses(me) and "已经挣了 5 分" in me.say("怎么解冻")
    happen(me, "activity", "故事会")
    assert "分数重新挣够了，借书恢复了，欢迎回来。现在是 10 分。" in tick(me)


def test_what_comes_back_was_not_earned(service: Service) -> None:
    """A found book gives points back; the path counts what was done for it."""
    me = paused(service, "泉州")
    credit.found_again(service.store.db, me.reader_id, "loan:90", me.service.policy, service.clock.now())
    assert "已经挣了 0 分" in me.say("怎么解冻")
