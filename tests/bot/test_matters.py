"""Questions about the service itself: parcels gone astray, codes, accounts, far places; what is only asked undoes
nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import escalations
from bot.service import Service
from bot.understanding import understand
from lending import cart, catalogue, holds, orders
from lending.model import Fulfilment
from tests.talking import Person, advance, pass_time


@pytest.fixture
def reader(service: Service) -> Person:
    return Person(service).trusted()


def ordered(service: Service, reader: Person, way: Fulfilment) -> Person:
    """With two books on their way to a locker or to the door."""
    with service.store.writing() as db:
        db.run("UPDATE readers SET name = '林书', phone = '13800000000', address = '春风路8号', zone = 'city'")
        for name in ("活着", "解忧杂货店"):
            title = db.value("SELECT id FROM titles WHERE title = :t", t=name)
            cart.add(db, reader.reader_id, title, service.policy, service.clock.now())
    db = service.store.db
    point = next(p.id for p in catalogue.points(db) if p.kind == "locker") if way is Fulfilment.LOCKER else None
    orders.place(db, reader.reader_id, way, point, "one", service.policy, service.clock.now())
    return reader


@pytest.fixture
def waiting(service: Service, reader: Person) -> Person:
    """Their books wait in a locker, and they have heard of it."""
    ordered(service, reader, Fulfilment.LOCKER)
    advance(service, reader.last_order(), "pick", "pack", "load")
    pass_time(service, minutes=10)
    reader.listen()
    return reader


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("能不能分两次送", "各算各的"), ("换手机了账号还在吗", "连接另一个聊天"), ("我的账号被盗了", "先点「转人工」"),
        ("我不想用了", "没有年费"), ("这是不是诈骗", "不收押金"), ("邮局挂号寄可以吗", "三种拿法"), ("能否开具发票", "发票我这里开不了"),
        ("没钱赔咋办", "同样的书"), ("我忘记还书会被抓起来吗", "-1 分"), ("借书证丢了", "不用借书证"), ("我还错地方了，还到市图去了", "都算还"),
        ("工地上能送不", "本市里"), ("书能寄到老家吗", "本市，再远就送不到了"), ("宝宝睡着了，让快递别按门铃行吗", "捎不过去"),
        ("我不会打字，能语音不", "语音我还听不懂"), ("上夜班白天在睡觉，几点能取", "24 小时"),
        ("没有本地户口行吗", "开通："), ("芝麻分549可以借吗", "开通："), ("數據存在哪裡，加密嗎", "隐私："), ("寝室可以送吗", "本市里"),
        ("你們營業到幾點", "开放时间"), ("我换了个号码，还是这个账号吗", "聊天账号"), ("这个码过期了怎么办", "没有等着您取的书"),
        ("到期日过了几点算晚", "整天都不算晚"), ("十二点前还算当天吗", "整天都不算晚"), ("还到晚上十点算不算晚", "整天都不算晚"), ("书是旧的还是新的", "有新有旧"), ("两公斤的书会贵吗", "按本数算"), ("还书的时候要不要包起来", "不用包"), ("书会不会很旧", "有新有旧"), ("给我挑本新点的", "有新有旧"), ("书重的话会不会贵一点", "按本数算"),
    ],
)  # fmt: skip
def test_what_no_rule_answers_is_answered_truly(service: Service, reader: Person, said: str, answered: str) -> None:
    assert answered in reader.say(said)
    assert escalations.open_of(service.store.db, reader.reader_id) is None


@pytest.mark.parametrize(
    "said", ["快递员把书丢门口就走了，现在没了", "快递送到隔壁去了", "显示已经签收了，可我没收到", "包裹被人拿走了"]
)
def test_a_parcel_gone_astray_is_told_to_a_librarian(service: Service, reader: Person, said: str) -> None:
    ordered(service, reader, Fulfilment.DELIVERY)
    advance(service, reader.last_order(), "pick", "pack", "ship")
    assert "馆员去找快递查" in reader.say(said)
    assert escalations.open_of(service.store.db, reader.reader_id) is not None


def test_a_code_that_is_said_to_have_expired_is_shown_with_its_day(waiting: Person) -> None:
    code = waiting.last_order().pickup_code
    for said in ("这个码过期了怎么办", "码发我老公了，他说提示失效", "打不开啊"):
        heard = waiting.say(said)
        assert code and code in heard and "柜门没开" in heard


def test_whose_books_wait_in_a_locker_is_told_which(waiting: Person) -> None:
    for said in ("那个柜子在哪，我找不着", "個櫃喺邊度"):
        assert "取书码" in waiting.say(said)
    assert "取书码" not in waiting.say("附近哪里有书柜")


def test_what_waits_may_be_kept_longer_or_fetched_at_night(waiting: Person) -> None:
    assert "等您来取的书" in waiting.say("我值班走不开，能多留两天吗")
    assert "24 小时" in waiting.say("凌晨三点能去柜子拿吗")
    assert "读得开心" in waiting.say("取好了")


def test_how_many_wait_leaves_no_queue(service: Service, reader: Person) -> None:
    """A question that is merely like a cancellation undid it."""
    with service.store.writing() as db:
        title = db.value("SELECT id FROM titles WHERE title = '围城'")
        one = db.value("SELECT MIN(id) FROM copies WHERE title_id = :t", t=title)
        db.run("UPDATE copies SET state = 'withdrawn' WHERE title_id = :t AND id <> :one", t=title, one=one)
    other = Person(service, "other").trusted()
    for said in ("借《围城》", "随便", "确认"):
        other.say(said)
    reader.say("围城")
    reader.tap("预约")
    for said in ("仲有幾多人排隊", "预约能不能先暂停，我放假回家了", "还要等多久"):
        assert "围城" in reader.say(said)
        assert len(holds.of_reader(service.store.db, reader.reader_id)) == 1


def test_a_book_to_be_deleted_is_not_oneself(reader: Person) -> None:
    for title in ("围城", "活着"):
        reader.say(title)
        reader.tap("借这本")
    assert "确定删除" not in reader.say("我不要这本了，删掉") and "借书车" in reader.listen() + reader.heard[-1].text


@pytest.mark.parametrize(
    "said", ["晚上十点以后别给我发消息", "提醒别在中午发，娃睡觉", "提醒能不能改到晚上八点", "上夜班，白天别给我发"]
)
def test_another_hour_is_no_silence(service: Service, reader: Person, said: str) -> None:
    hour = f"{service.policy.reminders.hour:02}:00"
    heard = reader.say(said)
    assert "到期前不再提醒" not in heard and ("别给我发" in said or hour in heard)


def test_how_long_still_is_asked_of_what_one_waits_for(service: Service, reader: Person) -> None:
    reader.say("转人工")
    assert "还在处理中" in reader.say("还要等多久")
    assert "馆员看得到" in reader.say("算了，不用人工了")


def test_a_case_is_meant_where_one_is_open(service: Service, waiting: Person) -> None:
    advance(service, waiting.last_order(), "collect")
    waiting.say("书丢了")
    waiting.tap("《活着》")
    for said in ("处理到哪一步了", "我选赔钱", "那本书其实在我车里，找到了"):
        assert "PF" in waiting.say(said)


@pytest.mark.parametrize("title", ["围城", "活着", "带一本书去巴黎", "没有人写信给上校", "送你一颗子弹", "手机"])
def test_books_are_still_looked_for(reader: Person, title: str) -> None:
    heard = reader.say(title)
    assert "找到" in heard or "没有完全对上" in heard or "荐购" in heard


@pytest.mark.parametrize(
    ("said", "intent"),
    [("还输在哪还", "find_branches"), ("取见码多少", "show_orders"), ("序借一下", "renew"), ("點解仲未到", "show_orders"), ("唔該晒", "thanks")],
)
def test_slips_and_cantonese(said: str, intent: str) -> None:
    assert understand(said).name == intent


def test_how_many_pictures_a_case_holds_is_said_by_the_rule(service: Service, reader: Person) -> None:
    cases = replace(service.policy.cases, photos=7)
    reader.service = replace(service, policy=replace(service.policy, cases=cases))
    assert "一件事最多 7 张" in reader.say("怎么拍照")
