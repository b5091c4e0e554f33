"""分类浏览: along the everyday shelves and 中国图书馆分类法, two taps to a shelf (F-3); each class says how much it holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

from bot import books, lookups, subject_words
from bot.events import Button
from bot.folding import fold
from bot.handlers import guided, lists, subscribing
from bot.talk import Rows, Talk
from lending import selection
from lending.selection import Scope
from search import browse
from search.browse import Shelf

ADVANCED = "高级检索"
BY_CLASS = "中图法"
HALF = 14  # characters that fit half a phone's width
AGE = re.compile(r"岁|年级|小学|幼儿|year|grade")


def browse_shelves(talk: Talk) -> None:
    """The eighteen shelves of 信阅 (A2-19), or the one that is named; 中图法 and 高级检索 by name."""
    wanted = fold(talk.slot("query")).removesuffix("类").strip()
    if wanted == ADVANCED:
        return guided.start(talk)
    if wanted == BY_CLASS:
        return show_classes(talk)
    shelf = _filled(talk, browse.named(wanted))
    if shelf.code and selection.count(talk.db, lists.fit(talk, scope(shelf))):
        lists.say_unsure(talk)
        return show_shelf(talk, shelf.code)
    show_shelves(talk)


def for_children(talk: Talk) -> bool:
    """Whether there are books for children at all."""
    return bool(selection.count(talk.db, scope(_filled(talk, browse.CHILDREN))))


def scope(shelf: Shelf) -> Scope:
    """The titles of a class: its own prefixes, without the longer ones that belong elsewhere (K825, G634, O211)."""
    return Scope(prefixes=shelf.prefixes, beyond=browse.beyond(shelf))


def _filled(talk: Talk, shelf: Shelf) -> Shelf:
    return browse.gathered(shelf, talk.look_up(lookups.marks))


def show_shelves(talk: Talk) -> None:
    """All shelves that hold something, with their counts (A5-3); beside them what is gathered from many classes."""
    _ = talk._
    groups = [(shelf, selection.count(talk.db, scope(_filled(talk, shelf)))) for shelf in browse.groups()]
    gathered = [Button(f"{books.shelf_name(_, shelf)} {n}", f"group:{shelf.code}") for shelf, n in groups if n]
    ways = (Button(_("更多分类（中图法）"), "classes"), Button(_("高级检索"), "guide"))
    buttons = _counted(talk, browse.everyday_shelves(), "shelf", browse.everyday_shelf)
    turned = talk.event.press == "shelves"  # asked for under another message, that one stays readable (C1)
    talk.say(_("想看哪一类？（数字是馆里的种数）"), (*arranged(buttons), *arranged(gathered), ways), edits=turned)


def show_classes(talk: Talk) -> None:
    """The main classes of 中国图书馆分类法 in their order, with counts (A8-4)."""
    _ = talk._
    buttons = _counted(talk, browse.main_classes(), "class", browse.main_class)
    back = (Button(_("常用分类"), "shelves"),)
    talk.say(_("中国图书馆分类法（数字是馆里的种数）："), (*arranged(buttons), back), edits=True)


def show_class(talk: Talk, code: str) -> None:
    """What a main class holds below it; one with nothing below shows its books."""
    _, shelf = talk._, browse.by_code(code)
    below = _counted(talk, browse.children(shelf.code), "shelf", browse.classify)
    if not below:
        return show_shelf(talk, code)
    every = Button(_("全部 {n}", n=selection.count(talk.db, scope(shelf))), f"shelf:{shelf.code}")
    name = f"{shelf.code} {books.shelf_name(_, shelf)}"
    buttons = (*arranged(below), (every, Button(_("上一级"), "classes")))
    talk.say(_("「{name}」里有：（数字是馆里的种数）", name=name), buttons, edits=True)


def show_shelf(talk: Talk, code: str) -> None:
    """The books of one class or shelf, the best known first."""
    _, shelf = talk._, _filled(talk, browse.by_code(code))
    where = lists.fit(talk, scope(shelf))
    found = selection.count(talk.db, where) if shelf.code else 0
    if not found:
        return show_shelves(talk)
    name = books.shelf_name(_, shelf)
    heading = _.n("「{name}」里的书，共 {n} 种：", "「{name}」里的书，共 {n} 种：", found, name=name)
    if shelf.code in (group.code for group in browse.groups()) and AGE.search(fold(talk.event.text)) and talk.slot("unsure") in ("", subject_words.NEAR):
        heading = _("馆里的书没有标适合几岁，请您挑。") + "\n" + heading
    lists.show_scope(talk, where, heading, ways=(*lists.unsure_ways(talk), subscribing.button(_, "c", shelf.code)))


def _counted(talk: Talk, shelves: Iterable[Shelf], word: str, where: Callable[[str], Shelf]) -> list[Button]:
    """A button for each that is not empty; `where` says to which of them a class mark belongs."""
    counted: Counter[str] = Counter()
    for mark, n in talk.look_up(lookups.marks).items():
        counted[where(mark).code] += n
    coded = where is not browse.everyday_shelf
    return [
        Button(
            f"{shelf.code + ' ' if coded else ''}{books.shelf_name(talk._, shelf)} {counted[shelf.code]}",
            f"{word}:{shelf.code}",
        )
        for shelf in shelves
        if counted[shelf.code]
    ]


def arranged(buttons: list[Button]) -> Rows:
    """Two in a row; one with a long name has a row of its own, so that no label is cut off (C2)."""
    made: list[tuple[Button, ...]] = []
    for button in buttons:
        pairs = made and len(made[-1]) == 1 and all(len(one.label) <= HALF for one in (*made[-1], button))
        made[-1:] = [(*made[-1], button)] if pairs else [*made[-1:], (button,)]
    return tuple(made)
