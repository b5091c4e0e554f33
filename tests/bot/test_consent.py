"""What a reader is told before anything is asked, and how they take it back (A7-2, A3-33)."""

from __future__ import annotations

from bot.service import Service
from lending import credit, readers
from lending.model import Verdict
from tests.talking import Person


def test_everything_is_said_before_anything_is_asked(me: Person, service: Service) -> None:
    """What, of whom, against which threshold, what is kept, the way back, and the alternative."""
    text = me.say("开通信用借阅")
    threshold = service.policy.threshold(service.clock.now())
    for said in ("芝麻信用", f"是否达到 {threshold} 分", "看不到您的分数", "只保存这个回答和时间", "随时可以撤回", "不查信用"):
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
