"""Lists of books: remembered, shown a page at a time, counted along by number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot import books, cities, filter_words, numbers, subject_words, wants
from bot.events import Button
from bot.folding import letters
from bot.handlers import subscribing
from bot.talk import Rows, Talk
from bot.texts import Words, menu, rows
from lending import catalogue, minors, picks, selection
from lending.catalogue import Availability, Point, Title
from lending.selection import Filters, Scope

PAGE = 5
FEW = 3  # for whoever likes few words (A10-3)


def show_list(
    talk: Talk,
    ids: list[int],
    heading: str,
    query: str = "",
    edits: bool = False,
    notes: Mapping[int, str] | None = None,
    ways: Sequence[Button] = (),
) -> None:
    """Remember a list of titles and show its first page; with a note under each, and ways to other lists below."""
    _open(talk, Scope(ids=tuple(ids)), heading, query)
    talk.memory["notes"] = {str(title_id): note for title_id, note in (notes or {}).items() if note}
    talk.memory["list_ways"] = [[way.label, way.action] for way in ways]
    narrow(talk, Filters(), edits)


def keep_list(talk: Talk, ids: list[int], heading: str, query: str) -> None:
    """Remember a list without showing it: one book of it is shown, and the others are one press away."""
    _open(talk, Scope(ids=tuple(ids)), heading, query)
    _narrowed(talk, Filters())


def show_scope(
    talk: Talk, scope: Scope, heading: str, filters: Filters | None = None, ways: Sequence[Button] = ()
) -> None:
    """The same for a class, a shelf or the whole catalogue; at once narrowed if filters are given."""
    _open(talk, scope, heading, "")
    talk.memory["list_ways"] = [[way.label, way.action] for way in ways]
    narrow(talk, filters or Filters())


def _open(talk: Talk, scope: Scope, heading: str, query: str) -> None:
    where = {name: value for name in scope.__dataclass_fields__ if (value := getattr(scope, name))}
    talk.memory.update(scope=where, heading=heading, query=query, notes={}, list_ways=[])
    talk.memory.pop("ways_shown", None)  # a place named from now on is not where to fetch the cart


def scope(talk: Talk) -> Scope:
    """Where the list on show was taken from."""
    kept: dict[str, Any] = talk.memory.get("scope", {})
    facts: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    return Scope(**facts)


def fit(talk: Talk, where: Scope) -> Scope:
    """What the library offers by itself: to a child without what is for adults only (B8, 公共图书馆法 art. 50)."""
    if not minors.is_minor(talk.db, talk.reader.id, talk.now):
        return where
    return replace(where, young=True, adult_classes=talk.policy.minors.adult_classes)


def suitable(talk: Talk, ids: Iterable[int]) -> list[int]:
    """The same of a list that is offered."""
    wanted = Scope(ids=tuple(ids))
    fitting = fit(talk, wanted)
    return list(wanted.ids or ()) if fitting is wanted else selection.select(talk.db, fitting, Filters()).ids


def filters(talk: Talk) -> Filters:
    """What the list on show is narrowed by."""
    return Filters.of(talk.memory.get("filters", {}))


def narrow(talk: Talk, wanted: Filters, edits: bool = False) -> None:
    """Show what of the present scope passes these filters, as a list with a number of its own."""
    _narrowed(talk, wanted)
    show_page(talk, edits)


def _narrowed(talk: Talk, wanted: Filters) -> None:
    found = selection.select(talk.db, scope(talk), wanted)
    number = int(talk.memory.get("list_number", 0)) + 1
    talk.memory.update(list=found.ids, total=found.total, filters=wanted.as_facts(), page=0, list_number=number)
    talk.memory["title"] = None  # what "借这本" means now
    if len(found.ids) == 1:
        look_at(talk, found.ids[0])


def look_at(talk: Talk, title_id: int) -> None:
    """This book is "这本" now; with the one before it, it is "两本都要"."""
    talk.memory["title"] = title_id
    looked_at(talk, title_id)


def looked_at(talk: Talk, title_id: int) -> None:
    """The last of two books that were looked at, though the list may hold others too."""
    before = [one for one in talk.memory.get("looked", []) if one != title_id]
    talk.memory["looked"] = [*before[-1:], title_id]


def show_page(talk: Talk, edits: bool = False) -> None:
    """The page of the remembered list, as numbered lines and as cards."""
    _, page = talk._, int(talk.memory.get("page", 0))
    ids: list[int] = talk.memory.get("list", [])
    titles = catalogue.titles(talk.db, on_page(talk))
    first = titles.get(ids[0]) if ids and not page else None
    if first and letters(first.title) == letters(talk.memory.get("query", "")):
        looked_at(talk, first.id)  # it was asked for by its name
    stock = catalogue.availability(talk.db, titles)
    wanted = filters(talk)
    points = catalogue.points_by_id(talk.db, _named_points(stock.values(), wanted))
    seen = cities.view(talk) if talk.reader.city else cities.NOWHERE
    places = {one: books.standing(_, stock[one], points, wanted.point_id, wanted.city or seen.mine) for one in titles}
    counts = {one: cities.stock_line(_, seen, stock[one], points.values()) for one in titles}
    cards = tuple(books.card(_, one, stock[one.id], places[one.id], counts[one.id]) for one in titles.values())
    lines = [_line(talk, n, one, stock[one.id], places[one.id], counts[one.id]) for n, one in enumerate(titles.values(), 1)]
    if talk.reader.plain:
        short = (_short_line(_, n, one, stock[one.id]) for n, one in enumerate(titles.values(), 1))
        lines, cards = ["\n".join(short)], ()
    text = "\n\n".join([_heading(talk, wanted, points), *lines, _("回复数字看详情，回复「借第1本」就借。")])
    buttons = _list_buttons(talk, _, list(titles.values()), len(ids))
    if talk.reader.plain and len(ids) == 1:  # no card offers it
        buttons = (books.book_buttons(_, ids[0], stock[ids[0]])[:1], *buttons)
    talk.say(text, buttons, cards, edits=edits)


def say_unsure(talk: Talk) -> None:
    """What was asked of the books and no record holds, said before they are shown."""
    _, unsure = talk._, talk.slot("unsure")
    if unsure == subject_words.NEAR:
        talk.memory["missed"] = talk.event.text[:80]
        talk.say(_("没有书名正好这样写的，先看看这一类里有没有合适的；没有就荐购，或点「转人工」请馆员帮您找。"))
    elif unsure == subject_words.PLOT:
        talk.say(_("书里讲了什么，书目里没有写；先看这位作者的书里有没有。"))
    elif unsure == subject_words.HOUSE:
        talk.say(_("这家出版社的版本馆里没有，先看馆里有的："))
    elif unsure:
        talk.say(_("难易、厚薄、适合谁看，书目里没有写；先按题材找，请您挑，拿不准就问馆员。"))


def unsure_ways(talk: Talk) -> tuple[Button, ...]:
    """The ways on where a shelf is shown for want of the very subject."""
    near = talk.slot("unsure") == subject_words.NEAR
    return (menu(talk._, "suggest_purchase"), menu(talk._, "escalate")) if near else ()


def per_page(talk: Talk) -> int:
    """How many books are shown at once."""
    return FEW if talk.reader.plain else PAGE


def on_page(talk: Talk) -> list[int]:
    """The titles of the page on show."""
    ids: list[int] = talk.memory.get("list", [])
    first = int(talk.memory.get("page", 0)) * per_page(talk)
    return ids[first : first + per_page(talk)]


def _short_line(_: Words, n: int, title: Title, stock: Availability) -> str:
    """A book in one line that is quickly read out."""
    return f"{n}. {books.label(title)} {books.stock_line(_, stock)}"


def _named_points(stocks: Iterable[Availability], wanted: Filters) -> set[int]:
    """The points a page may name."""
    asked = set() if wanted.point_id is None else {wanted.point_id}
    return asked | {place.point_id for stock in stocks for place in stock.places}


def _line(talk: Talk, n: int, title: Title, stock: Availability, place: str, count: str) -> str:
    note = talk.memory.get("notes", {}).get(str(title.id), "")
    return f"{n}. {books.summary(talk._, title, stock, place, count)}" + (f"\n{note}" if note else "")


def _heading(talk: Talk, wanted: Filters, points: Mapping[int, Point]) -> str:
    """What the list is, and what it is narrowed by."""
    _, heading = talk._, str(talk.memory.get("heading", ""))
    said = filter_words.described(_, wanted, points)
    if not said:
        return heading
    total = int(talk.memory["total"])
    return heading + "\n" + _.n("只看：{what}（{n} 种）", "只看：{what}（{n} 种）", total, what=_.listed(said))


def _list_buttons(talk: Talk, _: Words, titles: Sequence[Title], total: int) -> Rows:
    page, number = int(talk.memory["page"]), talk.memory["list_number"]
    named = tuple((Button(books.label(title), f"t:{title.id}"),) for title in titles)
    turns = []
    if page > 0:
        turns.append(Button(_("上一页"), f"page:{number}:{page - 1}"))
    if (page + 1) * per_page(talk) < total:
        turns.append(Button(_("下一页"), f"page:{number}:{page + 1}"))
    if talk.memory.get("filters"):
        turns.append(Button(_("取消筛选"), f"all:{number}"))
    if total > 1:
        turns.append(Button(_("筛选"), f"filter:{number}"))
    ways = [Button(label, action) for label, action in talk.memory.get("list_ways", [])]
    if by_them := next((one for one in titles if wants.written_by(one, talk.memory.get("query", ""))), None):
        ways.append(subscribing.button(_, "a", by_them.id))
    return (*named, *rows(*turns), *rows(*ways))


def turn_page(talk: Talk, number: str, page: str) -> None:
    """A press of a paging button; one of an older list shows the present list afresh."""
    _ = talk._
    if not talk.memory.get("list"):
        return talk.say(_("这条消息已过期。想找什么书？直接告诉我。"), toast=_("已过期"))
    if number == str(talk.memory.get("list_number")):
        last = (len(talk.memory["list"]) - 1) // per_page(talk)
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
    if not 0 <= page * per_page(talk) < len(ids):
        return talk.say(_edge(talk, step, len(ids)), rows(menu(_, "suggest_purchase"), menu(_, "browse")))
    talk.memory["page"] = page
    show_page(talk)


def _edge(talk: Talk, step: int, shown: int) -> str:
    """There is no further page; a list that is longer than can be paged says how to go on."""
    _, total = talk._, int(talk.memory.get("total", 0))
    if step > 0 and total > shown:
        return _("这里能翻到前 {shown} 种，一共 {total} 种。说「筛选」可以找得更准。", shown=shown, total=total)
    return _("已经是最后一页了。") if step > 0 else _("已经是第一页了。")


def nth(talk: Talk, n: int) -> int | None:
    """The n-th title of the page on show (numbers.nth), or None."""
    return numbers.nth(on_page(talk), n)


def picks_door(talk: Talk) -> tuple[Button, ...]:
    """主编推荐 as a button; none where nothing is picked: nobody is led to an empty shelf (A10-16)."""
    return (Button(talk._("主编推荐"), "picks"),) if picks.how_many(talk.db) else ()
