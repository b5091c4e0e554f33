"""「你们守信吗」: the library's own ledger in the talk and on a page for everybody, without any reader (A1-16, D-1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from admin.promises import KINDS as staff_names
from bot import escalations
from bot.channels import webchat
from bot.handlers import promising
from bot.promise_words import KINDS
from bot.service import Service
from bot.texts import Words
from lending import desk, kept_promises
from tests.talking import Person, pass_time


@pytest.mark.parametrize(
    "said", ["你们守信吗", "图书馆的信用", "图书馆守信吗", "圖書館的信用", "你們守信嗎", "你们说话算数吗"]
)
def test_the_library_answers_for_itself(me: Person, said: str) -> None:
    assert "信用是两方面的" in me.say(said)


@pytest.mark.parametrize("said", ["我的信用", "信用分", "我守信吗"])
def test_the_readers_own_credit_stays_theirs(me: Person, said: str) -> None:
    assert "信用是两方面的" not in me.say(said)
    assert not promising.asked(said)


def test_its_numbers_are_those_of_the_rules(service: Service, me: Person) -> None:
    """B2-12."""
    said = me.say("你们守信吗")
    assert f"{service.policy.promise.ready_hours} 小时备好" in said
    assert f"{service.policy.promise.pack_hours} 小时内打包" in said
    assert "还没有到时候的承诺" in said
    assert f"没做到，给您加 {service.policy.ledger.rule('promise_broken').delta} 分信用分" in said
    assert "送书费由图书馆出" in said


def test_after_hours_nobody_is_told_of_a_moment_at_which_nobody_works(service: Service, me: Person) -> None:
    """Asked at ten in the evening, ready is not within the hours of the rule but when people are back after them (A9-4)."""
    pass_time(service, hours=12)
    assert desk.ready_by(service.policy, service.clock.now()) > service.clock.now() + timedelta(hours=24)
    assert "赶上下班的顺延到再上班的时候" in me.say("你们守信吗")
    assert "赶上下班的，顺延到再上班的时候" in me.say("延长取书时间")
    me.say("三体在哪个馆")
    assert "《三体》架上有，不用等：现在下单，11月22日（周日） 09:00 前备好" in me.say("大概要等多久")
    me.say("村上春树")
    assert "写着可借的都不用等：现在下单，11月22日（周日） 09:00 前备好" in me.say("估计得等多久")


def test_what_a_broken_promise_gives_is_said_only_where_it_gives(service: Service) -> None:
    """D-1: a library whose pack pays nothing says nothing of it."""
    policy = service.policy
    plain = replace(
        policy,
        ledger=replace(policy.ledger, rules=tuple(r for r in policy.ledger.rules if r.event != "promise_broken")),
        promise=replace(policy.promise, waive_fee_when_late=False),
    )
    said = Person(replace(service, policy=plain)).say("你们守信吗")
    assert "没做到，给您加" not in said and "送书费由图书馆出" not in said


def test_a_person_who_answers_late_is_counted_and_the_reader_hears_of_it(service: Service, me: Person) -> None:
    me.trusted()
    me.say("转人工")
    pass_time(service, days=1)
    said = me.listen()
    assert "没有在答应您的时间答复，对不起" in said and "加了 2 分" in said
    assert "没做到 1 次" in me.say("你们守信吗") and "给读者加了 2 分信用分" in me.heard[-1].text
    pass_time(service, days=1)
    assert "对不起" not in me.listen()


def test_a_person_who_answers_in_time_keeps_the_promise(service: Service, me: Person) -> None:
    me.say("转人工")
    number = escalations.waiting(service.store.db)[0].number
    escalations.answer(service.store.db, number, "小信", "您好", service.clock.now())
    pass_time(service, days=1)
    assert "馆员答复：1 次，全都做到" in me.say("图书馆的信用")


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_the_page_is_open_to_everybody_and_names_nobody(service: Service, me: Person, language: str) -> None:
    me.trusted()
    me.say("转人工")
    pass_time(service, days=1)
    app = Flask("promises")
    app.secret_key = "a key for tests"
    app.register_blueprint(webchat.blueprint(lambda event: None, service.store, Words, False))
    app.register_blueprint(webchat.promises_page(service))
    answer = app.test_client().get(f"/promises?lang={language}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
    assert 'class="broken">1<' in page
    assert escalations.waiting(service.store.db)[0].number not in page


def test_every_kind_has_a_name() -> None:
    assert set(KINDS) == set(staff_names) == set(kept_promises.KINDS)


def test_an_order_that_stays_late_is_not_met_with_silence(service: Service, me: Person) -> None:
    """D-1: one apology, then nothing for a fortnight."""
    me.trusted().say("围城")
    me.say("借第1本")
    me.tap("到馆自取")
    me.tap("听泉区分馆")
    me.tap("确认下单")
    number = me.last_order().number
    pass_time(service, days=1, hours=3)
    assert "没有在答应您的时间备好" in me.listen()
    pass_time(service, days=1)
    assert "晚了" not in me.listen()
    pass_time(service, days=1)
    said = me.listen()
    assert f"订单 {number} 还是「审核通过」，比答应您的晚了 2 天了" in said
    pass_time(service, days=3)
    assert "晚了 5 天了" in me.listen()
