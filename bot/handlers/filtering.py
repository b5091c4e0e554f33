"""筛选: a list on show made shorter, by buttons with counts or in the reader's own words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bot import cities, filter_words
from bot.events import Button
from bot.folding import fold
from bot.handlers import lists
from bot.talk import Talk
from bot.texts import N_, Words, menu, rows
from lending import catalogue, selection
from lending.model import library_day
from lending.points import Point
from lending.selection import Filters, Option
from search import forms

FACETS = {
    "available": N_("可借的"), "city": N_("城市"), "point": N_("馆"), "year": N_("年份"), "publisher": N_("出版社"),
    "author": N_("作者"), "subject": N_("主题"), "language": N_("语种"),
    "material": N_("形式"),
}  # fmt: skip
WORDS = ("筛选", "过滤", "filter", "filters")
FINE = ("author", "subject", "material")  # counting them takes long over many titles, and helps little
BROAD = 5_000  # titles
MOST_OPTIONS = 8  # on one screen
LABEL = 20


def offer(talk: Talk, number: str) -> None:
    """By what the list on show can be narrowed; what would change nothing is not offered (A5-3)."""
    if not _on_show(talk, number):
        return
    _, buttons = talk._, []
    broad, seen = int(talk.memory["total"]) > BROAD, cities.view(talk)
    for facet, name in FACETS.items():
        if (broad and facet in FINE) or (facet == "city" and not seen.all):
            continue
        found = _options(talk, facet)
        if facet == "city" and seen.mine:  # one's own alone, by one press
            mine = ((at, one) for at, one in enumerate(found) if one.filters.city == seen.mine)
            said = _("{city}在架的", city=seen.name(_, seen.mine))
            buttons += [Button(f"{said} {one.n}", f"f:{number}:city:{at}") for at, one in mine]
            continue
        if facet == "available" and found:
            buttons.append(Button(f"{_(name)} {found[0].n}", f"f:{number}:available:0"))
        elif found:
            buttons.append(Button(f"{_(name)} ({len(found)})", f"facet:{number}:{facet}"))
    if not buttons:
        return talk.say(_("这些书没有可以再分的了。"), rows(_back(_, number), menu(_, "browse")))
    text = _.n("现在有 {n} 种，按什么筛选？", "现在有 {n} 种，按什么筛选？", int(talk.memory["total"]))
    hint = _("也可以直接说，比如「2010年以后的」「只看可借的」。")
    talk.say(f"{text}\n{hint}", rows(*buttons, _back(_, number)))


def choose_facet(talk: Talk, number: str, facet: str) -> None:
    """The choices of one kind, each with the number of titles it would leave."""
    if facet not in FACETS or not _on_show(talk, number):
        return
    _, found = talk._, _options(talk, facet)[:MOST_OPTIONS]
    points = {point.id: point for point in catalogue.points(talk.db)}
    buttons = [
        Button(f"{_label(_, option.filters, facet, points)} {option.n}", f"f:{number}:{facet}:{at}")
        for at, option in enumerate(found)
    ]
    talk.say(
        _("选一个{what}（数字是种数）：", what=_(FACETS[facet])), rows(*buttons, _back(_, number), across=2), edits=True
    )


def choose(talk: Talk, number: str, facet: str, page: str) -> None:
    """One of the choices: the list is shown anew, narrowed by it too."""
    if facet not in FACETS or not _on_show(talk, number):
        return
    found = _options(talk, facet)
    if int(page) < len(found):
        return lists.narrow(talk, found[int(page)].filters, edits=True)
    lists.show_page(talk)


def clear(talk: Talk, number: str) -> None:
    """The whole list again."""
    if _on_show(talk, number):
        lists.narrow(talk, Filters(), edits=True)


def asked(talk: Talk) -> bool:
    """ "只看嘉兴在架的": words that begin as a filter and are one of the list on show, whatever else they are like."""
    text = talk.event.text
    return bool(talk.memory.get("list")) and filter_words.begins(text) and _heard(talk, text) is not None


def narrow(talk: Talk) -> None:
    """What was asked so."""
    hear(talk)


def hear(talk: Talk) -> bool:
    """Words that narrow the list on show; False when they are none, and a search is meant."""
    words, shown = talk.event.text, bool(talk.memory.get("list"))
    if shown and fold(words).strip() in WORDS:
        offer(talk, str(talk.memory["list_number"]))
        return True
    wanted = _heard(talk, words) if shown else None
    if wanted is None:
        return False
    _narrow(talk, wanted)
    return True


def _narrow(talk: Talk, wanted: Filters) -> None:
    if selection.select(talk.db, lists.scope(talk), wanted, 0).total:
        return lists.narrow(talk, wanted)
    _none_such(talk, wanted)


def narrow_by(talk: Talk, words: str) -> None:
    """The list on show by these words, whatever was said."""
    wanted = _heard(talk, words)
    if wanted is None:
        return offer(talk, str(talk.memory["list_number"]))
    _narrow(talk, wanted)


def _heard(talk: Talk, words: str) -> Filters | None:
    if len(words) > LABEL * 2:
        return None
    present, points, own = lists.filters(talk), _points(talk), talk.reader.city or ""

    def choices(facet: str) -> list[Filters]:
        return [option.filters for option in _every(talk, facet)]

    year = library_day(talk.now).year
    houses, writers = partial(choices, "publisher"), partial(choices, "author")
    return filter_words.heard(words, present, points, houses, writers, year, own)


def _points(talk: Talk) -> Iterator[Point]:
    """Read only when the words may name one: most lines are searches."""
    yield from catalogue.points(talk.db)


def _none_such(talk: Talk, wanted: Filters) -> None:
    """Nothing would be left: the list stays as it is."""
    _, points = talk._, {point.id: point for point in catalogue.points(talk.db)}
    number = str(talk.memory["list_number"])
    said = _.listed(filter_words.described(_, wanted, points))
    buttons = [Button(_("筛选"), f"filter:{number}"), _back(_, number)]
    if talk.memory.get("filters"):
        buttons.insert(0, Button(_("取消筛选"), f"all:{number}"))
    talk.say(_("这些书里没有符合「{what}」的。", what=said), rows(*buttons))


def _on_show(talk: Talk, number: str) -> bool:
    """Whether the list asked about is the one on show; an older one is answered with the present list."""
    _ = talk._
    if talk.memory.get("list") and number == str(talk.memory.get("list_number")):
        return True
    if talk.memory.get("list"):
        talk.say(_("这条消息已过期，这是您最近一次找的："), toast=_("已过期"))
        lists.show_page(talk)
    else:
        talk.say(_("这条消息已过期。想找什么书？直接告诉我。"), rows(menu(_, "browse")), toast=_("已过期"))
    return False


def _every(talk: Talk, facet: str) -> list[Option]:
    return selection.options(talk.db, lists.scope(talk), lists.filters(talk), facet, forms.publisher)


def _options(talk: Talk, facet: str) -> list[Option]:
    """The choices that would change the list: none that is set already, none that all its titles share."""
    present, total = lists.filters(talk), int(talk.memory["total"])
    free = selection.cleared(present, facet) == present
    return [one for one in _every(talk, facet) if one.filters != present and (one.n < total or not free)]


def _label(_: Words, filters: Filters, facet: str, points: dict[int, catalogue.Point]) -> str:
    """The chosen value alone, short enough for a button."""
    others = selection.cleared(filters, facet)
    only = Filters.of({name: value for name, value in filters.as_facts().items() if getattr(others, name) != value})
    text = filter_words.described(_, only, points)[0]
    return text if len(text) <= LABEL else text[: LABEL - 1] + "…"


def _back(_: Words, number: str) -> Button:
    return Button(_("回到列表"), f"page:{number}:0")
