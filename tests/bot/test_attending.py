"""活动 in the talk: the list, a card, signing up, waiting, not coming, checking in, and what is told by itself (F-8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.service import Service
from lending import attendance, credit, event_changes, events, mandates, minors, readers, sign_ups
from lending.events import Event
from lending.policy import load_policy
from tests.lending.happenings import plan
from tests.talking import Person, StillClock, open_sample, pass_time

STORY, TALK = "月亮故事会", "敦煌讲座：飞天"


def made(service: Service, name: str = STORY, **more: Any) -> Event:
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    wanted = plan(name=name, **({"point_id": branch} | more))
    return events.make(service.store.db, wanted, service.policy, service.clock.now())


def at(service: Service, found: Event, **parts: float) -> None:
    """So long after it begins."""
    assert isinstance(service.clock, StillClock)
    service.clock.moment = found.starts_at + timedelta(**parts)


@pytest.fixture
def both(service: Service) -> tuple[Event, Event]:
    return made(service), made(service, TALK, days=8, seats=40, about="带上身份证")


def test_the_whole_talk(service: Service, both: tuple[Event, Event]) -> None:
    me = Person(service)
    for said, answered in (
        ("活动", "1. 月亮故事会\n11月24日（周二） 15:00–17:00 · 云栖市图书馆中心馆 · 还有 3 个位子\n\n2. 敦煌讲座"),
        ("2", "带上身份证\n还有 40 个位子（一共 40 个）。报名到 11月28日"),
        ("我的报名", "没有报名的活动"),
        ("报名故事会", "报好了：「月亮故事会」，1 位。"),
        ("报名故事会", "您报好了，1 位。开始前 30 分钟起可以签到"),
        ("活动", "还有 2 个位子"),
        ("报名2", "报好了：「敦煌讲座：飞天」"),
        ("我的报名", "1. 月亮故事会\n11月24日（周二） 15:00–17:00"),
        ("取消报名", "取消哪一个的报名"),
        ("取消报名敦煌讲座", "「敦煌讲座：飞天」不去了"),
        ("取消报名敦煌讲座", "您没有报「敦煌讲座：飞天」，不用取消"),
        ("取消报名", "「月亮故事会」不去了，位子让出来了"),
        ("取消报名", "没有报名的活动"),
        ("签到", "扫门口的二维码"),
        ("三体", "《三体》"),
    ):
        assert answered in me.say(said), said
    assert service.store.db.value("SELECT COUNT(*) FROM sign_ups WHERE state = 'given_back'") == 2


def test_in_english_and_in_traditional_characters(service: Service, both: tuple[Event, Event]) -> None:
    for language, talk in {
        "en": [
            ("events", "What is coming up"), ("sign up for 1", "You're in: “月亮故事会”, 1 person"),
            ("my events", "You have 1 seat"), ("cancel my sign-up", "your seat is free again"), ("check in", "poster"),
        ],
        "zh-Hant": [
            ("最近有什麼活動", "接下來的活動"), ("報名故事會", "報好了：「月亮故事会」"), ("我的報名", "您報好了，1 位"),
            ("取消報名", "位子讓出來了"), ("簽到", "QR"),
        ],
    }.items():  # fmt: skip
        me = Person(service, language, language=language)
        for said, answered in talk:
            assert answered in me.say(said), (language, said)


@pytest.mark.parametrize(
    "title", ["《报名》", "活动变人形", "红楼梦十五讲座谈", "报名表设计", "公共讲座的故事", "参加革命以后", "文学讲座"]
)
def test_titles_that_speak_of_talks_are_still_searched(
    service: Service, both: tuple[Event, Event], title: str
) -> None:  # fmt: skip
    me = Person(service)
    me.say(title)
    assert service.store.db.value("SELECT COUNT(*) FROM sign_ups") == 0
    assert not any("活动" in reply.text and "位子" in reply.text for reply in me.heard)


def test_no_events_is_said_with_a_person_to_ask(service: Service) -> None:
    me = Person(service)
    for said in ("活动", "报名", "报名2"):
        assert "最近没有排好的活动" in me.say(said)
    assert me.action("转人工")


def test_a_long_list_is_paged(service: Service) -> None:
    for n in range(7):
        made(service, f"第{n + 1}场", days=4 + n, point_id=None, place="月光广场")
    me = Person(service)
    assert "5. 第5场" in me.say("活动") and "第6场" not in me.heard[-1].text
    assert "1. 第6场" in me.say("下一页")
    assert "报好了：「第7场」" in me.say("报名2")
    me.say("活动")
    assert "1. 第1场" in me.press("evs:1") or "1. 第6场" in me.heard[-1].text
    assert "1. 第6场" in me.press("evs:99")


def test_a_party_comes_on_one_sign_up(service: Service, both: tuple[Event, Event]) -> None:
    me = Person(service)
    me.press(f"ev:{both[0].id}")
    assert "报好了：「月亮故事会」，3 位" in me.tap("3 位一起")
    assert "满了，可以排队" in Person(service, "other").say("活动")
    assert "报好了：「敦煌讲座：飞天」，3 位" in Person(service, "four").say("报名敦煌讲座3个人")
    assert "一次最多报 4 位" in Person(service, "five").say("报名飞天，我们五个人")
    assert "一次最多报 3 位" in Person(service, "third").press(f"ev+:{both[0].id}:4")


def test_old_buttons_and_double_presses_do_no_harm(service: Service, both: tuple[Event, Event]) -> None:
    """B2-2."""
    me, found = Person(service), both[0]
    assert "报好了" in me.press(f"ev+:{found.id}:1")
    assert "您报好了，1 位" in me.press(f"ev+:{found.id}:2")
    assert "不去了" in me.press(f"ev-:{found.id}")
    assert "您没有报这个活动" in me.press(f"ev-:{found.id}")
    assert "您没有报「月亮故事会」" in me.press(f"ev-!:{found.id}")
    event_changes.cancel(service.store.db, found.id, "停电", service.policy, service.clock.now())
    assert "取消了，什么也不用做" in me.press(f"ev+:{found.id}:1")
    assert "这个活动取消了：停电" in me.press(f"ev:{found.id}")
    for forged in ("ev:x", "ev+:1", "ev+:1:many", "ev-!:", "evs:-1"):
        assert "过期" in me.press(forged), forged
    assert "没有找到这个活动" in me.press("ev:999")


def test_waiting_and_moving_up(service: Service, both: tuple[Event, Event]) -> None:
    first, waits = Person(service, "a"), Person(service, "b")
    first.press(f"ev+:{both[0].id}:3")
    assert "替您排上了，2 位，排第 1" in waits.press(f"ev+:{both[0].id}:2")
    assert "您在排队，2 位，排第 1" in waits.say("我的报名")
    first.say("取消报名")
    pass_time(service, seconds=1)
    assert "有位子了：「月亮故事会」，替您报好了，2 位" in waits.listen()
    assert "不去了" in waits.tap("取消报名")


def test_whoever_gave_the_seat_up_meanwhile_is_not_told_of_it(service: Service, both: tuple[Event, Event]) -> None:
    """B2-7."""
    first, waits = Person(service, "a"), Person(service, "b")
    first.press(f"ev+:{both[0].id}:3")
    waits.press(f"ev+:{both[0].id}:2")
    first.say("取消报名")
    sign_ups.give_back(service.store.db, waits.reader_id, both[0].id, service.policy, service.clock.now())
    pass_time(service, seconds=1)
    assert "有位子了" not in waits.listen()


def test_the_reminder_comes_once_and_again_when_it_is_moved(service: Service, both: tuple[Event, Event]) -> None:
    me, found = Person(service), both[0]
    me.say("报名故事会")
    at(service, found, hours=-23)
    pass_time(service)
    pass_time(service, minutes=5)
    said = me.listen()
    assert said.count("提醒您：「月亮故事会」快到了，您报了 1 位") == 1 and "15:00–17:00" in said
    branch = found.point_id
    event_changes.change(
        service.store.db, found.id, plan(name=STORY, days=6, point_id=branch), service.policy, service.clock.now()
    )
    pass_time(service, minutes=1)
    assert "「月亮故事会」改了：11月26日（周四） 15:00–17:00" in me.listen()
    assert "您报好了，1 位" in me.tap("看这个活动")
    at(service, found, days=1, hours=1)
    pass_time(service)
    assert "提醒您" in me.listen()
    assert "不去了" in me.tap("取消报名")


def test_a_reminder_of_what_was_cancelled_since_is_not_said(service: Service, both: tuple[Event, Event]) -> None:
    me = Person(service)
    me.say("报名故事会")
    event_changes.cancel(service.store.db, both[0].id, "老师病了", service.policy, service.clock.now())
    at(service, both[0], hours=-23)
    pass_time(service)
    said = me.listen()
    assert "「月亮故事会」取消了：老师病了。不扣分" in said and "提醒您" not in said


# ---- at the door -----------------------------------------------------------------------------------------------------


def test_the_code_at_the_door_by_link_and_by_hand(service: Service, both: tuple[Event, Event]) -> None:
    scans, types, found = Person(service, "a"), Person(service, "b"), both[0]
    for one in (scans, types):
        one.say("报名故事会")
    scans.send(scans.event(start=f"e{found.door}"))
    assert "还没到签到的时候，11月24日（周二） 14:30 起可以签" in scans.listen()
    at(service, found, minutes=-10)
    scans.send(scans.event(start=f"e{found.door}"))
    assert "签到好了：「月亮故事会」，谢谢您来。信用分 +5。" in scans.listen()
    assert "签到好了" in types.say(f"签到 QD-{found.door.lower()}")
    assert "已经签过到了" in types.say(f"QD{found.door}")
    assert credit.balance(service.store.db, types.reader_id) == service.policy.ledger.start + 5
    assert "没有对上" in types.say("QD-222222")


def test_somebody_who_has_not_signed_up_hears_what_to_do(service: Service, both: tuple[Event, Event]) -> None:
    me, found = Person(service), both[0]
    at(service, found, minutes=-10)
    me.send(me.event(start=f"e{found.door}"))
    assert "没有您的报名" in me.listen()
    me.tap("看这个活动")
    assert "报好了" in me.tap("报名")
    assert "签到好了" in me.say(f"QD-{found.door}")


def test_a_guardian_signs_a_child_up_and_checks_both_in(service: Service, both: tuple[Event, Event]) -> None:
    """D-12: who acts for a child does; somebody else, in another's name, does not."""
    db, mother, found = service.store.db, Person(service, "mother").trusted(), both[0]
    with service.store.writing() as writer:
        child = readers.join(writer, "zh_Hans", service.clock.now(), "小明")
        credit.open_ledger(writer, child.id, service.policy, service.clock.now())
        minors.note(writer, child.id, (service.clock.now() + timedelta(days=2_000)).date(), "staff", service.clock.now())
        mandates.appoint(writer, child.id, mother.reader_id, service.clock.now())
    mother.say("报名故事会")
    mother.press(f"as:{child.id}:ev:{found.id}")
    assert "【替小明】" in mother.tap("报名") and sign_ups.of_event(db, child.id, found.id)
    assert "【替小明】" in mother.say("我的报名")
    assert db.value("SELECT what FROM deeds WHERE reader_id = :c AND what = 'signed_up'", c=child.id)
    mother.press("actx")
    at(service, found, minutes=5)
    said = mother.say(f"QD-{found.door}")
    assert "您、小明。谢谢你们来。信用分 +10。" in said
    assert credit.balance(db, child.id) == service.policy.ledger.start + 5
    friend = Person(service, "friend").trusted()
    with service.store.writing() as writer:
        writer.run(
            "INSERT INTO mandates (grantor_id, proxy_id, kind, relation, scopes, state, made_at, expires_at) VALUES "
            "(:g, :p, 'given', 'friend', 'borrow see', 'active', '2026-01-01T00:00:00Z', '2027-06-01T00:00:00Z')",
            g=mother.reader_id, p=friend.reader_id,
        )  # fmt: skip
    assert "没有授权给您" in friend.press(f"as:{mother.reader_id}:ev+:{both[1].id}:1")


