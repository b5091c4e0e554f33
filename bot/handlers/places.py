"""网点: branches and lockers, open or not, free boxes, nearest first when the reader says where they are (F-15)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot import cities, place_words
from bot.books import place_name
from bot.cities import View
from bot.events import Button
from bot.folding import fold, letters
from bot.handlers import bus, opening
from bot.talk import Talk
from bot.texts import menu, rows
from bot.understanding import Intent
from lending import calendar, catalogue, lockers, readers
from lending import cities as rules
from lending.calendar import Calendar
from lending.catalogue import Point
from lending.model import library_day
from lending.points import always_open, metres_to
from search import browse

NEAREST = 5
LOCKERS, HOUSES = re.compile("柜|locker"), re.compile("馆|网点|书房|书屋|branch|librar")
LISTED = 20  # places of several cities that are told at once; of more, how many there are in each
PHONE = re.compile(r"^(?!.*(改|换|没有)).*(电话|联系方式|座机|telephone|phone number|\bphone\b)")
AND = re.compile("和|跟|与|还是|以及|或者?|、")
KIND = re.compile("的?(?:区?分馆|街道书[房屋]|书[房屋]|智能借?书柜|[借还]?书柜|柜子?)$")
POINTING = re.compile(r"^(?>那[个家边]|那么?|就|还是|选|换成?|去|到|在)+|(?>那个|那家|那边|那里|那儿|这个|的|好了|吧|了)+$")
ALONE = re.compile(  # the place, what it is, and nothing asked of it
    r"(?>那[个家边]|那?就|在|去|到)*(?P<place>[\u3400-\u9fff]{2,8}?)(?:的(?=.)|那个的?|那边的?|那家)(?P<kind>(?:智能)?[借还]?书?柜子?|分?馆|书[房屋])?[呢吧 .。?？!！~]*"
)


def find_branches(talk: Talk) -> None:
    """All of them, or those of a place."""
    _, place = talk._, talk.slot("place")
    if asks_phone(talk.event.text):
        return phones(talk)
    if bus.asked(talk.event.text):
        return bus.show(talk)
    talk.memory.pop("bus", None)
    known = catalogue.points(talk.db)
    seen = cities.view(talk, known)
    if not place:
        place = cities.mentioned(seen.all, talk.event.text)
    near = all_at(known, place) or all_at(known, named_in(place))
    if near and all(point.is_bus for point in near):
        return bus.show(talk)
    city = cities.called(seen.all, place)
    if place and not near:
        lines = [_("没有找到「{place}」附近的网点，这些是全部：", place=place[:20])]
    elif city or (seen.mine and not place):
        lines = [_("{city}的这些网点都能借、能还：", city=seen.name(_, city or seen.mine))]
    else:
        lines = [_("这些网点都能借、能还：")]
    shown = near or _of_kind(talk.event.text, still_there(talk, seen.own(known)))
    lines += _listed(talk, seen, shown)
    lines += opening.coming(talk, library_day(talk.now), {point.id for point in shown} if seen.mine else ())
    offer, ways = cities.offer(talk, seen) if not place else ("", ())
    if city and city != seen.mine:
        ways = (cities.take(_, seen, city),)
    ask = Button(_("发送位置，找最近的"), ask="location")
    usual = (menu(_, "return_books"), Button(_("自助机用的卡"), "kiosk"), menu(_, "faq"))
    first = (ask, *ways, *cities.others(talk, seen))
    talk.say("\n".join([*lines, *filter(None, [offer])]), (*rows(*first), usual))


def _of_kind(text: str, points: list[Point]) -> list[Point]:
    """The lockers alone, where only those are asked for."""
    lockers_only = LOCKERS.search(fold(text)) and not HOUSES.search(fold(text))
    return [point for point in points if point.kind == "locker"] or points if lockers_only else points


def still_there(talk: Talk, points: Iterable[Point]) -> list[Point]:
    """Those that are not closed for good: nobody is sent to the others."""
    gone = calendar.gone(talk.db, library_day(talk.now))
    return [point for point in points if point.id not in gone]


def _listed(talk: Talk, seen: View, shown: list[Point]) -> list[str]:
    """A line for each place; under their cities where there are several, and of very many only how many."""
    _, free, days = talk._, _free_boxes(talk), calendar.load(talk.db, talk.policy)
    lines = [f"· {point_line(talk, point, free, days)}" for point in shown]
    if len({point.city for point in shown}) < 2 or not seen.all:
        return lines
    here = {city: [n for n, point in enumerate(shown) if point.city == city] for city in _cities_of(shown, seen)}
    names = {city: seen.name(_, city) if city else _("别处") for city in here}
    if len(shown) > LISTED:
        counted = [_.n("· {city}：{n} 个网点", "· {city}：{n} 个网点", len(here[city]), city=names[city]) for city in here]
        return [*counted, _("说「{city}的网点」这样的话，就看那里的。", city=names[next(iter(here))])]
    return [line for city in here for line in (f"【{names[city]}】", *(lines[n] for n in here[city]))]


def _cities_of(shown: list[Point], seen: View) -> list[str]:
    """One's own city, then the others as they come, then what is in none."""
    found = dict.fromkeys(point.city for point in seen.first(shown))
    return sorted(found, key=lambda city: city == "")


