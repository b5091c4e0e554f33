"""分类浏览: along the shelves, two taps to a book (F-3)."""

from __future__ import annotations

from bot import books
from bot.events import Button
from bot.handlers import lists
from bot.talk import Talk
from bot.texts import menu, rows
from lending import catalogue, shelves
from search import browse

SHORT_LIST = 8  # classes on one screen


def browse_shelves(talk: Talk) -> None:
    """The eighteen shelves of 信阅 (A2-19); two taps to a book (F-3)."""
    wanted = talk.slot("query").removesuffix("类").strip()
    for shelf in (*browse.everyday_shelves(), *browse.main_classes()):
        if wanted and wanted in (shelf.name, *shelf.name.split("/"), shelf.code, shelf.english):
            return show_shelf(talk, shelf.code)
    show_shelves(talk, "0")


def show_shelves(talk: Talk, start: str) -> None:
    """A screen of shelves with their counts; empty ones are not shown (A5-3)."""
    _, first = talk._, int(start)
    counted = [(shelf, shelves.count_in_class(talk.db, shelf.prefixes)) for shelf in browse.everyday_shelves()]
    filled = [(shelf, count) for shelf, count in counted if count]
    buttons = [
        Button(f"{books.shelf_name(_, shelf)} {count}", f"shelf:{shelf.code}")
        for shelf, count in filled[first : first + SHORT_LIST]
    ]
    if first + SHORT_LIST < len(filled):
        buttons.append(Button(_("更多分类"), f"shelves:{first + SHORT_LIST}"))
    turned = talk.event.press.startswith("shelves:")  # asked for under another message, that one stays readable (C1)
    talk.say(_("想看哪一类？（数字是馆里的种数）"), rows(*buttons, across=2), edits=turned)


def show_shelf(talk: Talk, code: str) -> None:
    """The books of one class, the best known first."""
    _, known = talk._, {shelf.code: shelf for shelf in (*browse.everyday_shelves(), *browse.main_classes())}
    if code not in known:
        return show_shelves(talk, "0")
    ids = shelves.in_class(talk.db, known[code].prefixes)
    lists.show_list(talk, ids, _("「{name}」里的书：", name=books.shelf_name(_, known[code])))


def same_shelf(talk: Talk, title_id: str) -> None:
    """Books of the same class, without the one on show."""
    _, title = talk._, catalogue.title(talk.db, int(title_id))
    ids = [other for other in shelves.in_class(talk.db, [title.clc]) if other != title.id] if title.clc else []
    if not ids:
        return talk.say(_("这一类暂时没有别的书了。"), rows(menu(_, "browse"), menu(_, "recommend")))
    lists.show_list(talk, ids, _("和《{title}》同一类的书：", title=title.title))
