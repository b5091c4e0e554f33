"""Lists of books: remembered, shown a page at a time, counted along by number."""

from __future__ import annotations

from collections.abc import Sequence

from bot import books
from bot.events import Button
from bot.talk import Rows, Talk
from bot.texts import Words, menu, rows
from lending import catalogue
from lending.catalogue import Title

PAGE = 5


def show_list(talk: Talk, ids: list[int], heading: str, query: str = "", edits: bool = False) -> None:
    """Remember a list of titles and show its first page."""
    number = int(talk.memory.get("list_number", 0)) + 1
    talk.memory.update(list=ids, heading=heading, page=0, list_number=number, query=query)
    show_page(talk, edits)


def show_page(talk: Talk, edits: bool = False) -> None:
    """The page of the remembered list, as numbered lines and as cards."""
    _, page = talk._, int(talk.memory.get("page", 0))
    ids: list[int] = talk.memory.get("list", [])
    shown = ids[page * PAGE : page * PAGE + PAGE]
    titles = catalogue.titles(talk.db, shown)
    stock = catalogue.availability(talk.db, titles)
    lines = [f"{n}. {books.summary(_, title, stock[title.id])}" for n, title in enumerate(titles.values(), 1)]
    cards = tuple(books.card(_, title, stock[title.id]) for title in titles.values())
    text = "\n\n".join([talk.memory.get("heading", ""), *lines, _("回复数字看详情，回复「借第1本」就借。")])
    talk.say(text, _list_buttons(talk, _, list(titles.values()), len(ids)), cards, edits=edits)


def _list_buttons(talk: Talk, _: Words, titles: Sequence[Title], total: int) -> Rows:
    page, number = int(talk.memory["page"]), talk.memory["list_number"]
    named = tuple((Button(books.label(title), f"t:{title.id}"),) for title in titles)
    turns = []
    if page > 0:
        turns.append(Button(_("上一页"), f"page:{number}:{page - 1}"))
    if (page + 1) * PAGE < total:
        turns.append(Button(_("下一页"), f"page:{number}:{page + 1}"))
    return (*named, tuple(turns)) if turns else named


def turn_page(talk: Talk, number: str, page: str) -> None:
    """A press of a paging button; one of an older list shows the present list afresh."""
    _ = talk._
    if not talk.memory.get("list"):
        return talk.say(_("这条消息已过期。想找什么书？直接告诉我。"), toast=_("已过期"))
    if number == str(talk.memory.get("list_number")):
        last = (len(talk.memory["list"]) - 1) // PAGE
        talk.memory["page"] = min(max(int(page), 0), last)
        show_page(talk, edits=True)
    else:
        talk.say(_("这条消息已过期，这是您最近一次找的："), toast=_("已过期"))
        show_page(talk)


def next_page(talk: Talk) -> None:
    """ "下一页" by words."""
    _turn(talk, 1)


def previous_page(talk: Talk) -> None:
    """ "上一页" by words."""
    _turn(talk, -1)


def _turn(talk: Talk, step: int) -> None:
    _, ids = talk._, talk.memory.get("list", [])
    page = int(talk.memory.get("page", 0)) + step
    if not ids:
        return talk.say(_("现在没有可以翻页的内容。想找什么书？"))
    if not 0 <= page * PAGE < len(ids):
        return talk.say(
            _("已经是最后一页了。") if step > 0 else _("已经是第一页了。"),
            rows(menu(_, "suggest_purchase"), menu(_, "browse")),
        )
    talk.memory["page"] = page
    show_page(talk)


def nth(talk: Talk, n: int) -> int | None:
    """The n-th title of the page on show (1-based), or None."""
    ids: list[int] = talk.memory.get("list", [])
    page = int(talk.memory.get("page", 0))
    shown = ids[page * PAGE : page * PAGE + PAGE]
    return shown[n - 1] if 1 <= n <= len(shown) else None
