"""城市: which city's places come first, chosen by words, by button or by where the reader is (A2-16)."""

from __future__ import annotations

import re

from bot import cities, meaning
from bot.data_names import CITIES
from bot.events import Button
from bot.folding import trimmed
from bot.handlers import addressing, getting, picking, places
from bot.talk import Rows, Talk
from bot.texts import menu, rows
from lending import cart, readers
from lending import cities as rules
from lending.cities import City

CHANGED = re.compile(  # "我在湖州", "换到嘉兴吧", "切换到绍兴市图书馆": only with a city of ours in it does it mean anything
    r"(?:那|就|请|帮我|给我|我想|我要|我)?"
    r"(?:我?(?:现在|人|就|刚|家)?(?:住在?|在|搬到|搬去|来到|到|是)了?|(?:城市)?[换改切选转](?:换|择)?(?:到|成|去|为|回)?|城市是)"
    r"(?P<city>.{2,12}?)(?:了|人|这边|那边|这里|那里|吧|可以吗|行吗|好了|生活|工作|上班|上学|读书)*"
)
CHANGED_EN = re.compile(
    r"(?:i am|i'm|i live|i moved|i stay|we are|we're|we live)(?: now)? (?:in|to) (?P<city>[a-z' -]{2,40}?)(?: now)?"
    r"|(?:please )?(?:switch|change|move|set)(?: me| my city| the city| city)? to (?P<city2>[a-z' -]{2,40}?)(?: please)?"
)
LONGEST = 60  # characters that are looked through


def asked(talk: Talk) -> bool:
    """Whether a city is to be chosen: by its name, or by saying so; never where we are in one city, or by a title's name."""
    wish = talk.intent.name == "find_branches" and talk.slot("query") == cities.CHOOSE
    if not wish and not _sentence(talk.event.text):
        return False
    seen = cities.view(talk)
    named = wish or _named(talk, seen) or _no_city_of_ours(talk, seen)
    return bool(seen.all and named) and meaning.called_so(talk) is None


def _sentence(text: str) -> str:
    """What a sentence that chooses a city names; '' where it is none."""
    said = trimmed(text) if len(text) <= LONGEST else ""
    found = CHANGED.fullmatch(said) or CHANGED_EN.fullmatch(said)
    return next((words for words in found.groups() if words), "") if found else ""


def _named(talk: Talk, seen: cities.View) -> str:
    return cities.called(seen.all, _sentence(talk.event.text))


def hear(talk: Talk) -> None:
    """ "我在湖州" · "换到嘉兴" · "换城市" · "有哪些城市"; what may be the beginning of a title is offered as one, too."""
    city = _named(talk, cities.view(talk))
    if not city:
        return choose(talk)
    take(talk, city)
    said = talk.event.text.strip()
    found = talk.found if talk.intent.name == "search" and talk.slot("query") == said else None
    if found and found.ids and not found.near:
        talk.say(talk._("要是在找书："), rows(Button(talk._("找「{query}」", query=said[:20]), f"q:{said[:20]}")))


def _no_city_of_ours(talk: Talk, seen: cities.View) -> str:
    """A city of the province that is named and where we are not yet; '' for none."""
    named = cities.called([City(name, "", 0) for name in CITIES], _sentence(talk.event.text))
    return named if seen.all else ""


def choose(talk: Talk, page: str = "0") -> None:
    """The cities as buttons, eight at a time; or the one where the reader is."""
    _, seen = talk._, cities.view(talk)
    if not seen.all:
        return places.find_branches(talk)
    talk.memory["city_asked"] = True  # a location sent now says which
    talk.memory["city_then"] = talk.memory.get("city_then") or (not talk.acting and getting.underway(talk))
    lines = [_("现在先看{city}。换哪个城市？", city=seen.name(_, seen.mine)) if seen.mine else _("您在哪个城市？")]
    if not talk.event.press and (absent := _no_city_of_ours(talk, seen)):
        lines.insert(0, _("我们在{city}还没有网点，这些城市有：", city=_(absent)))
    lines += [_.n("· {city}：{n} 个网点", "· {city}：{n} 个网点", one.points, city=seen.name(_, one.name)) for one in seen.all]
    named = [Button(seen.name(_, one.name), f"city:{one.name}") for one in seen.all]
    shown, turns = cities.page(_, named, int(page), "cities:{}")
    ways = (*turns, Button(_("不分城市"), "city:"), Button(_("发送位置"), ask="location"))
    talk.say("\n".join(lines), (*rows(*shown, across=4), *rows(*ways)), edits=True)


def take(talk: Talk, name: str = "") -> None:
    """From now on this city first; without a name all alike. Raises UnknownThing for a city we are not in."""
    _ = talk._
    rules.choose(talk.db, talk.reader.id, name)
    talk.reader = readers.reader(talk.db, talk.reader.id)
    talk.memory.pop("city_asked", None)
    ordering = talk.memory.pop("city_then", False) or getting.underway(talk)
    seen = cities.view(talk)
    if not name:
        text = _("好，所有城市的网点一起看。")
    else:
        text = _("好，以后先看{city}的网点、书和活动；别的城市的也都能借、能取。", city=seen.name(_, name))
    if talk.step == "address":
        talk.say(text)
        return addressing.ask_district(talk)
    if not talk.acting and ordering and cart.items(talk.db, talk.reader.id):
        return picking.ways(talk, text)
    talk.say(text, _onward(talk))


def _onward(talk: Talk) -> Rows:
    _ = talk._
    return rows(menu(_, "find_branches"), menu(_, "new_books"), menu(_, "events"), Button(_("换城市"), "cities:0"))
