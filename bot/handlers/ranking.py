"""排行: what is borrowed, searched and opened most, by week, month or year; what is borrowed also by branch (F-11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot import books, lookups
from bot.events import ACTION_BYTES, Button
from bot.folding import fold
from bot.handlers import finding, lists
from bot.talk import Talk
from bot.texts import N_, Words, rows
from bot.understanding import Intent
from lending import catalogue, shelves
from lending.catalogue import Point
from lending.model import library_day
from lending.rankings import Rank, ranks
from search import usage

MOST = 10
LEAST = 3  # what was opened or searched less often is not shown
KINDS = {"borrowed": N_("借阅排行"), "searched": N_("检索排行"), "opened": N_("点击排行")}
PERIODS = {7: N_("近一周"), 30: N_("近一月"), 365: N_("近一年")}
SAID = {  # words in which a kind or a period is asked for
    "searched": ("搜", "检索", "search"), "opened": ("点击", "点开", "浏览量", "viewed", "opened"),
    7: ("周", "星期", "week"), 365: ("年", "year"),
}  # fmt: skip


def ranking(talk: Talk) -> None:
    """As it was asked for: "本周热门搜索", "城东馆借阅排行"; the most borrowed of a month unless said otherwise."""
    said = fold(talk.event.text)
    kind, days = _meant(said, ("searched", "opened"), "borrowed"), _meant(said, (7, 365), 30)
    named = [
        point for point in _branches(talk) if fold(point.name) in said or fold(point.name_en or point.name) in said
    ]
    rank(talk, str(kind), str(days), str(named[0].id) if named else "0")


def _meant(said: str, choices: Sequence[str | int], otherwise: str | int) -> str | int:
    return next((one for one in choices if any(word in said for word in SAID[one])), otherwise)


def rank(talk: Talk, kind: str, days: str, point: str) -> None:
    """One ranking of one period; `point` 0 is the whole library."""
    period = _period(days)
    if kind == "searched":
        return _searched(talk, period)
    counted = _opened(talk, period) if kind == "opened" else _borrowed(talk, period, int(point))
    _show(talk, "opened" if kind == "opened" else "borrowed", period, int(point), counted)


def _period(days: str) -> int:
    return int(days) if days in map(str, PERIODS) else 30


def _borrowed(talk: Talk, days: int, point_id: int) -> list[tuple[int, int]]:
    return [(*one,) for one in talk.look_up(lookups.most_borrowed, days, MOST, point_id or None)]


def _opened(talk: Talk, days: int) -> list[tuple[int, int]]:
    counted = _counted(talk, "click", days)
    titles = catalogue.titles(talk.db, (int(one.key) for one in counted))
    found = [(int(one.key), one.n) for one in counted]
    return [(one, n) for one, n in found if one in titles and not titles[one].withdrawn]


def _counted(talk: Talk, kind: str, days: int) -> list[usage.Counted]:
    today = library_day(talk.now)
    return usage.top(talk.db, kind, today - timedelta(days=days - 1), today, MOST, LEAST)


def _show(talk: Talk, kind: str, days: int, point_id: int, counted: list[tuple[int, int]]) -> None:
    _ = talk._
    ways, pressed = _ways(_, kind, days, point_id), bool(talk.event.press)
    fitting = lists.suitable(talk, (title_id for title_id, n in counted))
    if not fitting:
        text = _("{when}的{what}人数还不够，先看看馆里最知名的书：", when=_(PERIODS[days]), what=_(KINDS[kind]))
        known = lists.suitable(talk, shelves.best_known(talk.db))
        return lists.show_list(talk, known, text, edits=pressed, ways=ways)
    places = ranks([n for title_id, n in counted])
    notes = {one: noted(_, place, n) for (one, n), place in zip(counted, places, strict=True)}
    name = next((books.place_name(_, point) for point in _branches(talk) if point.id == point_id), "")
    heading = f"{_(KINDS[kind])} · {_(PERIODS[days])}" + (f" · {name}" if name else "")
    lists.show_list(talk, fitting, heading, edits=pressed, notes=notes, ways=ways)


def noted(_: Words, rank: Rank, n: int) -> str:
    """第 3 名 · 30 次; equal counts share a rank (R-9)."""
    place = _("并列第 {n} 名", n=rank.place) if rank.shared else _("第 {n} 名", n=rank.place)
    return place + " · " + _.n("{n} 次", "{n} 次", n)


def _searched(talk: Talk, days: int) -> None:
    """What readers searched and found; each can be searched again with a tap (R-10)."""
    _, counted = talk._, _counted(talk, "search", days)
    places = ranks([one.n for one in counted])
    lines = [
        f"{n}. {one.key} · {noted(_, place, one.n)}"
        for n, (one, place) in enumerate(zip(counted, places, strict=True), 1)
    ]
    if not lines:
        lines = [_("搜过的人数还不够排行。")]
    again = [Button(one.key, f"q:{one.key}") for one in counted if len(f"q:{one.key}".encode()) <= ACTION_BYTES]
    buttons = (*rows(*again, across=2), *rows(*_ways(_, "searched", days, 0)))
    heading = f"{_(KINDS['searched'])} · {_(PERIODS[days])}"
    talk.say("\n".join([heading, *lines]), buttons, edits=bool(talk.event.press))


def search_again(talk: Talk, query: str) -> None:
    """A query of the ranking, tapped."""
    talk.intent = Intent("search", {"query": query})
    talk.found = talk.look_up(lookups.words, query)
    finding.search(talk)


def _ways(_: Words, kind: str, days: int, point_id: int) -> list[Button]:
    """The other periods, the other rankings, the branches."""
    ways = [Button(_(name), f"rank:{kind}:{one}:{point_id}") for one, name in PERIODS.items() if one != days]
    ways += [Button(_(name), f"rank:{one}:{days}:0") for one, name in KINDS.items() if one != kind]
    return [*ways, Button(_("各馆的借阅排行"), f"ranks:{days}")] if kind == "borrowed" else ways


def choose_branch(talk: Talk, days: str) -> None:
    """Whose ranking?"""
    _, period = talk._, _period(days)
    whole = Button(_("全部馆"), f"rank:borrowed:{period}:0")
    each = [Button(books.place_name(_, point), f"rank:borrowed:{period}:{point.id}") for point in _branches(talk)]
    talk.say(_("看哪个馆的借阅排行？"), rows(whole, *each, across=1))


def _branches(talk: Talk) -> list[Point]:
    return [point for point in catalogue.points(talk.db) if point.kind == "branch"]
