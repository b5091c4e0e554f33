"""Events that came together share a commit, and what becomes of one leaves the others alone (B2-2, B2-8)."""

from __future__ import annotations

import pytest

from bot import dialogue, outbox
from bot.events import Event
from bot.receive import Received, receive_all
from bot.service import Service
from bot.talk import Talk
from lending.errors import StoreUnwritable


def said(n: int, text: str, event_id: str = "") -> Event:
    return Event("telegram", f"{n}", event_id or f"e{n}", text=text, language="zh-hans")


def answers(service: Service, n: int) -> str:
    return "\n".join(message.reply.text for message in outbox.after(service.store.db, "telegram", f"{n}", 0))


def test_each_is_answered_in_its_own_chat(service: Service) -> None:
    commits: list[str] = []
    service.store._writer.conn.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    came = receive_all(service, [said(1, "围城"), said(2, "借书车"), said(3, "weicheng")])
    assert came == [Received(True)] * 3
    assert "《围城》" in answers(service, 1) and "《围城》" in answers(service, 3) and "借书车" in answers(service, 2)
    assert len(commits) == 1


def test_the_same_one_twice_is_taken_once(service: Service) -> None:
    came = receive_all(service, [said(1, "围城", "x"), said(1, "围城", "x")])
    assert [one.new for one in came if isinstance(one, Received)] == [True, False]


def test_one_that_fails_is_owned_up_to_and_the_others_go_on(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(talk: Talk) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(dialogue.INTENTS, "show_cart", break_down)
    came = receive_all(service, [said(1, "围城"), said(2, "借书车"), said(3, "围城")])
    assert came == [Received(True)] * 3
    assert "没办好" in answers(service, 2) and "《围城》" in answers(service, 3)


def test_one_that_asks_the_index_in_its_turn_comes_to_its_answer_too(service: Service) -> None:
    came = receive_all(service, [said(1, "围城"), said(2, "推荐几本书"), said(3, "有没有跟围城差不多的书")])
    assert came == [Received(True)] * 3
    assert all(answers(service, n) for n in (1, 2, 3))


def test_a_store_that_refuses_is_told_to_every_one(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_batch: object) -> None:
        raise StoreUnwritable("disk full")

    monkeypatch.setattr(service.store._door, "_keep", full)
    came = receive_all(service, [said(1, "围城"), said(2, "围城")])
    assert [type(one) for one in came] == [StoreUnwritable, StoreUnwritable]
    monkeypatch.undo()
    assert receive_all(service, [said(1, "围城"), said(2, "围城")]) == [Received(True)] * 2
