"""英文书有吗、有没有英文小说、小王子的英文版: books by the language they are written in (A2-14, F-6)."""

from __future__ import annotations

import pytest

from bot.service import Service
from lending.stock import CopyEntry, TitleEntry, store_copies, store_titles
from tests.talking import Person

ALL = (
    "有没有英文书", "英文书", "有英文原版书吗", "想看英文的书", "英文原版", "english books", "do you have any english books?",
    "books in english", "anything in English", "有冇英文書呀", "can you show me some english-language books",
)  # fmt: skip
NOVELS = (
    "英文小说", "有没有英文小说", "我想看英文原版小说", "english novels", "hi, do you have any english novels",
    "novels in english", "fiction in english please", "英语小说有吗", "look for english fiction",
)  # fmt: skip


@pytest.mark.parametrize("said", ALL)
def test_books_in_english_are_shown(me: Person, said: str) -> None:
    answer = me.say(said)
    assert "只看：英文（16 种）" in answer and "1. 《" in answer, answer


@pytest.mark.parametrize("said", NOVELS)
def test_of_one_kind_alone(me: Person, said: str) -> None:
    answer = me.say(said)
    assert "「文学」" in answer and "英文" in answer and "Gatsby" in answer and "Metaphors" not in answer, answer


@pytest.mark.parametrize("said", ["外文书", "有没有外文原版书", "books in other languages", "foreign books"])
def test_whatever_is_not_chinese(me: Person, said: str) -> None:
    assert "外文（16 种）" in me.say(said)


@pytest.mark.parametrize(
    ("said", "language"), [("有没有韩文书", "韩文"), ("日文小说有吗", "日文"), ("books in french", "法文")]
)
def test_where_there_are_none_it_is_said_with_what_there_is(me: Person, said: str, language: str) -> None:
    answer = me.say(said)
    assert f"没有标明是{language}的书" in answer and "中文" in answer and "英文" in answer
    assert me.action("荐购这本") and me.action("转人工")


@pytest.mark.parametrize(
    "said",
    [
        "有没有英文版的三体",
        "三体英文版有吗",
        "《三体》有英文版吗",
        "do you have 三体 in english",
        "三体的英文原版",
        "the english version of 三体",
        "i'm looking for 三体 but in english",
        "can i get 三体 in english translation please",
    ],
)
def test_a_book_in_another_language_only(me: Person, said: str) -> None:
    answer = me.say(said)
    assert "没有英文版" in answer and "《三体》" in answer, answer
    assert me.tap("看这本书").startswith("《三体")


def test_a_book_in_that_language_is_found(service: Service, me: Person) -> None:
    with service.store.writing() as db:
        point = db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
        entry = TitleEntry("三体", authors=("刘慈欣",), publisher="Tor", year=2014, isbn="9780765377067", language="en")
        [title] = store_titles(db, [entry]).ids
        store_copies(db, [CopyEntry("EN-1", title, point)])
    service.finder.catch_up()
    assert "Tor" in me.say("有没有英文版的三体")


@pytest.mark.parametrize(
    "said", ["英语书", "英语语法", "English Grammar in Use", "学英语", "the english patient", "英文名字", "中文系学生"]
)
def test_words_with_a_language_in_them_may_be_a_book(me: Person, said: str) -> None:
    assert "只看" not in me.say(said)


@pytest.mark.parametrize("said", ["换成英文", "说英文", "英文版", "english please", "switch to english", "in english"])
def test_the_language_of_the_talk_is_another_matter(me: Person, said: str) -> None:
    """ "英文版" alone is the page's."""
    assert "只看" not in me.say(said) and "没有英文版" not in "".join(reply.text for reply in me.heard)


@pytest.mark.parametrize("said", ["只看英文的", "英文的", "只要外文的", "only the english ones"])
def test_a_list_on_show_is_narrowed(me: Person, said: str) -> None:
    me.say("随便推荐一本")
    me.say("菲茨杰拉德")
    answer = me.say(said)
    assert "只看" in answer or "没有符合" in answer, answer


def test_the_filter_offers_languages(me: Person) -> None:
    me.say("文学类")
    me.tap("筛选")
    me.tap("语种")
    answer = me.tap("英文")
    assert "只看：英文" in answer


def test_of_an_author_who_is_here_in_chinese_alone_the_books_there_are_are_shown(me: Person) -> None:
    answer = me.say("do you have any mo yan in english")
    assert "「mo yan」的书，馆里没有英文版的，有的是：" in answer and "1. 《" in answer, answer


@pytest.mark.parametrize("said", ["anything by lu xun in english?", "do you have lu xun's books in english", "books by lu xun in english"])
def test_by_an_author_without_a_wish_around_it(me: Person, said: str) -> None:
    assert "「lu xun」的书，馆里没有英文版的，有的是：" in me.say(said)


@pytest.mark.parametrize(
    ("said", "shelf"),
    [("i'm looking for a book about chinese history in english", "历史"), ("something about cooking in english", "烹饪"), ("english books for kids", "少儿读物")],
)
def test_of_a_subject_what_there_is_in_the_language(me: Person, said: str, shelf: str) -> None:
    answer = me.say(said)
    assert f"「{shelf}" in answer and "馆里别的英文书" in answer and "1. 《" in answer, answer