def of_city(talk: Talk, name: str = "", page: str = "0") -> None:
    """The places of a city that is not one's own; without a name, which? (A2-16)"""
    _, seen = talk._, cities.view(talk)
    if name or not seen.all:
        talk.intent = Intent("find_branches", {"place": name})
        return find_branches(talk)
    named = [Button(seen.name(_, one.name), f"cityp:{one.name}") for one in seen.all if one.name != seen.mine]
    shown, turns = cities.page(_, named, int(page), "cityp::{}")
    text = _("看哪个城市的网点？只是看看，您的城市不变。")
    talk.say(text, (*rows(*shown, across=4), *rows(*turns, Button(_("换城市"), "cities:0"))), edits=True)


def asks_phone(text: str) -> bool:
    """Whether a telephone number of ours is wanted; not whether a reader's own is to be changed."""
    return bool(PHONE.search(fold(text)))


def phones(talk: Talk) -> None:
    """The telephone of a place, or of every branch; where none is known, that is said."""
    _, place = talk._, talk.slot("place")
    every = catalogue.points(talk.db)
    branches = [point for point in every if point.kind == "branch"]
    asked = all_at(every, place) or [one for one in branches if opening.is_named(talk, one)] or branches
    known = [_("· {name}：{phone}", name=place_name(_, point), phone=point.phone) for point in asked if point.phone]
    lines = [_("电话："), *known] if known else [_("这里的电话没有登记。要问什么，点「转人工」，馆员答复您。")]
    talk.say("\n".join(lines), rows(menu(_, "find_branches"), menu(_, "escalate")))


def named_in(words: str) -> str:
    """那就中心馆南门那个吧: without what only points at it."""
    return POINTING.sub("", words)


def alone(talk: Talk) -> str:
    """The place of ours that is all a line says, where nothing else is meant for certain: 云栖站那个书柜."""
    close = talk.found is not None and talk.found.ids and not talk.found.near
    unsure = talk.intent.likened or (talk.intent.name == "search" and not close)
    if unsure and (whole := _whole_name(talk)):
        return whole
    found = ALONE.fullmatch(fold(talk.event.text)) if unsure else None
    place = found["place"] + ("书柜" if found["kind"] and "柜" in found["kind"] else "") if found else ""
    return place if place and all_at(catalogue.points(talk.db), place) else ""


def tell_alone(talk: Talk, place: str) -> None:
    """That place."""
    talk.intent = Intent("find_branches", {"place": place})
    find_branches(talk)


def named(talk: Talk, words: str) -> bool:
    """Whether somewhere of ours is called so ("云栖站", "听泉区"); a word for a kind of books is none ("少儿")."""
    long = len(words.split()) > 1 if words.isascii() else len(words) > 1
    return long and not browse.named(fold(words)).code and bool(at(catalogue.points(talk.db), words))


def _whole_name(talk: Talk) -> str:
    """A place's own name, or its end (南門智慧借書櫃), where that is the whole line; '' where it is none."""
    said = _as_named(letters(talk.event.text))
    known = (_as_named(letters(point.name)) for point in catalogue.points(talk.db))
    return said if len(said) > 4 and KIND.search(said) and any(name.endswith(said) for name in known) else ""


def _as_named(place: str) -> str:
    """智慧借書櫃 is what a 智能借书柜 is called in Traditional characters."""
    return place.replace("智慧", "智能")


