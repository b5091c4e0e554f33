"""取书: from the cart to the confirmation, by a way that is chosen, and where the courier goes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from bot import acting, cities, escalations
from bot.events import Button
from bot.folding import fold, letters
from bot.handlers import adding, finding, following, ordering, picking, places, returning, trust
from bot.offered import bare
from bot.talk import Talk
from bot.texts import menu, rows
from lending import cart, catalogue, lockers, orders, readers, shipping
from lending.errors import BadAddress
from lending.model import Fulfilment
from lending.points import Point

PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
PARTED = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)([- ]?)(\d{4})\2(\d{4})(?!\d)")  # 139-0000-2222, +86 139 0000 2222
LABEL = re.compile(  # what people write before a name, an address or a number
    r"^(?:我叫|我是|收件人|收货人|姓名|名字|我?家?住在?|地址|手机号?码?|电话号?码?|送到|寄到|my name is|name|i live at|i am|address|phone)"
    r"(?:是|为|[:： ])*",
    re.IGNORECASE,
)
LIVES = re.compile("(?:我们?|我家)?(?:家|现在)?(?:住在?|地址是?|在)|(?:送|寄)到(?!家)")
STREET = re.compile(r"[路街弄巷道村苑园区].{0,12}\d+.{0,3}[号弄幢栋室楼]")
NO_PART = re.compile(  # only says that a number follows, or which books are wanted
    r".{0,6}(?:电话|手机|号码|联系方式|phone|mobile|number)(?:号码?|是|为|is|[:： ])*|.{0,6}[借看].*", re.IGNORECASE
)
MOST_DISTRICTS = 12
SAID_WAYS = {"送到家": "delivery", "到馆自取": "branches"}  # what phrases.toml makes of a way said by name
WAYS = ("branches", *Fulfilment)  # what a button may say
GO_ON = "接着下单"
NEW_ADDRESS, ELSEWHERE = "改地址", "换取书点"  # and of a change of mind
AROUND_MOVED = "(?:那|就是?|我|想|要|请|帮我|能不能|能|可以|还是|算了|不对)*"  # each once: read in two ways it takes minutes
MOVED = re.compile(  # "不去这个，去云栖站吧": only with a place of ours behind it does it mean anything
    rf"{AROUND_MOVED}(?:不[去要到].{{2,8}}?{AROUND_MOVED})?(?:改|换|去|还是|到|要|放)(?:成|到|去|在|为)?(?:那个)?"
    r"(?P<place>.{2,12}?)(?:取书|自取|[来去]?取|拿)?(?:那里|那边|那个|的?柜子|里面?|吧|可以吗|行吗|好了|吗|了)*"
)

OLD_PLACE = re.compile(
    "(?:那|就|还是|我|要|送到?|放到?|放|去|到|在|寄到?)*"
    "(?:老地方|(?:跟|和|同)上次一样|(?:上次|上回|以前|原来)的?那?个?(?:地方|柜子|书柜|馆|地址)|同一个地方)"
    "(?:取书|自取|取|拿)?(?:吧|可以吗|行吗|好了|就行|还能取吗|还能拿吗|了)*"
)
PLACE = re.compile("(?P<place>.{2,12})")
MOVED_EN = re.compile(  # "I'd rather pick it up at Yunqi station", "change to Zhuying instead"
    r"(?:[a-z' ]+ )?(?:(?:pick|get|collect|fetch|have)(?: (?:it|them|(?:my|the) books?))?(?: up)? (?:from|at|in)"
    r"|(?:change|switch|move|send|go|make)(?: (?:it|them|that|this|(?:my|the) [a-z -]{4,14}?))?(?: to| for)?|rather|do|use|choose|take|prefer"
    r"|(?:the )?(?:book )?locker (?:at|in|near))"
    r" (?:the )?(?P<place>[a-z][a-z' -]{2,40}?)(?: instead| please| then| thanks| if possible)*"
)
LONGEST_MOVE = 80  # characters; a whole letter says more than a place, and would be looked through for seconds
HERE_TOO = re.compile(r"(library|branch|lockers?)$")  # a place of ours, whichever
NO_WORD = re.compile(r"[^a-z' -]+")


def checkout(talk: Talk) -> None:
    """ "去下单", "把这几本加进我的订单"."""
    if talk.slot("query") == adding.ASKED:
        return adding.ask(talk)
    if talk.slot("query") == NEW_ADDRESS:
        return mend_address(talk)
    _leave_address(talk)
    if talk.slot("query") == GO_ON and talk.memory.get("way") and cart.items(talk.db, talk.reader.id):
        return go_on(talk)
    if not cart.items(talk.db, talk.reader.id):
        if not following.still_open(talk) and (talk.memory.get("title") or finding.standing(talk)):
            return _offer_shown(talk)
        return following.ordered_already(talk, change=bool(talk.slot("query")))
    if way := SAID_WAYS.get(talk.slot("query")):
        return choose_way(talk, way)
    picking.ways(talk, "")


def _leave_address(talk: Talk) -> None:
    """Another way is being chosen: what is written next is no address."""
    if talk.step == "address":
        talk.step = ""
    for word in ("fetching", "told", "buying"):
        talk.memory.pop(word, None)


def _offer_shown(talk: Talk) -> None:
    """The cart is empty, but a book was just looked at, or a list stands there."""
    if not talk.memory.get("title"):
        return finding.which(talk)
    _, title = talk._, catalogue.title(talk.db, int(talk.memory["title"]))
    text = _("借书车里还没有书。要借《{title}》吗？", title=title.title)
    talk.say(text, rows(Button(_("借这本"), f"b:{title.id}"), menu(_, "new_books"), menu(_, "escalate")))


def underway(talk: Talk) -> bool:
    """Whether an order is being made: a way is chosen, or was asked for."""
    asked = talk.memory.get("way") or talk.memory.get("ways")
    stands = any(bare(action).startswith("w:") for action, _label in talk.memory.get("choices", []))
    return bool((asked or stands) and cart.items(talk.db, talk.reader.id))


def moved(talk: Talk) -> str:
    """The action that "改成竹影" stands for while an order is made or on its way; where several places are called so,
    the ways once more; '' where no place is meant."""
    if talk.intent.name not in ("search", "find_branches") and not talk.intent.likened:
        return ""
    if len(talk.event.text) > LONGEST_MOVE:
        return ""
    text = NO_WORD.sub(" ", fold(talk.event.text).replace(",", "")).strip()
    if OLD_PLACE.fullmatch(letters(talk.event.text)):
        return _as_before(talk)
    found = MOVED.fullmatch(letters(talk.event.text)) or MOVED_EN.fullmatch(text) or _only_place(talk)
    if found is None or (talk.step == "address" and _is_district(talk, found["place"])):
        return ""
    count = len(cart.items(talk.db, talk.reader.id))
    waits = [action for action, _label in talk.memory.get("choices", []) if bare(action).startswith("hp:")]
    if len(waits) == 1 and bare(waits[0]).count(":") == 1:
        called = places.at(catalogue.points(talk.db), found["place"])
        return f"{waits[0]}:{called[0].id}" if len(called) == 1 else waits[0] if called else ""
    if not (underway(talk) if count else following.still_open(talk)):
        return ""
    room = {place["id"] for place in lockers.with_room(talk.db, max(count, 1))}
    called = places.at(catalogue.points(talk.db), found["place"])
    boxes = [f"w:locker:{one.id}" for one in called if one.id in room]
    desks = [f"w:counter:{one.id}" for one in called if one.kind == "branch"]
    likely = desks or boxes if talk.memory.get("way", [""])[0] == Fulfilment.COUNTER else boxes or desks
    if found.re is PLACE and len(likely) != 1:
        return ""
    some = likely or (found.re is MOVED_EN and HERE_TOO.search(found["place"]))
    return likely[0] if len(likely) == 1 else "i:checkout" if some else ""


def _as_before(talk: Talk) -> str:
    """ "老地方": the way and place of the last order, while another is made; '' where there is none."""
    last = orders.of_reader(talk.db, talk.reader.id, 1) if underway(talk) else []
    return f"w:{last[0].fulfilment}:{last[0].point_id or 0}" if last else ""


def _only_place(talk: Talk) -> re.Match[str] | None:
    """A place of ours and nothing else, said since we asked how the books are to be fetched ("竹影科技园")."""
    called = talk.memory.get("ways") and (talk.intent.name == "search" or talk.slot("place"))
    return PLACE.fullmatch(letters(talk.event.text)) if called else None


def choose_way(talk: Talk, way: str, point: str = "0") -> None:
    """The reader has chosen; say the whole cost, or first what is still missing."""
    _leave_address(talk)
    if way == "branches":
        return picking.choose_branch(talk)
    if not cart.items(talk.db, talk.reader.id):
        return following.ordered_already(talk, change=True)
    if way == Fulfilment.DELIVERY:
        acting.need(talk, "use_address")
    talk.memory["way"] = [way, int(point)]
    if talk.reader.standing == "new":
        return trust.offer(talk)
    reached = talk.reader.address and shipping.known_zone(talk.policy, talk.reader.zone)
    if way == Fulfilment.DELIVERY and not reached:
        return ask_district(talk)
    ordering.quote(talk)


def go_on(talk: Talk) -> None:
    """Back to where the reader was before credit was opened."""
    if talk.memory.get("way") and cart.items(talk.db, talk.reader.id):
        way, point = talk.memory["way"]
        choose_way(talk, way, str(point))


def start_on_ladder(talk: Talk) -> None:
    """Without any bureau, and on with what the reader was about to borrow."""
    trust.start_ladder(talk)
    go_on(talk)


def go_on_or_cart(talk: Talk) -> None:
    """ "继续下单": on from where it stopped, or the cart."""
    if talk.memory.get("way"):
        return go_on(talk)
    checkout(talk)


def ask_district(talk: Talk) -> None:
    """The courier stays inside the city: known before, not after (A4-11). The whole address does as well."""
    _ = talk._
    talk.step = "address"
    for word in ("district", "told", "buying"):
        talk.memory.pop(word, None)
    points = catalogue.points(talk.db)
    seen = cities.view(talk, points)
    near = _districts(seen.own(point for point in points if point.district))
    buttons = [Button(_(name), f"d:{name}") for name in near[:MOST_DISTRICTS]]
    outside = Button(_("不在这些区"), "d:")
    if len(near) < len(_districts(points)):
        outside = Button(_("在别的区"), "dc")
    buttons += [outside, menu(_, "cancel")]
    talk.say(_("送到哪个区？直接发收件人、手机号和带区名的详细地址也行。"), rows(*buttons))


def _districts(points: Iterable[Point]) -> list[str]:
    return sorted({point.district for point in points if point.district})


def other_districts(talk: Talk) -> None:
    """The parcel goes to another city, or to a district that had no button: written, it is known all the same."""
    _, every = talk._, _districts(catalogue.points(talk.db))
    talk.step = "address"
    told = _("直接写区名，或者收件人、手机号和带区名的详细地址。快递送得到的区：{districts}", districts=_.listed(map(_, every)))
    talk.say(told, rows(Button(_("不在这些区"), "d:"), menu(_, "cancel")))


def _city_of(talk: Talk, district: str) -> str:
    """The one city that has a district of this name; '' where none or several have."""
    found = {point.city for point in catalogue.points(talk.db) if point.district == district}
    return found.pop() if len(found) == 1 else ""


def choose_district(talk: Talk, district: str = "") -> None:
    """Inside the city we ask for the address; outside there is a way too."""
    _, seen = talk._, cities.view(talk)
    if not district:
        where = _("快递目前只送本市。可以选智能书柜或到馆自取，都不收费。")
        if seen.all:
            here = _.listed(seen.name(_, one.name) for one in seen.all)
            where = _("快递目前只送到{cities}。可以选智能书柜或到馆自取，都不收费。", cities=here)
        return talk.say(where, rows(menu(_, "checkout"), menu(_, "find_branches")))
    shipping.zone_of(talk.policy, district, _city_of(talk, district))
    talk.step = "address"
    talk.memory["district"] = district
    if told := talk.memory.pop("told", ""):
        talk.event = replace(talk.event, text=told)
        return hear_address(talk)
    ask = (Button(_("发送我的手机号"), ask="phone"),) if not talk.reader.phone else ()
    talk.say(
        _(
            "请在一条消息里写：收件人、手机号、{district}的详细地址。例如「李明 13800000000 春风路8号3单元201」。只用来送书。",
            district=_(district),
        ),
        rows(*ask, menu(_, "cancel")),
    )


def hear_address(talk: Talk) -> None:
    """The words in which a reader gives their address; what is missing is asked for, nothing else is lost."""
    text = in_one(talk.event.text)
    if not talk.memory.get("district"):
        return _hear_district(talk, text)
    if talk.found and talk.found.ids and not talk.found.near and not any(sign.isdigit() for sign in text):
        talk.step = ""  # a book's name is no address: the reader has gone on
        return finding.search(talk)
    found = PHONE.search(text)
    phone = found.group() if found else talk.reader.phone
    district = talk.memory.get("district", "")
    called = (district, fold(talk._(district))) if district else ()  # "7 Wenlan Avenue, Tingquan District, John Smith"
    rest = [part for part in _address_parts(text.replace(phone, ",") if phone else text) if fold(part) not in called]
    if len(rest) < 2 or not phone:
        raise BadAddress(("phone",) if not phone else ("address",))
    name = min(rest[:2], key=lambda part: (any(sign.isdigit() for sign in part), len(part)))
    rest.remove(name)
    name = name.removeprefix(district).strip() or name  # "听泉区 李明 139…": the district is no part of a name
    name = name.removesuffix("收") if len(name) > 2 else name
    address = " ".join(rest) if district in " ".join(rest) else f"{district} {' '.join(rest)}"
    city = _city_of(talk, district) if cities.view(talk).all else ""
    address = address if city in address else f"{city} {address}"  # a courier goes to more than one city
    zone = shipping.zone_of(talk.policy, district, city) if district else shipping.zone_or_first(talk.policy, "")
    readers.set_delivery(talk.db, talk.reader.id, name, phone, address, zone)
    talk.reader = readers.reader(talk.db, talk.reader.id)
    talk.step = ""
    fetching = talk.memory.pop("fetching", False)
    onward = fetching or (talk.memory.get("way") and cart.items(talk.db, talk.reader.id))
    ways = () if onward else rows(*_bought(talk), menu(talk._, "checkout"), menu(talk._, "show_cart"), menu(talk._, "new_books"))
    talk.say(talk._("记下了：{name} {phone} {address}", name=name, phone=phone, address=address), ways)
    if fetching:
        return returning.offer_fetching(talk)
    go_on(talk)


def _bought(talk: Talk) -> list[Button]:
    """The bookshop's book for which the address was asked: one tap goes on with it."""
    wanted = talk.memory.pop("buying", None)
    return [Button(talk._("选《{title}》", title=wanted[1]), f"buy:{wanted[0]}")] if wanted else []


