"""Along the shelves: the counts are those of the catalogue, nothing empty is shown, two taps lead to a shelf (F-3, A8-4)."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from bot.events import Reply
from bot.service import Service
from search import browse
from tests.talking import Person

COUNTED = re.compile(r"(.+) (\d+)")


def marks(service: Service) -> list[str]:
    """The class mark of every title that is not withdrawn."""
    return [row["clc"] for row in service.store.db.all("SELECT clc FROM titles WHERE withdrawn = 0")]


def shown(reply: Reply, word: str) -> dict[str, int]:
    """The classes on the buttons of a message, with their numbers."""
    buttons = [button for row in reply.buttons for button in row if button.action.startswith(f"{word}:")]
    return {button.action.split(":", 1)[1]: int(COUNTED.fullmatch(button.label)[2]) for button in buttons}  # type: ignore[index]


def test_the_shelves_count_what_stands_there(me: Person, service: Service) -> None:
    """A2-19: each title on the shelf of its longest prefix, counted apart from the code that shows it."""
    me.say("分类浏览")
    counted = Counter(browse.everyday_shelf(mark).code for mark in marks(service))
    counted.pop("", None)
    assert shown(me.heard[-1], "shelf") == counted
    assert len(counted) == 18


def test_the_main_classes_count_what_stands_there(me: Person, service: Service) -> None:
    """A8-4: 22 classes in their order."""
    me.say("中图法")
    assert list(shown(me.heard[-1], "class")) == list("ABCDEFGHIJKNOPQRSTUVXZ")
    assert shown(me.heard[-1], "class") == Counter(mark[0] for mark in marks(service))


@pytest.mark.parametrize("main", "ABCDEFGHIJKNOPQRSTUVXZ")
def test_below_a_main_class_every_title_is_counted_once(me: Person, service: Service, main: str) -> None:
    """K825 is biography and not history, A49 is not A4; the rest stands under "all"."""
    me.press(f"class:{main}")
    below = shown(me.heard[-1], "shelf")
    counted = Counter(browse.classify(mark).code for mark in marks(service) if mark[0] == main)
    assert below.pop(main) == counted.total()
    counted.pop(main, None)
    assert below == counted


@pytest.mark.parametrize(("mark", "code"), [("K825.6", "K81"), ("G634.6", "G4"), ("O211.9", "O1"), ("A493", "A49")])
def test_marks_whose_first_characters_mislead_are_counted_where_they_belong(
    me: Person, service: Service, mark: str, code: str
) -> None:
    """The traps of the classification."""
    me.press(f"class:{mark[0]}")
    before = Counter(shown(me.heard[-1], "shelf"))
    with service.store.writing() as db:
        db.run("UPDATE titles SET clc = :mark WHERE title = '围城'", mark=mark)
        moved = db.value("SELECT COUNT(*) FROM titles WHERE title = '围城'")
    me.press(f"class:{mark[0]}")
    after = Counter(shown(me.heard[-1], "shelf"))
    assert after - before == Counter({code: moved, mark[0]: moved})


def test_a_class_lists_its_titles_best_known_first_and_says_how_many(me: Person, service: Service) -> None:
    said = me.press("shelf:biography")
    rows = service.store.db.all("SELECT id, clc FROM titles WHERE withdrawn = 0 ORDER BY popularity DESC, id")
    there = [row["id"] for row in rows if browse.everyday_shelf(row["clc"]).code == "biography"]
    assert f"「传记」里的书，共 {len(there)} 种" in said
    assert [button.action for row in me.heard[-1].buttons[:5] for button in row] == [f"t:{one}" for one in there[:5]]


def test_an_empty_class_is_not_shown_and_leads_nowhere_empty(me: Person, service: Service) -> None:
    """A5-3."""
    with service.store.writing() as db:
        db.run("UPDATE titles SET withdrawn = 1 WHERE clc LIKE 'V%' OR clc LIKE 'TB8%' OR clc LIKE 'J4%'")
    me.say("分类浏览")
    assert "photography" not in shown(me.heard[-1], "shelf")
    me.say("中图法")
    assert "V" not in shown(me.heard[-1], "class") and len(shown(me.heard[-1], "class")) == 21
    assert "想看哪一类" in me.press("shelf:V")
    assert "想看哪一类" in me.press("class:V")


def test_two_taps_to_a_shelf_and_a_third_to_the_book(me: Person) -> None:
    """F-3."""
    me.say("你好")
    me.taps = 0
    me.tap("分类浏览")
    assert "1. 《" in me.tap("摄影")
    assert me.taps == 2
    assert "分类 J4" in me.tap("《")


def test_a_list_says_where_a_copy_stands(me: Person, service: Service) -> None:
    """A8-3: call number, branch and shelf, in the text and on the card."""
    said = me.press("shelf:computing")
    title_id = int(me.heard[-1].buttons[0][0].action[2:])
    rows = service.store.db.all(
        "SELECT c.call_number || ' ' || p.name || ' ' || c.shelf AS place FROM copies c JOIN points p "
        "ON p.id = c.point_id WHERE c.title_id = :t AND c.state = 'available'", t=title_id,
    )  # fmt: skip
    place = me.heard[-1].cards[0].shelf
    assert place in said and place in [row["place"] for row in rows]


def test_a_book_that_is_out_names_no_place_but_its_class(me: Person, service: Service) -> None:
    """A7-5: never an empty label."""
    with service.store.writing() as db:
        db.run(
            "UPDATE copies SET state = 'on_loan' WHERE title_id IN (SELECT id FROM titles WHERE title = '黑客与画家')"
        )
    said = me.say("黑客与画家")
    assert "都借出去了\n" in said and me.heard[-1].cards[0].shelf == "TP3"


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("文学类", "「文学」里的书"),
        ("文學類", "「文学」里的书"),
        ("计算机类有哪些书", "「计算机与互联网」里的书"),
        ("TP类", "「自动化技术、计算机技术」里的书"),
        ("k类", "「历史、地理」里的书"),
        ("心理类", "「心理学」里的书"),
        ("法律类的书", "「政治、法律」里的书"),
        ("经济类", "「经济」里的书"),
        ("按中图法浏览", "中国图书馆分类法"),
        ("中图分类法", "中国图书馆分类法"),
        ("分类", "想看哪一类"),
        ("外文类", "想看哪一类"),
    ],
)
def test_a_class_is_found_by_its_name(me: Person, said: str, answered: str) -> None:
    assert answered in me.say(said)


def test_english_readers_browse_in_english(service: Service) -> None:
    me = Person(service, language="en")
    assert "Which kind" in me.say("categories") or me.heard[-1].buttons[0][0].label.startswith("Literature")
    assert "“Photography”, " in me.tap("Photography")
    me.say("Chinese Library Classification")
    assert "History" in me.tap("K ")


def test_no_label_is_cut_and_every_action_fits(me: Person) -> None:
    """C2: two in a row only where both are short."""
    for action in ("shelves", "classes", *(f"class:{main}" for main in "ABFGKT")):
        me.press(action)
        for row in me.heard[-1].buttons:
            assert len(row) == 1 or all(len(button.label) <= 16 for button in row), row


# ---- books for children --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["适合8岁孩子看的", "少儿", "儿童类的书", "給小學生看的書", "books for kids", "推荐儿童书"])
def test_books_for_children_are_gathered_from_every_countrys_literature(me: Person, service: Service, said: str) -> None:
    """Each literature has a place of its own for them (I287, I561.84): no prefix has them all, and no other book is in."""
    children = [mark for mark in marks(service) if re.match(r"I28|I\d\d\d\.8|Z228\.1", mark) and mark[:4] != "I247"]
    assert f"「少儿读物」里的书，共 {len(children)} 种" in me.say(said)


def test_picture_books_are_a_group_of_their_own(me: Person) -> None:
    assert "《猜猜我有多爱你》" in me.say("有没有绘本")
    assert "「绘本」里的书" in me.say("适合五岁孩子看的绘本")


def test_an_age_is_not_claimed_to_have_been_looked_at(me: Person) -> None:
    assert "没有标适合几岁" in me.say("想给8岁的娃找几本书")
    assert "没有标适合几岁" not in me.say("童书")


def test_the_groups_stand_beside_the_shelves_and_open_with_a_tap(me: Person) -> None:
    me.say("分类浏览")
    assert "「少儿读物」里的书" in me.tap("少儿读物")


def test_a_word_for_books_does_not_name_the_childrens_library(me: Person) -> None:
    assert "萤火巷" not in me.say("少儿")
    for name in ("少儿馆", "萤火少儿馆"):
        assert "萤火巷 20 号" in me.say(name)


def test_a_list_goes_on_while_an_order_is_made(me: Person) -> None:
    """One book of a list is put into the cart, which asks how to fetch it; then the reader looks further."""
    me.trusted().press("shelf:biography")
    assert "怎么取" in me.tap("借这本")
    assert me.tap("下一页").startswith("「传记」里的书")
