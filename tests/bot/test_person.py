"""转人工: the librarian sees at once what it is about (C5-9)."""

from __future__ import annotations

import pytest

from bot import escalations
from bot.service import Service
from tests.talking import Person


def about(me: Person) -> str:
    """What the list of requests says of this reader's."""
    found = escalations.open_of(me.service.store.db, me.reader_id)
    assert found is not None
    return found.about


def test_what_is_said_with_the_call_is_what_it_is_about(me: Person) -> None:
    me.say("转人工，我想把一本书留到下周")
    assert about(me) == "转人工，我想把一本书留到下周"


def test_a_bare_call_takes_the_first_words_after_it(me: Person) -> None:
    me.say("转人工")
    assert about(me) == ""
    me.say("我的包裹三天没动了")
    me.say("谢谢")
    assert about(me) == "我的包裹三天没动了"


def test_more_said_with_a_second_call_is_added(me: Person) -> None:
    me.say("转人工")
    assert "还在处理中" in me.say("快转人工，书柜门打不开")
    found = escalations.open_of(me.service.store.db, me.reader_id)
    assert found is not None
    assert "快转人工，书柜门打不开" in [line["text"] for line in escalations.lines(me.service.store.db, found.id)]


def test_what_finds_no_book_meanwhile_was_said_to_the_librarian(me: Person) -> None:
    """Told where it went, not that there is no such book; and no miss is counted (C3)."""
    said = me.say("阿巴阿巴的柜子漏水淹了地下车库")
    assert "暂时没有找到" in said
    me.say("转人工")
    said = me.say("隔壁阿巴阿巴的柜子漏水淹了地下车库")
    assert "馆员看得到（RG" in said and "会一起答复您" in said
    store = me.service.store
    found = escalations.open_of(store.db, me.reader_id)
    assert found is not None
    assert "隔壁阿巴阿巴的柜子漏水淹了地下车库" in [line["text"] for line in escalations.lines(store.db, found.id)]
    missed = store.db.all("SELECT key FROM usage_counts WHERE kind = 'miss'")
    assert [row["key"] for row in missed] == ["阿巴阿巴的柜子漏水淹了地下车库"]


@pytest.mark.parametrize(
    ("language", "said", "answered"),
    [("", "你是机器人吗", "不是真人"), ("", "你是真人嗎", "不是真人"), ("en", "are you a bot?", "not a person")],
)
def test_a_program_says_that_it_is_one_and_calls_nobody_unasked(
    service: Service, language: str, said: str, answered: str
) -> None:
    me = Person(service, language=language)
    assert answered in me.say(said)
    assert any(button.action == "i:escalate" for row in me.heard[-1].buttons for button in row)
    assert escalations.open_of(service.store.db, me.reader_id) is None
