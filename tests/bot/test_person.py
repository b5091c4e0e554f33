"""转人工: the librarian sees at once what it is about (C5-9)."""

from __future__ import annotations

from bot import escalations
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
