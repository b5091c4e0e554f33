"""申诉 in the talk: any line of the ledger, the reader's own words and pictures, told at each step, never a dead end."""

from __future__ import annotations

import pytest

from bot import notify
from bot.events import Photo
from bot.handlers.appealing import EVENTS
from bot.service import Service
from bot.texts import APPEAL_STATES
from lending import appeal_records, appeals, credit, evidence
from lending.appeal_records import Appeal
from tests.talking import Person, pass_time

LI, WANG = "staff:li", "staff:wang"
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 60


@pytest.fixture
def reader(service: Service) -> Person:
    """Someone whose book came back damaged."""
    person = Person(service).trusted()
    credit.post(service.store.db, person.reader_id, "damaged", "loan:900", service.policy, service.clock.now())
    person.listen()
    return person


def only(service: Service, reader: Person) -> Appeal:
    (found,) = appeal_records.waiting(service.store.db, reader.reader_id)
    return found


def decide(service: Service, reader: Person, number: str, step: str, who: str, note: str = "") -> str:
    """A librarian takes a step; what the reader hears."""
    appeals.advance(service.store.db, number, step, who, service.policy, service.clock.now(), note)
    notify.tell(service.store, service.policy, service.clock.now())
    return reader.listen()


def test_every_line_says_why_it_is_there_and_can_be_objected_to(service: Service, reader: Person) -> None:
    """A1-25: also the line that began the account."""
    said = reader.say("我的信用")
    assert "1. " in said and "图书破损 -30" in said and "2. " in said
    said = reader.tap("第 1 条")
    assert "依据：污损书籍，每次每册减 30 分" in said and service.policy.version in said and "A6-7" not in said
    assert "馆员 11月20日（周五） 18:00 前" in reader.tap("申诉这一条")
    reader.say("我的信用")
    reader.tap("第 2 条")
    assert "申诉收到了" in reader.tap("申诉这一条")


def test_from_objection_to_reversal_told_at_each_step(service: Service, reader: Person) -> None:
    assert "哪一条" in reader.say("我要申诉")
    said = reader.tap("11月20日")
    number = only(service, reader).number
    assert number in said and "两位馆员" in said
    assert "记下了" in reader.say("这一页借来的时候就破了")
    assert "记下了" in reader.say("借书那天我也跟馆员说了")
    assert only(service, reader).note == "这一页借来的时候就破了\n借书那天我也跟馆员说了"
    assert "现在有 1 张" in photo(reader)
    assert "正在请第二位馆员复核" in decide(service, reader, number, "propose", LI, "原来就有")
    said = decide(service, reader, number, "confirm", WANG)
    assert "已经改正，信用分 +30，现在 100" in said and "馆员说：原来就有" in said
    said = reader.say("我的信用")
    assert "改正 +30" in said and "图书破损 -30（已改正）" in said


def photo(reader: Person, text: str = "") -> str:
    reader.send(reader.event(photo=Photo(JPEG), text=text))
    return reader.listen()


def test_a_decline_names_the_way_on_and_another_librarian_looks(service: Service, reader: Person) -> None:
    reader.say("我要申诉")
    reader.tap("11月20日")
    number = only(service, reader).number
    said = decide(service, reader, number, "decline", LI, "水渍是新的")
    assert "维持原来的记录" in said and "馆员说：水渍是新的" in said and "另一位馆员再看一次" in said
    assert "馆员在看" in reader.tap("请另一位馆员再看一次")
    assert "记下了" in reader.say("请看照片")
    said = decide(service, reader, number, "decline", WANG, "两次看都是新的")
    assert "两位馆员分别看过" in said and reader.action("转人工") == "i:escalate"
    assert "维持" in reader.press(f"gac:{number}:again")


def test_what_is_said_about_something_else_is_not_taken_for_the_appeal(service: Service, reader: Person) -> None:
    reader.say("我要申诉")
    reader.tap("11月20日")
    reader.say("我的借阅")
    reader.say("围城")
    assert only(service, reader).note == ""
    reader.say("我要申诉")
    reader.tap(f"看申诉 {only(service, reader).number}")
    assert "写下来" in reader.tap("再补充")
    reader.say("围城那一本")
    assert only(service, reader).note == "围城那一本"


def test_withdrawn_by_the_reader_and_others_see_nothing_of_it(service: Service, reader: Person) -> None:
    reader.say("我要申诉")
    reader.tap("11月20日")
    number = only(service, reader).number
    stranger = Person(service, "stranger")
    stranger.say("你好")
    assert "没有找到" in stranger.press(f"ga:{number}") and "没有找到" in stranger.press(f"gac:{number}:withdraw")
    reader.tap("不补充了")
    assert "您已撤回" in reader.tap("撤回申诉")


def test_a_photo_long_after_is_a_photo_and_not_evidence(service: Service, reader: Person) -> None:
    reader.say("我要申诉")
    reader.tap("11月20日")
    pass_time(service, hours=2)
    photo(reader)
    assert evidence.of(service.store.db, "appeal", only(service, reader).id) == []


def test_every_line_and_state_has_words(service: Service) -> None:
    assert set(APPEAL_STATES) == set(appeal_records.AppealState)
    written = {rule.event for rule in service.policy.ledger.rules} | {"start", "thaw", "reversal", "forgiven"}
    assert written <= set(EVENTS)


def test_what_kept_a_reader_away_is_the_appeals_reason_and_no_call(service: Service, reader: Person) -> None:
    reader.say("我要申诉")
    reader.tap("11月20日")
    assert "记下了" in reader.say("我住院了没法还")
    assert only(service, reader).note == "我住院了没法还"
