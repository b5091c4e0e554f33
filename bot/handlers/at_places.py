"""望川馆有三体吗, and 那听泉馆呢: whether a book stands at the places that are named; the last question asked of another place."""

from __future__ import annotations

import re
from dataclasses import replace

from bot import lookups, meaning
from bot.books import place_name, shelf_place
from bot.events import Button
from bot.finder import Finding
from bot.folding import fold, letters, trimmed
from bot.handlers import lists, opening, places
from bot.numbers import NUMBER, to_int
from bot.service import Service
from bot.talk import Talk
from bot.texts import menu, rows
from bot.understanding import Intent
from lending import catalogue
from lending.points import Point

LONGEST, MOST_PLACES, NAMED = 50, 4, 24  # characters of a question, places, characters that name them
ASKED_ONLY = ("search", "show_title", "find_branches", "faq", "unknown")  # nothing is done by them: they may be asked again
HINT = re.compile("有|呢|能借|在架")
HAS = "(?:现在|今天|还|都|里|那边|那里)*(?:有没有|有冇|有无|有|能借到?)"
ASKS = "(?:这本书?|这套|这书|货|书)?(?:在架)?(?:吗|嘛|么|没有|没|不|呢)?"
AT = (
    re.compile(rf"(?:请问|那)*(?P<name>第 ?{NUMBER}[本个种部册]书?)[,，]?在?(?P<place>[^,，《]{{2,24}}?){HAS}{ASKS}"),
    re.compile(rf"(?:请问|那|在)*(?P<place>[^,，《]{{2,24}}?){HAS}《?(?P<name>[^》]{{0,24}}?)》?{ASKS}"),
    re.compile(rf"(?:请问|那)*《?(?P<name>[^》]{{0,24}}?)》?[,，]?(?:这本书?)?在?(?P<place>[^,，《]{{2,24}}?){HAS}{ASKS}"),
)
ANOTHER = re.compile("(?:那么?|请问|换成|换)*(?:在|去)?(?P<place>[^,，《]{2,16}?)(?:那边|那里)?(?:呢|怎么样|行不行)[?？]*")
NTH = re.compile(rf"第 ?({NUMBER})[本个种部册]书?")
THIS = re.compile("(?:这|那|此)[本部套]?书?|它|")


def asked(talk: Talk) -> tuple[list[Point], int] | None:
    """The places and the book, where the words ask whether it stands there."""
    said = trimmed(talk.event.text)
    if talk.step or len(said) > LONGEST or not HINT.search(said) or talk.intent.name not in ASKED_ONLY:
        return None
    for found in filter(None, (pattern.fullmatch(said) for pattern in AT)):
        near = places.all_at(catalogue.points(talk.db), found["place"])
        if not 0 < len(near) <= MOST_PLACES or any(point.is_bus for point in near):
            continue
        if nth := NTH.fullmatch(found["name"]):
            counted = lists.nth(talk, to_int(nth[1]) or 0)
            return (near, counted) if counted is not None else None
        if THIS.fullmatch(found["name"]):
            shown = talk.memory.get("title")
            return (near, int(shown)) if shown is not None else None
        hits = talk.look_up(lookups.words, found["name"])
        short = len(found["name"]) < 2 and found["name"] not in hits.names  # 今天有开吗 asks for no book; 家 is one
        if hits.ids and not hits.near and not short and _named(talk, hits.ids[0], found["name"]):
            return (near, hits.ids[0]) if meaning.called_so(talk) is None else None
    return None


def _named(talk: Talk, title_id: int, name: str) -> bool:
    """Whether the title has those words in a row: 嘉兴有的 names no book."""
    title = catalogue.title(talk.db, title_id)
    return not name.startswith("的") and letters(name) in letters(title.title + title.subtitle)


def tell(talk: Talk, asked_of: tuple[list[Point], int]) -> None:
    """Of each place whether a copy stands there, and on which shelf; of no copy, where there is one."""
    _, (near, title_id) = talk._, asked_of
    title, stock = catalogue.title(talk.db, title_id), catalogue.availability(talk.db, [title_id])[title_id]
    lists.look_at(talk, title_id)
    lines = [_("《{title}》：", title=title.title)]
    for point in near:
        there = [place for place in stock.places if place.point_id == point.id]
        name, n = place_name(_, point), sum(place.n for place in there)
        shelf = " ".join(part for place in there[:1] for part in (place.call_number, shelf_place(_, place.shelf)) if part)
        lines.append(_("· {point}：{n} 本 {shelf}", point=name, n=n, shelf=shelf) if n else _("· {point}：现在架上没有", point=name))
    if not all(any(place.point_id == point.id for place in stock.places) for point in near) and stock.available:
        known = catalogue.points_by_id(talk.db, {place.point_id for place in stock.places})
        lines.append(_("现在架上有的：{places}", places=_.listed(place_name(_, point) for point in known.values())))
    take = Button(_("借这本"), f"b:{title_id}") if stock.available else Button(_("预约"), f"hold:{title_id}")
    talk.say("\n".join(lines), rows(take, Button(_("看这本书"), f"t:{title_id}"), menu(_, "find_branches")))


# ---- the last question, of another place ---------------------------------------------------------------------------


def reading(service: Service, text: str) -> tuple[Intent, Finding | None]:
    """What a line means, and what is found for it."""
    intent = meaning.meant(service, text)
    return intent, meaning.look_up(service, intent)


def remember(talk: Talk) -> None:
    """A question that may be asked again of another place: with the place in it, or about hours. It is kept until the next."""
    text = talk.event.text.strip()
    if talk.step or len(text) > LONGEST or ANOTHER.fullmatch(fold(text)):
        return
    known = catalogue.points(talk.db) if re.search("馆|柜|书房|书屋", text) else []
    named = next((part for part in _places_in(text) if places.all_at(known, part)), "") if known else ""
    if named:
        talk.memory["place_named"] = named
    if talk.intent.name in ASKED_ONLY and (named or opening.asked(text)):
        talk.memory["asked"] = {"text": text, "place": named}
    else:
        talk.memory.pop("asked", None)


def _places_in(text: str) -> list[str]:
    """What may name a place, or several (望川馆和听泉馆): what ends as one, the last first, each as long as may be."""
    ends = [found.end() for found in re.finditer("馆|书柜|柜子|柜|书房|书屋", text)]
    return [text[start:end] for end in reversed(ends) for start in range(max(0, end - NAMED), end - 1)]


def exchanged(talk: Talk) -> str | None:
    """The last question with the place that is named now in it; None where there was none, or no place is named."""
    last, said = talk.memory.get("asked"), fold(talk.event.text).strip(" .。!！?？~,，")
    if last and not talk.step and (day := opening.another_day(str(last["text"]), said, talk.now)):
        return day
    found = ANOTHER.fullmatch(said) if last and not talk.step else None
    if not last or not found or not places.all_at(catalogue.points(talk.db), found["place"]):
        return None
    if last["place"]:
        return str(last["text"]).replace(last["place"], found["place"], 1)
    return f"{found['place']}{last['text']}"


def ask_again(talk: Talk, text: str) -> None:
    """As if it had been written out."""
    talk.event = replace(talk.event, text=text)
    talk.intent, talk.found = talk.look_up(reading, text)