# ---- where not coming costs something --------------------------------------------------------------------------------


@pytest.fixture
def strict(service: Service) -> Service:
    """邹平 (B3.2)."""
    object.__setattr__(service, "policy", load_policy("zouping"))
    return service


def test_leaving_late_is_asked_about_with_its_price(strict: Service) -> None:
    found, me = made(strict), Person(strict)
    me.say("报名故事会")
    at(strict, found, hours=-1)
    assert "按规则扣 10 分。要取消吗" in me.say("取消报名")
    assert "您报好了" in me.tap("我会来")
    me.say("取消报名")
    assert "记 −10 分，有难处可以申诉" in me.say("确认")
    at(strict, found, days=2)
    pass_time(strict)
    assert "您取消得晚，位子空着了，按规则 -10 分" in me.listen()


def test_with_somebody_waiting_it_is_free(strict: Service) -> None:
    found, me, waits = made(strict, seats=1), Person(strict, "a"), Person(strict, "b")
    for one in (me, waits):
        one.say("报名故事会")
    at(strict, found, hours=-1)
    assert "不去了，位子让出来了" in me.say("取消报名")


def test_not_coming_is_told_with_the_way_to_object(strict: Service) -> None:
    found, me = made(strict), Person(strict)
    me.say("报名故事会")
    at(strict, found, days=2)
    pass_time(strict)
    assert "没有等到您，按规则 -10 分" in me.listen()
    me.tap("申诉")
    line = credit.lines(strict.store.db, me.reader_id, 1)[0]
    assert me.action("11月26日（周四） 报了名没有来") == f"appeal:{line.id}"
    assert "报了名没有来 -10" in (said := me.press(f"line:{line.id}")) and "活动：「月亮故事会」" in said


def test_a_librarians_tick_is_told(service: Service, both: tuple[Event, Event]) -> None:
    me, found = Person(service), both[0]
    me.say("报名故事会")
    at(service, found, hours=1)
    now = service.clock.now()
    attendance.by_hand(service.store.db, me.reader_id, found.id, False, "staff:小信", service.policy, now)
    pass_time(service, seconds=1)
    assert "馆员替您记好了，谢谢您来。信用分 +5。" in me.listen()
    at(service, found, hours=5)
    assert "您签到了" in me.press(f"ev:{found.id}")


def test_a_library_may_put_activities_first(prepared: Any, tmp_path: Any) -> None:
    """A2-9, A3-10: 铜陵's own page had 活动报名."""
    service = open_sample(prepared, tmp_path / "tongling", load_policy("tongling"))
    me = Person(service)
    me.say("你好")
    assert "最近没有排好的活动" in me.tap("活动")
    service.store.close()
