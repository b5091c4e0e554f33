"""高级检索: five short questions, each of which may be skipped, then the books that fit all answers (A2-14, A8-3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot import cities, filter_words, lookups
from bot.events import Button
from bot.folding import clean, fold
from bot.handlers import finding, lists
from bot.offered import bare
from bot.talk import Talk
from bot.texts import N_, menu, rows
from lending import catalogue, selection
from lending.model import library_day
from lending.selection import Filters, Scope
from search import forms

FIELDS = ("title", "author", "publisher", "year", "point")
QUESTIONS = {
    "title": N_("书名里有什么字？"),
    "author": N_("作者是谁？"),
    "publisher": N_("哪家出版社？说几个字就行。"),
    "year": N_("哪几年出版的？比如「2015」「2010年以后」「2000到2010年」。"),
    "point": N_("在哪个馆？"),
}
SKIP = ("跳过", "下一个", "下一步", "不限", "随便", "不知道", "都行", "都可以", "skip", "next", "any", "don't know")
SEARCH = ("开始找", "开始", "找吧", "开始查", "开始检索", "go", "start", "search", "search now", "find")
LONGEST = 80
MOST_BRANCHES = 10  # offered as buttons; any other can be named


def start(talk: Talk) -> None:
    """Begin with the title."""
    talk.step, talk.memory["guide"] = "guide", {"at": 0, "facts": {}}
    _ask(talk, talk._("一项一项来，不清楚的可以跳过，随时可以开始找。"))


def on_show(talk: Talk) -> bool:
    """Whether the last message still asks; after something else was looked at, words are searched as usual."""
    return any(bare(action) == "g:find" for action, _label in talk.memory.get("choices", []))


def hear(talk: Talk) -> None:
    """An answer in the reader's own words."""
    said = fold(clean(talk.event.text)).strip(" .,!?;")
    if said in SKIP or talk.intent.name == "deny":
        return skip(talk)
    if said in SEARCH or talk.intent.name == "confirm":
        return find(talk)
    TAKE[_field(talk)](talk, clean(talk.event.text).strip(" 《》")[:LONGEST])


def press(talk: Talk, what: str) -> None:
    """跳过, 开始找, or one of the choices by its place."""
    _, guide = talk._, talk.memory.get("guide")
    if talk.step != "guide" or not guide:
        again = Button(_("高级检索"), "guide")
        return talk.say(
            _("这条消息已过期。想找什么书？直接告诉我。"), rows(again, menu(_, "browse")), toast=_("已过期")
        )
    choices = guide.get("choices", [])
    if what == "skip":
        skip(talk)
    elif what == "find":
        find(talk)
    elif what.isascii() and what.isdigit() and int(what) < len(choices):
        _take(talk, choices[int(what)])
    else:
        _ask(talk)


def skip(talk: Talk) -> None:
    """Nothing to say about this one."""
    _take(talk, {})


def _field(talk: Talk) -> str:
    return FIELDS[talk.memory["guide"]["at"]]


def _take(talk: Talk, facts: dict[str, Any]) -> None:
    """Keep what was said and go on; after the last question the search begins."""
    guide = talk.memory["guide"]
    guide["facts"] |= facts
    guide["at"] += 1
    if guide["at"] < len(FIELDS):
        return _ask(talk)
    find(talk)


# ---- asking --------------------------------------------------------------------------------------------------------


def _ask(talk: Talk, before: str = "", choices: list[tuple[str, dict[str, Any]]] | None = None) -> None:
    """The next question, with what is known so far and choices to press."""
    _, guide, field = talk._, talk.memory["guide"], _field(talk)
    offered = CHOICES.get(field, _no_choices)(talk) if choices is None else choices
    guide["choices"] = [facts for _label, facts in offered]
    known = _known(talk)
    so_far = _("已有：{what}。", what=_.listed(known)) if known else ""
    asked = _("是哪一家？") if choices else _(QUESTIONS[field])
    question = _("第 {n} 项（共 {all} 项）：", n=guide["at"] + 1, all=len(FIELDS)) + asked
    buttons = [Button(label, f"g:{at}") for at, (label, _facts) in enumerate(offered)]
    ways = (Button(_("跳过"), "g:skip"), Button(_("开始找"), "g:find"), menu(_, "cancel"))
    talk.say("\n".join(part for part in (before, so_far, question) if part), (*rows(*buttons, across=2), ways))


def _known(talk: Talk) -> list[str]:
    _, facts = talk._, dict(talk.memory["guide"]["facts"])
    names = [facts.pop(name) for name in ("title", "author") if name in facts]
    points = {point.id: point for point in catalogue.points(talk.db)}
    return [*names, *filter_words.described(_, Filters.of(facts), points)]