def at(points: Iterable[Point], place: str) -> list[Point]:
    """Of these points those so called, else those whose name, district, address or neighbourhood holds `place`."""
    points, place = list(points), _as_named(place)
    short = place.rstrip("区馆")
    city = cities.called(rules.among(points), place)
    if city and not place.endswith(("馆", "library", "Library")):
        return [point for point in points if point.city == city]
    if place.isascii():
        return _in_english(points, place)
    if place.endswith("馆"):  # one branch, and not every place that has its district
        branches = [point for point in points if point.kind == "branch"]
        if one := [p for p in branches if p.name.endswith(place)] or [p for p in branches if short and short in p.name]:
            return one
    found = [p for p in points if short and any(short in text for text in (_as_named(p.name), p.district, p.address, p.near))]
    found = found or [point for point in points if city and point.city == city]
    return found or [p for p in points if short and any(short in stop.place for stop in p.stops)]


def all_at(points: Iterable[Point], place: str) -> list[Point]:
    """As `at`, of each of several that are named ("听泉馆和望川馆"), where all of them are ours."""
    points, parts = list(points), [one for one in AND.split(place) if one]
    each = [at(points, part) or _in_short(points, part) for part in parts]
    found = {point.id: point for one in each for point in one}
    return list(found.values()) if all(each) else at(points, place)


def _in_short(points: list[Point], place: str) -> list[Point]:
    """望川分馆, 莲塘书房, 科技园的柜子: without what says only whether it is a branch or a locker."""
    kind = KIND.search(place)
    own = place[: kind.start()] if kind else ""
    wanted = "locker" if kind and "柜" in kind[0] else "branch"
    return [point for point in points if len(own) > 1 and point.kind == wanted and own in point.name]


def _in_english(points: list[Point], place: str) -> list[Point]:
    """Those whose English name, else whose name and address, has every word of it."""
    wanted = _words(place) - {"the", "book"}
    called = [point for point in points if wanted and wanted <= _words(point.name_en)]
    if place.casefold().endswith("library"):  # and not the locker at its gate
        called = [point for point in called if point.kind == "branch"] or called
    found = called or [p for p in points if wanted and wanted <= _words(f"{p.name_en} {p.address_en}")]
    return found or [p for p in points if wanted and any(wanted <= _words(stop.place_en) for stop in p.stops)]


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z']+", text.casefold()))


def nearest(talk: Talk) -> None:
    """The five nearest to a shared location; the location is used once and not kept (C1)."""
    _ = talk._
    assert talk.event.location is not None
    lat, lon = talk.event.location
    if talk.memory.pop("bus", False):
        return bus.show_nearest(talk, (lat, lon))
    free, days = _free_boxes(talk), calendar.load(talk.db, talk.policy)
    known = catalogue.points(talk.db)
    found = catalogue.nearest(still_there(talk, known), lat, lon, NEAREST)
    told, ways = _in_city(talk, rules.at(known, lat, lon, talk.policy))
    seen = cities.view(talk, known)
    lines = [
        f"{n}. {place_words.distance(_, metres, talk.policy.nearby)} {_near_line(talk, seen, point, free, days, (lat, lon))}"
        for n, (point, metres) in enumerate(found, 1)
    ]
    buttons = [Button(_("在{name}取书", name=seen.called(_, point)), f"like:{point.id}") for point, metres in found[:3]]
    heading = _("离您最近的网点（位置只用这一次，不保存）：")
    talk.say("\n".join([heading, *lines, *told]), (*rows(*buttons, across=1), *rows(*ways)))


def _in_city(talk: Talk, here: str) -> tuple[list[str], tuple[Button, ...]]:
    """Whoever has no city yet, or was asked for it, has the one they stand in, and is told; others may take it."""
    _, seen, asked = talk._, cities.view(talk), talk.memory.pop("city_asked", False)
    if not seen.all or here not in {city.name for city in seen.all} or here == seen.mine:
        return [], ()
    if talk.reader.city and not asked:
        return [], (cities.take(_, seen, here),)
    rules.choose(talk.db, talk.reader.id, here)
    talk.reader = readers.reader(talk.db, talk.reader.id)
    told = _("看起来您在{city}，以后先看那里的。只记住城市，不记位置；不对就换一个。", city=seen.name(_, here))
    return [told], (Button(_("换城市"), "cities:0"), Button(_("不分城市"), "city:"))


