"""Whether there are e-books and audiobooks, or one of a certain book: what is there, and truly no where nothing is (A2-24)."""

from __future__ import annotations

import pytest

from bot.service import Service
from lending.stock import CopyEntry, TitleEntry, store_copies, store_titles
from tests.bot.test_ranking import title_id
from tests.talking import Person

ALL = ("有电子书吗", "有没有电子书", "电子书有吗", "电子书", "馆里有哪些电子书", "do you have any e-books", "電子書有嗎")
ONE = ("有没有电子书版的三体", "三体有电子书吗", "三体有没有电子书版", "电子版的三体有吗", "《三体》的电子书", "is there an ebook of 三体", "ebook of 三体")


def hold(service: Service, title: int, material: str) -> None:
    """A copy of that form."""
    with service.store.writing() as db:
        point = db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
        store_copies(db, [CopyEntry(f"{material}-{title}", title, point, material=material)])


@pytest.mark.parametrize("said", ALL)
def test_where_there_are_none_it_is_said_with_what_there_is(me: Person, said: str) -> None:
    answer = me.say(said)
    assert "书目里没有电子书" in answer and "现在能借的是纸书" in answer
    assert {"荐购这本", "转人工"} <= {button.label for row in me.heard[-1].buttons for button in row}


@pytest.mark.parametrize("said", ALL)
def test_where_there_are_some_they_are_listed(service: Service, me: Person, said: str) -> None:
    hold(service, title_id(service, "围城"), "ebook")
    answer = me.say(said)
    assert "馆里的电子书，1 种" in answer and "《围城》" in answer


@pytest.mark.parametrize("said", ONE)
def test_a_book_in_print_alone_is_shown_as_that(service: Service, me: Person, said: str) -> None:
    answer = me.say(said)
    assert "没有电子书，馆里有的是纸书" in answer and "《三体》" in answer
    assert "《三体" in me.tap("看这本书")


@pytest.mark.parametrize("said", ONE)
def test_a_book_in_that_form_is_found(service: Service, me: Person, said: str) -> None:
    """However the catalogue writes the form."""
    hold(service, title_id(service, "三体"), "电子书")
    answer = me.say(said)
    assert "「三体」的电子书" in answer and "1. 《三体" in answer


def test_an_audiobook_is_no_ebook_and_other_forms_are_named(service: Service, me: Person) -> None:
    hold(service, title_id(service, "三体"), "audiobook")
    assert "馆里的有声书，1 种" in me.say("有声书")
    assert "「三体」的有声书" in me.say("有没有有声书版的三体")
    assert "现在能借的是纸书、有声书" in me.say("有电子书吗")


def test_a_lost_copy_and_a_withdrawn_title_are_not_there(service: Service, me: Person) -> None:
    hold(service, title_id(service, "三体"), "ebook")
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'lost' WHERE material = 'ebook'")
    assert "书目里没有电子书，现在能借的是纸书。" in me.say("有电子书吗")


def test_a_book_nobody_has_is_asked_for_as_ever(me: Person) -> None:
    assert "没有找到「不存在的哦书」" in me.say("有没有有声书版的不存在的哦书")


def test_a_wish_for_the_other_form_names_it(me: Person) -> None:
    me.say("有没有有声书版的三体")
    assert "荐购收到：《三体（有声书）》" in me.tap("荐购这本")


@pytest.mark.parametrize("said", ["电子书怎么看", "只看电子书", "电子书制作入门", "有声"])
def test_other_words_go_where_they_went(service: Service, me: Person, said: str) -> None:
    with service.store.writing() as db:
        store_titles(db, [TitleEntry("电子书制作入门")])
    service.finder.catch_up()
    me.say("围城")
    assert "书目里没有电子书" not in me.say(said)
