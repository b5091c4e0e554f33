"""我的书架 N: the number under the greeting is the number of books there are, at every turn (A2-15)."""

from __future__ import annotations

from typing import Any

import pytest

from bot.service import Service
from lending import bookcase
from lending.database import Database
from tests.talking import Person, advance


def number(me: Person) -> str:
    """What stands on the newest button that opens the shelf."""
    return next(b.label for row in me.heard[-1].buttons for b in row if b.action == "mine")


def test_the_number_goes_with_the_books(service: Service, me: Person) -> None:
    me.trusted().say("你好")
    assert number(me) == "我的书架 0"
    assert "书架还空着" in me.tap("我的书架")
    me.say("借《围城》")
    me.tap("云栖站智能借书柜")
    me.say("确认")
    me.say("你好")
    assert number(me) == "我的书架 1"
    assert "1. 《围城》" in me.tap("我的书架")
    advance(service, me.last_order(), "pick", "pack", "load", "collect")
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE title_id = (SELECT id FROM titles WHERE title = '活着')")
    me.say("预约《活着》")
    me.say("/menu")
    assert number(me) == "我的书架 2"
    said = me.say("我的书架")
    assert "您的书架上有 2 本" in said and "1. 《围城》" in said and "到期" in said and "2. 《活着》 排队等着" in said
    assert len(bookcase.books(service.store.db, me.reader_id)) == bookcase.count(service.store.db, me.reader_id) == 2
    assert "您借着 1 本书" in me.say("我的借阅")


def test_a_newcomer_is_shown_no_empty_shelf(me: Person) -> None:
    me.say("你好")
    assert not any(button.action == "mine" for row in me.heard[-1].buttons for button in row)


def test_the_shelf_is_counted_where_the_menu_stands_and_nowhere_else(
    service: Service, me: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    me.say("你好")
    asked: list[str] = []
    ask = Database._ask

    def noting(self: Database, sql: str, values: dict[str, Any]) -> Any:
        asked.append(sql)
        return ask(self, sql, values)

    monkeypatch.setattr(Database, "_ask", noting)
    me.say("围城")
    assert not any(bookcase.BOOKS in sql for sql in asked)
    me.say("帮助")
    assert sum(bookcase.BOOKS in sql for sql in asked) == 1
