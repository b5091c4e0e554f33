"""What a reader is told before anything is asked, and how they take it back (A7-2, A3-33)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.service import Service
from lending import credit, readers, rents
from lending.model import Verdict
from tests.talking import Person, pass_time


def test_everything_is_said_before_anything_is_asked(me: Person, service: Service) -> None:
    """What, of whom, against which threshold, what is kept, the way back, and the alternative."""
    text = me.say("开通信用借阅")
    threshold = service.policy.threshold(service.clock.now())
    for said in (
        "芝麻信用",
        f"是否达到 {threshold} 分",
        "看不到您的分数",
        "只保存这个回答和时间",
        "随时可以撤回",
        "不查信用",
    ):
        assert said in text
    assert service.store.db.value("SELECT COUNT(*) FROM credit_checks") == 0


def test_a_consent_is_taken_back_in_two_taps(me: Person, service: Service) -> None:
    me.say("开通信用借阅")
    me.tap("同意，查一下信用")
    token = service.store.db.value("SELECT token FROM credit_checks")
    credit.record_verdict(service.store.db, token, Verdict.YES, "ZM1", service.clock.now())
    me.say("我的信用")
    assert "马上删掉" in me.tap("撤回信用查询的同意")
    assert readers.reader(service.store.db, me.reader_id).standing == "trusted", "nothing yet"
    assert "撤回了" in me.tap("确认撤回")
    assert readers.reader(service.store.db, me.reader_id).standing == "ladder"
    assert service.store.db.value("SELECT COUNT(*) FROM credit_checks WHERE verdict IS NOT NULL") == 0
    assert "没有可以撤回" in me.press("unconsent!")
    assert "撤回信用查询的同意" not in str(me.say("我的信用"))


def test_the_rules_promise_no_other_keeping_than_what_is_told_before(me: Person, service: Service) -> None:
    """The answer and its time stay until the consent is taken back, however long that is, and nothing says otherwise."""
    me.say("开通信用借阅")
    me.tap("同意，查一下信用")
    token = service.store.db.value("SELECT token FROM credit_checks")
    credit.record_verdict(service.store.db, token, Verdict.YES, "ZM1", service.clock.now())
    pass_time(service, days=40)
    kept = "SELECT COUNT(*) FROM credit_checks WHERE verdict = 'yes'"
    assert service.store.db.value(kept) == 1
    assert "只保存这个回答和时间，同意后随时可以撤回，撤回就删掉" in me.press("rules:opening")
    assert "小时" not in me.heard[-1].text
    me.press("unconsent!")
    assert service.store.db.value(kept) == 0


def test_the_library_tells_nobody_unless_the_reader_wants_it(me: Person, service: Service) -> None:
    """信用借还 is off, and stays off until a reader has read what it means (A2-10)."""
    assert "没有找到" in me.press("rents") and "没有找到" in me.press("rent:yes")
    told = replace(service, rent_link=lambda token: f"https://example.org/{token}.rent")
    reader = Person(told, "second")
    reader.say("我的信用")
    text = reader.tap("同步借还记录")
    for said in ("默认不同步，不影响借书", "没有书名", "芝麻自己也会发到期提醒", "随时可以停"):
        assert said in text
    assert not rents.agreed(service.store.db, reader.reader_id)
    assert "下一本书" in reader.tap("同意同步")
    assert rents.agreed(service.store.db, reader.reader_id)
    assert "没有找到" in reader.press("rent:perhaps")
    assert "正在同步" in reader.press("rents")
    assert "停了" in reader.tap("停止同步")
    assert not rents.agreed(service.store.db, reader.reader_id)


@pytest.mark.parametrize("said", ["不想查信用", "不要查我的信用", "no credit check please"])
def test_whoever_would_rather_not_is_asked_nothing(me: Person, said: str) -> None:
    """A10-4: the way without a bureau, alone, and no button that consents."""
    assert "也不查任何信用分" in me.say(said)
    assert "credit:yes" not in [button.action for row in me.heard[-1].buttons for button in row]
    assert "不查信用" in me.tap("开始借书")


def test_an_ordinal_said_of_something_else_is_no_consent(me: Person, service: Service) -> None:
    """A3-33: 第一个 after the opening hours had taken the first of the two ways that stood there a while before."""
    me.say("开通信用借阅")
    for between in ("营业时间", "离翠苑近的柜子"):
        me.say(between)
        me.say("就第一个")
        assert service.store.db.value("SELECT COUNT(*) FROM credit_checks") == 0, between
    me.say("开通信用借阅")
    assert "谢谢同意" in me.say("第一个")


def test_without_a_check_it_goes_on_where_the_order_stood(me: Person) -> None:
    me.say("借《三体》")
    me.say("不想查信用")
    assert "这 1 本怎么取" in me.tap("开始借书") and me.action("云栖站")
