"""Books nobody has named yet: arrivals, the editor's picks, guesses with a reason, books like this one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bot import alike
from bot.service import Service
from lending import catalogue, picks, shelves, withdrawals
from lending.errors import UnknownThing
from lending.stock import TitleEntry, store_titles
from tests.bot.test_ranking import title_id
from tests.talking import Person, advance


def test_new_books_are_those_that_came_last(service: Service, me: Person) -> None:
    """A2-20: by the day they came; while all came on one day, by year of publication."""
    assert "最近出版的书" in me.say("新书")
    with service.store.writing() as db:
        store_titles(db, [TitleEntry("刚到的旧书", year=1950)], day=date(2026, 11, 20))
    said = me.say("新书")
    assert "最近到馆的书" in said and "1. 《刚到的旧书》" in said
    assert len(shelves.arrivals(service.store.db, 3)) == 3


def test_editors_picks_show_the_librarians_words_and_the_whole_byline(service: Service, me: Person) -> None:
    """A2-18: title, author, publisher and year."""
    assert "还在挑选" in me.say("主编推荐")
    now = service.clock.now()
    picks.pick(service.store.db, title_id(service, "围城"), "城里的人想出去", now)
    picks.pick(service.store.db, title_id(service, "活着"), "", now + timedelta(minutes=1))
    said = me.say("编辑推荐")
    known = catalogue.title(service.store.db, title_id(service, "围城"))
    assert "1. 《活着" in said and "2. 《围城》" in said and "推荐语：城里的人想出去" in said
    assert all(part in said for part in (*known.authors, known.publisher, str(known.year)))
    picks.pick(service.store.db, known.id, "换了一句", now)
    assert "换了一句" in me.say("主编推荐") and picks.unpick(service.store.db, known.id)
    assert "围城" not in me.say("主编推荐") and not picks.unpick(service.store.db, known.id)


def test_a_withdrawn_or_unknown_title_is_no_pick(service: Service) -> None:
    book = title_id(service, "围城")
    picks.pick(service.store.db, book, "好", service.clock.now())
    withdrawals.withdraw(service.store.db, book, "旧了", service.policy, service.clock.now())
    assert picks.picked(service.store.db) == []
    for wrong in (book, 99_999_999):
        try:
            picks.pick(service.store.db, wrong, "好", service.clock.now())
        except UnknownThing:
            continue
        raise AssertionError("picked what cannot be shown")


def _tables(service: Service, without: tuple[str, ...] = ()) -> dict[str, list[dict[str, Any]]]:
    db = service.store.db
    names = [row["name"] for row in db.all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {name: db.all(f"SELECT * FROM {name}") for name in names if name not in without}


def _reading(service: Service, me: Person, title: str) -> None:
    me.say(title)
    me.tap("借这本")
    me.tap("云栖站智能借书柜")
    me.tap("确认下单")
    advance(service, me.last_order(), "pick", "pack", "load", "collect")
    me.listen()


def test_guesses_are_asked_for_once_and_say_their_reason(service: Service) -> None:
    """A1-18: off by default; from the books in hand."""
    me = Person(service).trusted()
    _reading(service, me, "围城")
    asked = me.say("猜我喜欢")
    assert "看完不留记录" in asked and "《" not in asked
    said = me.tap("好，猜猜看")
    assert "因为您正在读《围城》" in said and "1. 《围城》" not in said
    assert "因为您正在读《围城》" in me.say("猜你喜欢"), "the yes is asked once"
    me.say("三体")
    me.say("把第1本放进借书车")
    assert "因为《三体》在您的借书车里" in me.say("猜我喜欢") + me.say("下一页")


def test_without_books_in_hand_there_is_no_guess(me: Person) -> None:
    me.say("猜我喜欢")
    assert "没有可以参考的" in me.tap("好，猜猜看")


def test_guessing_leaves_no_profile_and_off_leaves_nothing(service: Service) -> None:
    """The talk itself (what was said, and the list on show) is all that changes; the flag goes with a no."""
    me = Person(service).trusted()
    _reading(service, me, "围城")
    talk = ("inbox", "outbox", "conversations", "contacts", "sqlite_sequence")
    before = _tables(service, talk)
    me.say("猜我喜欢")
    me.tap("好，猜猜看")
    during = _tables(service, talk)
    changed = {name for name in before if before[name] != during[name]}
    assert changed == {"readers"}
    difference = [set(a.items()) ^ set(b.items()) for a, b in zip(before["readers"], during["readers"], strict=True)]
    assert {name for pairs in difference for name, value in pairs} == {"guess_for"}
    assert "没有留下什么" in me.say("不再猜了")
    assert _tables(service, talk) == before
    memory = service.store.db.value("SELECT unseal(memory) FROM conversations WHERE reader_id = :r", r=me.reader_id)
    assert "因为" not in memory
    assert "《" not in me.say("猜我喜欢"), "asked again"


def test_what_was_borrowed_before_is_not_looked_at(service: Service) -> None:
    me = Person(service).trusted()
    _reading(service, me, "围城")
    with service.store.writing() as db:
        db.run("UPDATE loans SET returned_at = started_at, ended_as = 'returned'")
    me.say("猜我喜欢")
    assert "没有可以参考的" in me.tap("好，猜猜看")


def test_books_like_this_share_author_class_or_subject_and_are_other_works(service: Service, me: Person) -> None:
    said = me.say("和《三体》类似的书")
    assert "和《三体》相近的书" in said
    db = service.store.db
    this = catalogue.title(db, title_id(service, "三体"))
    found = catalogue.titles(db, alike.similar(db, service.finder, this, 20))
    assert found and all(one.title != "三体" or one.volume != this.volume for one in found.values())
    assert len({alike.work(one) for one in found.values()}) == len(found)
    scores = [alike.likeness(this, one) for one in found.values()]
    assert scores == sorted(scores, reverse=True)
    first = next(iter(found.values()))
    assert alike.names(first) & alike.names(this) or first.clc[:3] == this.clc[:3]
    me.press(f"t:{this.id}")
    assert "相近的书" in me.tap("看相近的书")
    assert "《三体》" in me.tap("回到这本书")


def test_a_book_of_which_nothing_is_known_has_none_like_it(service: Service, me: Person) -> None:
    with service.store.writing() as db:
        alone = store_titles(db, [TitleEntry("孤零零的一本")]).ids[0]
    assert "暂时没有找到和它相近的书" in me.press(f"same:{alone}")


def test_a_kind_that_is_named_is_recommended(me: Person) -> None:
    assert "「历史」里的书" in me.say("推荐点历史方面的书")
    assert "「围城」方面的书" in me.say("推荐几本关于围城的书")
    assert "还没有遇到它的读者" in me.say("推荐几本关于zzqqxxyyww的书")


def test_a_book_without_a_reader_is_introduced(me: Person) -> None:
    """A1-17."""
    said = me.say("推荐一本书")
    assert "还没有遇到它的读者" in said and "《" in said


# ---- the book on show ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["还有别的版本吗", "還有別的版本嗎", "有别的译本吗", "any other editions?"])
def test_other_editions_of_the_book_on_show(me: Person, said: str) -> None:
    me.say("小王子")
    me.say("1")
    me.say(said)
    publishers = ("人民文学出版社", "天津人民出版社", "中国友谊出版公司", "哈尔滨出版社")
    assert [name for name in publishers if name not in me.heard[-1].text] == []


def test_a_book_of_one_edition_is_said_to_have_one_and_its_sequels_are_none(me: Person) -> None:
    me.say("三体")
    assert "《三体》馆里只有这一个版本" in me.say("其他版本"), "the first of the list, and it is named"
    me.say("三体")
    me.say("1")
    assert "《三体》馆里只有这一个版本" in me.say("还有别的版本吗")


@pytest.mark.parametrize("said", ["有没有类似的", "类似的书", "像这样的书"])
def test_books_like_the_one_on_show(me: Person, said: str) -> None:
    me.say("三体")
    me.say("1")
    assert "和《三体》相近的书" in me.say(said)


@pytest.mark.parametrize("said", ["他还写过什么", "这个作者的其他书", "what else did he write"])
def test_other_works_of_the_author_on_show(me: Person, said: str) -> None:
    """Each work once, and not the book itself in another dress."""
    me.say("活着")
    me.say("1")
    me.say(said)
    assert "《许三观卖血记》" in me.heard[-1].text and "《活着》" not in me.heard[-1].text
    assert me.heard[-1].text.count("《兄弟 上》") == 1


def test_an_author_of_one_book_is_said_to_have_one(me: Person) -> None:
    me.say("新华字典")
    me.say("1")
    assert "馆里只有这一本" in me.say("他还写过什么")
    assert "相近的书" in me.tap("看相近的书")


def test_with_no_book_on_show_it_is_asked_which(me: Person) -> None:
    for said in ("还有别的版本吗", "有没有类似的"):
        assert "是哪一本呢" in me.say(said)


def test_the_book_on_show_is_shared_by_a_word(me: Person) -> None:
    """Its page needs no login and says nothing of who sent it (A7-1)."""
    me.say("围城")
    me.say("1")
    title = me.service.store.db.value("SELECT id FROM titles WHERE title = '围城' ORDER BY id LIMIT 1")
    assert "《围城》" in me.say("分享给朋友")
    assert f"/b/{title}" in [button.url for row in me.heard[-1].buttons for button in row]
    assert "是哪一本呢" in Person(me.service, "another").say("怎么分享")
