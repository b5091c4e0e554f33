"""The index is never searched while the store's turn to write is held: nobody waits for a slow search."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest

from bot.service import Service
from search.index import Index
from tests.bot.test_ranking import title_id
from tests.talking import Person

Turns = list[bool]


@pytest.fixture
def turns(service: Service, monkeypatch: pytest.MonkeyPatch) -> Turns:
    """For each search, whether the store's turn was held."""
    held: Turns = []
    search = Index.search

    def watched(index: Index, *asked: object, **how: object) -> object:
        held.append(service.store.has_turn())
        return search(index, *asked, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Index, "search", watched)
    return held


def _again(_service: Service, me: Person) -> str:
    return me.press("q:围城")


def _like_this(service: Service, me: Person) -> str:
    return me.press(f"same:{title_id(service, '围城')}")


def _like_this_by_its_label(service: Service, me: Person) -> str:
    me.press(f"t:{title_id(service, '围城')}")
    return me.say("看相近的书")


def _like_this_in_words(_service: Service, me: Person) -> str:
    return me.say("和《围城》类似的书")


def _guided(_service: Service, me: Person) -> str:
    me.say("高级检索")
    me.say("围城")
    me.say("钱钟书")
    return me.say("开始找")


def _guessed(service: Service, me: Person) -> str:
    me.press(f"b:{title_id(service, '围城')}")
    return me.press("guess:on")


LOOKS = [_again, _like_this, _like_this_by_its_label, _like_this_in_words, _guided, _guessed]


@pytest.mark.parametrize("look", LOOKS)
def test_no_search_runs_while_the_turn_is_held(
    service: Service, turns: Turns, look: Callable[[Service, Person], str]
) -> None:
    """And each is answered with books."""
    me = Person(service).trusted()
    turns.clear()
    assert "《" in look(service, me)
    assert turns and not any(turns)


@pytest.mark.parametrize(("said", "where", "count"), [
    ("排行榜", "lending.rankings", "most_borrowed"), ("分类浏览", "lending.selection", "marks"),
    ("历史书", "lending.selection", "marks"),
])  # fmt: skip
def test_nothing_is_counted_through_the_stock_while_the_turn_is_held(
    service: Service, monkeypatch: pytest.MonkeyPatch, said: str, where: str, count: str
) -> None:
    """At a million titles each of these held up everybody who ordered, for a second or half of one."""
    held: Turns = []
    counting = getattr(importlib.import_module(where), count)

    def watched(*asked: object) -> object:
        held.append(service.store.has_turn())
        return counting(*asked)

    monkeypatch.setattr(f"{where}.{count}", watched)
    assert Person(service).say(said)
    assert held and not any(held)


def test_what_a_turn_did_before_it_needed_the_index_is_done_once(service: Service) -> None:
    """The yes to guessing is kept, and the press is taken in and answered once."""
    me = Person(service).trusted()
    me.press(f"b:{title_id(service, '围城')}")
    before = _count(service, "inbox")
    me.press("guess:on")
    assert _count(service, "inbox") == before + 1
    assert service.store.db.value("SELECT guess_for FROM readers WHERE id = :r", r=me.reader_id)


def _count(service: Service, table: str) -> int:
    return int(service.store.db.value(f"SELECT COUNT(*) FROM {table}"))
