"""高级检索: five short questions by plain text, by numbers and by buttons; each may be skipped, all end in books or a way on."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.service import Service
from search import usage
from search.errors import IndexDamaged
from search.query import Filters, Results
from tests.talking import Person

Pairs = list[tuple[str, str]]

TALKS: dict[str, Pairs] = {
    "all five answered": [
        ("高级检索", "书名里有什么字"),
        ("围城", "已有：围城"),
        ("钱锺书", "第 3 项（共 5 项）：哪家出版社"),
        ("人民文学", "已有：围城、钱锺书、人民文学出版社"),
        ("2000年以后", "在哪个馆"),
        ("中心馆", "只看：云栖市图书馆中心馆、2000 年以后、人民文学出版社（1 种）"),
        ("1", "分类 I246"),
    ],
    "every one may be skipped, and then one is asked for": [
        ("我要高级检索", "书名里有什么字"),
        ("跳过", "作者是谁"),
        ("不知道", "哪家出版社"),
        ("没有", "哪几年"),
        ("随便", "在哪个馆"),
        ("不限", "至少说一项"),
        ("活着", "已有：活着"),
        ("开始找", "《活着》"),
    ],
    "begun at any time": [
        ("高级搜索", "书名"),
        ("跳过", "作者是谁"),
        ("余华", "哪家出版社"),
        ("开始找", "《许三观卖血记》"),
    ],
    "算了 leaves, and words are searched again": [
        ("高级检索", "书名"),
        ("三体", "作者是谁"),
        ("算了", "先放下"),
        ("活着", "「活着」找到"),
    ],
    "a book in marks, an author in another spelling": [
        ("高级检索", "书名"),
        ("《围城》", "作者是谁"),
        ("錢鍾書", "哪家出版社"),
        ("好的", "《围城》"),
    ],
    "a title that is a number, one that sounds like a command": [
        ("高级检索", "书名"),
        ("1984", "已有：1984"),
        ("跳过", "哪家出版社"),
        ("高级检索", "书名"),
        ("《再见》", "已有：再见"),
    ],
    "several publishers fit: one is chosen by its number": [
        ("高级检索", "书名"),
        ("跳过", "作者"),
        ("跳过", "哪家出版社"),
        ("人民", "是哪一家"),
        ("1", "已有：人民文学出版社"),
        ("开始找", "只看：人民文学出版社"),
    ],
    "an unknown publisher, year or branch is asked again": [
        ("高级检索", "书名"),
        ("跳过", "作者"),
        ("跳过", "哪家出版社"),
        ("火星出版社", "没有名字带「火星出版社」的出版社"),
        ("跳过", "哪几年"),
        ("很久以前", "没看懂「很久以前」"),
        ("2015年的", "在哪个馆"),
        ("火星馆", "没有找到叫「火星馆」的馆"),
        ("分馆", "没有找到叫「分馆」的馆"),
        ("莲塘", "只看：莲塘街道书房、2015 年"),
    ],
    "a person can be asked for in between": [
        ("高级检索", "书名"),
        ("人工", "编号 RG"),
        ("活着", "「活着」找到"),
    ],
    "traditional characters": [("進階檢索", "书名"), ("跳過", "作者"), ("餘華", "哪家出版社"), ("開始找", "《活着》")],
}


@pytest.mark.parametrize("pairs", TALKS.values(), ids=TALKS.keys())
def test_said_and_answered(me: Person, pairs: Pairs) -> None:
    for said, answered in pairs:
        assert answered in me.say(said), (said, me.heard[-1].text)


def test_by_buttons_alone(me: Person, service: Service) -> None:
    """A2-14: the year and the branch are chosen from what the catalogue has."""
    me.say("分类浏览")
    me.tap("高级检索")
    for _field in ("title", "author", "publisher"):
        me.tap("跳过")
    me.tap("2010–2019 年")
    said = me.tap("萤火少儿馆")
    n = service.store.db.value(
        "SELECT COUNT(*) FROM titles WHERE withdrawn = 0 AND year BETWEEN 2010 AND 2019 AND id IN (SELECT title_id FROM copies c "
        "JOIN points p ON p.id = c.point_id WHERE p.name = '萤火少儿馆' AND c.state NOT IN ('lost', 'withdrawn'))"
    )
    assert f"只看：萤火少儿馆、2010–2019 年（{n} 种）" in said and n > 0


def test_the_branches_offered_hold_books_of_those_years(me: Person, service: Service) -> None:
    """A5-3: a branch without any is not offered."""
    with service.store.writing() as db:
        db.run("DELETE FROM copies WHERE point_id = (SELECT id FROM points WHERE name = '萤火少儿馆')")
    me.press("guide")
    for _field in ("title", "author", "publisher", "year"):
        me.tap("跳过")
    labels = [button.label for row in me.heard[-1].buttons for button in row]
    assert "听泉区分馆" in labels and "萤火少儿馆" not in labels


def test_when_not_all_fits_title_and_author_are_shown_alone(me: Person) -> None:
    """No dead end (C3)."""
    me.say("高级检索")
    for said in ("围城", "钱锺书", "商务印书馆"):
        me.say(said)
    said = me.say("开始找")
    assert "没有同时符合这几项的书：围城、钱锺书、商务印书馆" in said and "《围城》" in said


def test_when_nothing_fits_there_is_a_way_on_and_the_miss_is_kept(me: Person, service: Service) -> None:
    me.say("高级检索")
    me.say("zzqqxxyyww kkjjhh")
    assert "荐购" in me.say("开始找")
    today = service.clock.now().date()
    assert usage.top(service.store.db, "miss", today, today) == [usage.Counted("zzqqxxyyww kkjjhh", 1)]


def test_years_without_any_book_lead_back(me: Person) -> None:
    me.say("高级检索")
    for _field in ("title", "author", "publisher"):
        me.say("跳过")
    me.say("1650年")
    assert "没有符合这几项的书：1650 年" in me.say("开始找")
    assert "书名里有什么字" in me.tap("高级检索")


def test_looking_at_something_else_ends_the_questions(me: Person) -> None:
    """A word said later is a search, not an answer to an old question."""
    me.say("高级检索")
    me.press("shelf:literature")
    assert "「三体」找到" in me.say("三体")


@pytest.mark.parametrize("action", ["g:skip", "g:find", "g:0", "g:99", "g:x", "g:", "g"])
def test_old_and_forged_buttons_are_answered(me: Person, action: str) -> None:
    assert "已过期" in me.press(action)
    me.say("高级检索")
    me.press(action)
    assert "抱歉" not in me.heard[-1].text and me.heard[-1].buttons


def test_after_the_search_its_old_buttons_have_expired(me: Person) -> None:
    me.say("高级检索")
    skip = me.action("跳过")
    me.say("活着")
    me.say("开始找")
    assert "已过期" in me.press(skip)


def test_the_author_alone_finds_every_edition_however_the_name_is_written(me: Person, service: Service) -> None:
    """A filter by whole name, over both spellings that the records hold."""
    me.say("高级检索")
    me.say("跳过")
    me.say("钱锺书")
    me.say("开始找")
    memory = service.store.db.value("SELECT unseal(memory) FROM conversations WHERE reader_id = :r", r=me.reader_id)
    found = {row["value"] for row in service.store.db.all("SELECT value FROM json_each(:m, '$.list')", m=memory)}
    real = service.store.db.all(
        "SELECT id FROM titles WHERE ('; ' || authors || '; ' LIKE '%; 钱锺书; %' OR '; ' || authors || '; ' LIKE '%; 钱钟书; %')"
    )
    assert {row["id"] for row in real} == found and len(found) > 5


def test_in_english(service: Service) -> None:
    me = Person(service, language="en")
    assert "Which words are in the title?" in me.say("advanced search")
    assert "So far: 围城." in me.say("围城")
    assert "Which publisher?" in me.say("skip")
    assert "《围城》" in me.say("Search now")


class Torn:
    """An index that cannot be read."""

    changes = 0

    def search(self, text: str, limit: int = 10, offset: int = 0, filters: Filters | None = None) -> Results:
        """Meets the damage."""
        raise IndexDamaged(Path("index"), "torn")


def test_a_damaged_index_is_left_to_be_mended_later(
    me: Person, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is built again while the store is being written; the reader gets a way on, and the next search mends."""
    me.say("高级检索")
    me.say("活着")
    monkeypatch.setattr(service.finder, "_index", Torn())
    assert "荐购" in me.tap("开始找")
    assert "《活着》" in me.say("活着")
