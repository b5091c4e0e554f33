"""The service's log names events, never what a reader said, who they are or which chat it was (A11-5)."""

from __future__ import annotations

import logging

import pytest

from bot import dialogue
from bot.service import Service
from bot.talk import Talk
from tests.talking import Person


def test_an_event_that_fails_is_logged_without_the_readers_words(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """B2-8: the error is kept sealed with the event; the log says where it happened."""

    def break_down(talk: Talk) -> None:
        raise ValueError(f"cannot understand {talk.event.text!r} of {talk.event.address}")

    me = Person(service, "8675309042", "telegram")
    monkeypatch.setattr(dialogue, "answer", break_down)
    with caplog.at_level(logging.DEBUG):
        me.say("我叫李小明，电话 13812345678")
    text = caplog.text
    assert "an event failed: telegram" in text and "ValueError" in text and "break_down" in text
    assert [word for word in ("李小明", "13812345678", "8675309042") if word in text] == []
    kept = service.store.db.value("SELECT unseal(error) FROM inbox WHERE error IS NOT NULL")
    assert "李小明" in kept, "whoever mends it can read it on the staff page"


def test_everyday_talk_leaves_no_word_in_the_log(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        me = Person(service, "8675309042", "telegram").trusted()
        me.say("围城")
        me.say("转人工")
        me.say("我叫李小明，电话 13812345678")
        me.say("/mydata")
    assert [word for word in ("围城", "李小明", "13812345678", "8675309042") if word in caplog.text] == []
