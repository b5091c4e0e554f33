"""When people and doors can be met: the days are told where they are not all seven, and a locker's own hours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import place_words, promise_words
from bot.rulebook import service as service_rules
from bot.service import Service
from bot.texts import Words
from lending import points
from lending.stops import WEEK
from tests.talking import Person, advance


@pytest.mark.parametrize(
    ("weekdays", "said"),
    [
        ((1, 2, 3, 4, 5, 6, 7), "09:00–18:00"), ((1, 2, 3, 4, 5), "周一至周五 09:00–18:00"),
        ((7, 2, 3, 5), "周二至周三、周五、周日 09:00–18:00"),
    ],
)  # fmt: skip
def test_the_days_of_the_desk_are_told_where_it_rests(service: Service, weekdays: tuple[int, ...], said: str) -> None:
    policy, _ = service.policy, Words("zh_Hans")
    policy = replace(policy, desk=replace(policy.desk, weekdays=weekdays))
    assert place_words.desk_hours(_, policy.desk) == said
    assert f"（{said}）" in "\n".join(promise_words.promised(_, policy))
    now = service.clock.now()
    assert any(f"人工 {said}，" in line for line in service_rules.section(_, service.store.db, policy, now).lines)
    me = Person(replace(service, policy=policy))
    assert f"人工服务时间 {said}；" in me.say("转人工")


def test_a_locker_behind_a_gate_says_when_it_can_be_reached(service: Service) -> None:
    me = Person(service).trusted()
    me.say("围城")
    me.tap("借这本")
    me.tap("云栖站智能借书柜")
    me.tap("确认下单")
    order = advance(service, me.last_order(), "pick", "pack", "load")
    asked = ("凌晨三点能去柜子拿吗", "在哪取", "怎么还书", "明天开门吗", "附近网点")
    assert all("24 小时" in me.say(one) or "全天" in me.say(one) for one in asked)
    with service.store.writing() as db:
        points.set_hours(db, order.point_id or 0, dict.fromkeys(WEEK, "06:00-23:00"))
    for one in asked[:2]:
        said = me.say(one)
        assert "周一至周日 06:00-23:00" in said and "24 小时都能取" not in said
    assert "24 小时智能书柜" not in me.say("怎么还书")
    assert "云栖站智能借书柜 周一至周日 06:00-23:00" in me.say("明天开门吗")
    assert "（今天 06:00-23:00） · 空格口" in me.say("附近网点")