def in_one(text: str) -> str:
    """A telephone number is written in one, however its groups are parted."""
    return PARTED.sub(r"\1\3\4", text)


def _named(talk: Talk, text: str) -> list[str]:
    """The districts that stand in a text, in Chinese or in the reader's language."""
    said = letters(text)
    return [one for one in _districts(catalogue.points(talk.db)) if _short(one) in said or _short(talk._(one)) in said]


def _is_district(talk: Talk, text: str) -> bool:
    return _short(text) in {_short(name) for one in _districts(catalogue.points(talk.db)) for name in (one, talk._(one))}


def _short(district: str) -> str:
    return letters(district).removesuffix("district").rstrip("区")


def may_be_address(talk: Talk) -> bool:
    """Whether what reads like something else can be the answer to "where to?": it has a number or names a district."""
    return any(sign.isdigit() for sign in talk.event.text) or bool(_named(talk, talk.event.text))


def volunteered(talk: Talk) -> bool:
    """Whether an address or a telephone number is told that nobody asked for, a librarian neither."""
    text = in_one(talk.event.text)
    phone = bool(PHONE.search(text)) and any(sign.isalpha() for sign in text)
    home = bool(LIVES.match(text.strip())) and bool(STREET.search(text))
    told = talk.intent.name == "search" and (phone or home)
    return told and not escalations.open_of(talk.db, talk.reader.id)