def _no_choices(talk: Talk) -> list[tuple[str, dict[str, Any]]]:
    return []


def _filters(talk: Talk) -> Filters:
    facts = talk.memory["guide"]["facts"]
    return Filters.of({name: value for name, value in facts.items() if name not in ("title", "author")})


def _decades(talk: Talk) -> list[tuple[str, dict[str, Any]]]:
    found = (option.filters for option in selection.options(talk.db, Scope(), _filters(talk), "year"))
    return [
        (filter_words.span(talk._, one.year_from, one.year_to), {"year_from": one.year_from, "year_to": one.year_to})
        for one in found
    ]


def _branches(talk: Talk) -> list[tuple[str, dict[str, Any]]]:
    points = {point.id: point for point in catalogue.points(talk.db)}
    seen = cities.view(talk, points.values())
    stocked = seen.first(points[one] for one in selection.stocked_points(talk.db))[:MOST_BRANCHES]
    return [(seen.called(talk._, point), {"point_id": point.id}) for point in stocked]


CHOICES: dict[str, Callable[[Talk], list[tuple[str, dict[str, Any]]]]] = {"year": _decades, "point": _branches}

# ---- hearing -------------------------------------------------------------------------------------------------------


def _hear_name(talk: Talk, words: str) -> None:
    if not any(char.isalnum() for char in words):
        return _ask(talk)
    _take(talk, {_field(talk): words})


def _hear_publisher(talk: Talk, words: str) -> None:
    """One publisher is taken; of several the reader chooses; an unknown one is asked again."""
    _, found = talk._, selection.publishers_like(talk.db, words.removesuffix("的"), forms.publisher)
    if len(found) == 1:
        return _take(talk, found[0].as_facts())
    if not found:
        return _ask(talk, _("馆里没有名字带「{words}」的出版社。换个说法，或者跳过。", words=words[:20]))
    _ask(talk, "", [(house.publisher, house.as_facts()) for house in found])


def _hear_year(talk: Talk, words: str) -> None:
    wanted = fold(words).strip().removesuffix("的").removesuffix("出版")
    span = filter_words.years(wanted, library_day(talk.now).year)
    if span is None:
        return _ask(talk, talk._("没看懂「{words}」是哪几年。", words=words[:20]))
    _take(talk, {name: year for name, year in zip(("year_from", "year_to"), span, strict=True) if year is not None})


def _hear_point(talk: Talk, words: str) -> None:
    found = filter_words.point(words.removesuffix("的"), catalogue.points(talk.db))
    if found is None:
        return _ask(talk, talk._("没有找到叫「{words}」的馆。", words=words[:20]))
    _take(talk, {"point_id": found.id})


TAKE: dict[str, Callable[[Talk, str], None]] = {
    "title": _hear_name, "author": _hear_name,
    "publisher": _hear_publisher, "year": _hear_year, "point": _hear_point,
}  # fmt: skip

# ---- finding -------------------------------------------------------------------------------------------------------


def find(talk: Talk) -> None:
    """The books that fit all that was said; if none fit all, those that fit title and author."""
    _, guide = talk._, talk.memory["guide"]
    known, wanted = _known(talk), _filters(talk)
    title, author = guide["facts"].get("title", ""), guide["facts"].get("author", "")
    if not known:
        guide["at"] = 0
        return _ask(talk, _("至少说一项，我才好找。"))
    talk.step = ""
    talk.memory.pop("guide")
    scope = Scope()
    if title or author:
        scope = Scope(ids=talk.look_up(lookups.fields, title, author))
    _show(talk, scope, wanted, f"{title} {author}".strip(), known)


def _show(talk: Talk, scope: Scope, wanted: Filters, words: str, known: list[str]) -> None:
    _ = talk._
    if selection.select(talk.db, scope, wanted, 0).total:
        return lists.show_scope(talk, scope, _("高级检索「{what}」：", what=words or _.listed(known)), wanted)
    if scope.ids:
        talk.say(_("没有同时符合这几项的书：{what}。先看看只按书名和作者找到的。", what=_.listed(known)))
        return lists.show_scope(talk, scope, _("高级检索「{what}」：", what=words))
    if words:
        return finding.nothing_found(talk, words)
    talk.say(
        _("没有符合这几项的书：{what}。", what=_.listed(known)),
        rows(Button(_("高级检索"), "guide"), menu(_, "browse"), menu(_, "escalate")),
    )