def _near_line(
    talk: Talk, seen: View, point: Point, free: dict[int, int], days: Calendar, location: tuple[float, float]
) -> str:
    """One of another city than the reader's says so; a bus is told with its next visit to the place that is near."""
    if not point.is_bus:
        city = f"{seen.name(talk._, point.city)} · " if seen.elsewhere(point) else ""
        return city + point_line(talk, point, free, days)
    placed = [(metres, stop.place) for stop in point.stops if (metres := metres_to(stop, *location)) is not None]
    comes = [one for one in days.coming(point, talk.now) if one.stop.place == min(placed)[1]]
    said = place_words.visit(talk._, comes[0], talk.now) if comes else talk._("还没有排定下一站")
    return f"{place_name(talk._, point)} · {said}"


def prefer(talk: Talk, point_id: str) -> None:
    """Where the reader likes to pick up from now on."""
    _, point = talk._, catalogue.point(talk.db, int(point_id))
    readers.set_point(talk.db, talk.reader.id, point.id)
    talk.say(
        _("好，以后先给您推荐{name}。", name=place_name(_, point)), rows(menu(_, "show_cart"), menu(_, "new_books"))
    )


def at_point(talk: Talk, point_id: str) -> None:
    """The code on a locker or a poster opened the talk here (A2-13, A9-3)."""
    _arrive(talk, point_id, menu(talk._, "new_books"), menu(talk._, "browse"), menu(talk._, "show_loans"))


def at_machine(talk: Talk, point_id: str) -> None:
    """The code on a self-service machine: the place, and the card that the machine asks for (A2-13)."""
    _arrive(talk, point_id, Button(talk._("自助机用的卡"), "kiosk"), menu(talk._, "show_loans"), menu(talk._, "browse"))


def _arrive(talk: Talk, point_id: str, *ways: Button) -> None:
    """Its city is offered where it is not the reader's, and never set by the code itself (A2-16)."""
    _, point, seen = talk._, catalogue.point(talk.db, int(point_id)), cities.view(talk)
    if seen.all and point.city and point.city != seen.mine:
        ways = (*ways, cities.take(_, seen, point.city))
    talk.say(
        _("您在{name}。直接发书名，下单时它排在第一个；还书也可以放这里。", name=place_name(_, point))
        + "\n"
        + point_line(talk, point, _free_boxes(talk), calendar.load(talk.db, talk.policy), week=True),
        rows(*ways),
    )
    readers.set_point(talk.db, talk.reader.id, point.id)


def _free_boxes(talk: Talk) -> dict[int, int]:
    return {int(str(room["id"])): int(str(room["free"])) for room in lockers.with_room(talk.db, 1)}


def point_line(talk: Talk, point: Point, free: dict[int, int], days: Calendar, week: bool = False) -> str:
    """Name, address, open now or not, today's hours or the week's, free boxes; of a bus its next stop.

    With the week it is the point's card, and says whose house it is (A10-18).
    """
    _ = talk._
    if point.is_bus:
        return f"{place_name(_, point)} · {place_words.next_stop(_, days, point, talk.now)}"
    address = _.called(point.address, point.address_en)
    now = _("开放中") if days.is_open(point, talk.now) else _("现在关闭")
    house = _(place_words.TYPES[point.branch_type]) if week and point.branch_type else ""
    parts = [place_name(_, point), house, address]
    if days.gone(point.id, library_day(talk.now)):
        parts.append(_("不再开放了"))
    elif point.kind == "locker" and days.is_open(point, talk.now) and always_open(point):
        parts.append(_.n("24 小时，空格口 {n} 个", "24 小时，空格口 {n} 个", free.get(point.id, 0)))
    else:
        said = place_words.hours(_, point) if week else _today(talk, point, days)
        parts.append(_("{now}（{hours}）", now=now, hours=said))
        if point.kind == "locker" and days.is_open(point, talk.now):
            parts.append(_.n("空格口 {n} 个", "空格口 {n} 个", free.get(point.id, 0)))
    return " · ".join(part for part in parts if part)


def _today(talk: Talk, point: Point, days: Calendar) -> str:
    """Lists of places say one day's hours: a week of each is too much to read."""
    _, spans = talk._, days.hours(point, library_day(talk.now))
    return _("今天 {hours}", hours=spans) if spans else _("今天闭馆")