def take_volunteered(talk: Talk) -> None:
    """It is an address all the same, and no book: kept where it is whole, asked about where it is not."""
    if not _named(talk, talk.event.text):
        if STREET.search(talk.event.text) and not (PHONE.search(in_one(talk.event.text)) and talk.reader.address):
            return _hear_district(talk, talk.event.text)
        return mend_address(talk)
    talk.memory.pop("district", None)
    talk.step = "address"
    hear_address(talk)


def _hear_district(talk: Talk, text: str) -> None:
    """A district's name, alone or in a whole address; without one we ask again, unless it is a book that is named."""
    named = _named(talk, text)
    numbers = any(sign.isdigit() for sign in text)
    if not named and (numbers or talk.intent.name in ("confirm", "deny")):
        ask_district(talk)
        if numbers:
            talk.memory["told"] = text  # the district alone is missing: the rest is not asked for again
        return None
    if not named:
        talk.step = ""
        asked = talk.intent.name == "find_branches"
        return places.find_branches(talk) if asked else finding.search(talk)
    if numbers:
        talk.memory.pop("told", None)
    choose_district(talk, named[0])
    if numbers:
        talk.replies.clear()  # what it asks for has just been said
        hear_address(talk)


def _address_parts(text: str) -> list[str]:
    """Cut at commas and lines, so that "Li Ming" stays whole; where that leaves one part, at blanks. What only says that
    a name or a number follows is left out."""
    parts = [part.strip() for part in re.split(r"[,，;；。\n]+|\. ", text) if part.strip(" .")]
    parts = parts if len(parts) > 1 else text.replace(",", " ").split()
    bare = [LABEL.sub("", part).strip() for part in parts if not NO_PART.fullmatch(fold(part))]
    return [part for part in bare if part]


def fetch_from(talk: Talk) -> None:
    """Where the courier fetches books from; then on with that."""
    talk.memory["fetching"] = True
    ask_district(talk)


def change_address(talk: Talk) -> None:
    """A new address for this and later orders."""
    ask_district(talk)


def mend_address(talk: Talk) -> None:
    """ "地址不对", "电话写错了，是139…": a number is put right at once, anything else is written anew. What is ordered
    already goes where it was to go."""
    acting.need(talk, "use_address")
    if not cart.items(talk.db, talk.reader.id) and following.still_open(talk):
        return following.ordered_already(talk, change=True)
    phone = PHONE.search(in_one(talk.event.text))
    if phone is None or not talk.reader.address:
        return ask_district(talk)
    readers.set_phone(talk.db, talk.reader.id, phone.group())
    talk.reader = one = readers.reader(talk.db, talk.reader.id)
    talk.say(talk._("记下了：{name} {phone} {address}", name=one.name, phone=one.phone, address=one.address))
    go_on(talk)
