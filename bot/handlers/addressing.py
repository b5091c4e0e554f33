"""送到哪里: the district the courier reaches, and the address, in one message or piece by piece (A4-11)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict

from bot import acting, address_words, cities, escalations, meaning
from bot.address_words import ASKED, LIVES, PHONE, STREET, Told
from bot.events import Button
from bot.folding import letters
from bot.handlers import finding, following, places, returning
from bot.talk import Rows, Talk
from bot.texts import menu, rows
from lending import cart, catalogue, home_returns, homes, readers, shipping
from lending.errors import BadAddress
from lending.points import Point

MOST_DISTRICTS = 12
OTHER_DISTRICT = re.compile("(?:我?(?:要|想|点|选)?(?:换|改)[成到]?一?下?个?(?:别的|另一个|其他)?|(?:选|点|弄|搞)错)(?:城)?区了?吧?")  # 换个区, 选错区了


def ask_district(talk: Talk) -> None:
    """The courier stays inside the city: known before, not after (A4-11). The whole address does as well."""
    talk.step = "address"
    for word in ("district", "parcel_for", "buying"):
        talk.memory.pop(word, None)
    _ask_where(talk, talk._("送到哪个区？直接发收件人、手机号和带区名的详细地址也行。"))


def _ask_where(talk: Talk, question: str) -> None:
    _, points = talk._, catalogue.points(talk.db)
    seen = cities.view(talk, points)
    near = _districts(seen.own(point for point in points if point.district))
    buttons = [Button(_(name), f"d:{name}") for name in near[:MOST_DISTRICTS]]
    outside = Button(_("不在这些区"), "d:")
    if len(near) < len(_districts(points)):
        outside = Button(_("在别的区"), "dc")
    buttons += [outside, menu(_, "cancel")]
    talk.say(question, rows(*buttons))


def _districts(points: Iterable[Point]) -> list[str]:
    return sorted({point.district for point in points if point.district})


def other_districts(talk: Talk) -> None:
    """The parcel goes to another city, or to a district that had no button: written, it is known all the same."""
    _, every = talk._, homes.districts(talk.db)
    talk.step = "address"
    told = _("直接写区名，或者收件人、手机号和带区名的详细地址。快递送得到的区：{districts}", districts=_.listed(map(_, every)))
    talk.say(told, rows(Button(_("不在这些区"), "d:"), menu(_, "cancel")))


def choose_district(talk: Talk, district: str = "") -> str | None:
    """Inside the city we ask for the address, or go on with what was told of it; outside there is a way too."""
    _, seen = talk._, cities.view(talk)
    if not district:
        where = _("快递目前只送本市。可以选智能书柜或到馆自取，都不收费。")
        if seen.all:
            here = _.listed(seen.name(_, one.name) for one in seen.all)
            where = _("快递目前只送到{cities}。可以选智能书柜或到馆自取，都不收费。", cities=here)
        talk.say(where, rows(menu(_, "checkout"), menu(_, "find_branches")))
        return None
    shipping.zone_of(talk.policy, district, homes.city_of(talk.db, district))
    talk.step = "address"
    talk.memory["district"] = district
    if any(_pieces(talk)):
        return _take(talk, Told())
    text = _(
        "请写：收件人、手机号、{district}的详细地址。例如「李明 13800000000 春风路8号3单元201」，分几条发也行。只用来送书。",
        district=_(district),
    )
    talk.say(text, _ways(talk))
    return None


def _ways(talk: Talk) -> Rows:
    ask = (Button(talk._("发送我的手机号"), ask="phone"),) if not _known(talk).phone else ()
    return rows(*ask, menu(talk._, "cancel"))


def _known(talk: Talk) -> Told:
    """What was told for this parcel, and otherwise the reader's own name and telephone."""
    return _pieces(talk).over(Told(name=talk.reader.name or "", phone=talk.reader.phone or ""))


def _pieces(talk: Talk) -> Told:
    """What was told for this parcel, in the messages so far."""
    return Told(**talk.memory.get("parcel_for", {}))


def hear_address(talk: Talk) -> str | None:
    """The words in which a reader gives their address, or a piece of it; what is missing is asked for, nothing is lost."""
    district = talk.memory.get("district", "")
    if not district:
        return _hear_district(talk)
    if OTHER_DISTRICT.fullmatch(letters(talk.event.text)):
        ask_district(talk)
        return None
    told = address_words.read(talk.event.text, district, talk._(district))
    if _is_a_book(talk, told) or address_words.only_talks(talk.event.text):
        talk.step = ""  # a book's name is no address, nor is a question: the reader has gone on
        finding.search(talk)
        return None
    if not any(told) and _known(talk).missing == ("name",) and not _says_else(talk):
        told = Told(name=talk.event.text.strip()[: address_words.LONGEST_NAME])
    if not any(told) and not any(_pieces(talk)):
        raise BadAddress(_known(talk).missing)
    return _take(talk, told)


def _is_a_book(talk: Talk, told: Told) -> bool:
    """Whether a book of ours is named and nothing of an address; what also is a person's name is the recipient's."""
    exact = talk.found is not None and bool(talk.found.ids) and not talk.found.near
    alone = told.name == talk.event.text.strip() and meaning.called_so(talk) is None
    named = told.name and talk.found is not None and (talk.found.author or alone)
    return exact and not named and not address_words.has_number(talk.event.text)


def _says_else(talk: Talk) -> bool:
    """Whether it is a yes, a no or a question, and nobody's name."""
    return talk.intent.name in ("confirm", "deny", "faq", "find_branches")


def hear_phone(talk: Talk) -> str | None:
    """The telephone's button, pressed while the address is asked for."""
    return _take(talk, Told(phone=talk.event.phone))


def _take(talk: Talk, told: Told) -> str | None:
    """Keep this piece; ask for the rest, or, when it is whole, go on with what the address was wanted for."""
    _, now, district = talk._, told.over(_pieces(talk)), talk.memory.get("district", "")
    whole = now.over(_known(talk))
    if not district and not any(now):
        ask_district(talk)
        return None
    if whole.missing or not district:
        talk.memory["parcel_for"] = asdict(now)
        if not district:
            _ask_where(talk, _("记下了：{told}。送到哪个区？", told=_.listed(now)))
            return None
        text = _(
            "记下了：{told}。还差：{missing}，接着发给我就好。",
            told=_.listed(now), missing=_.listed(_(ASKED[one]) for one in whole.missing),
        )  # fmt: skip
        talk.say(text, _ways(talk))
        return None
    return _keep(talk, whole, district)


def _keep(talk: Talk, told: Told, district: str) -> str | None:
    homes.keep(talk.db, talk.reader.id, told.name, told.phone, district, told.place, talk.policy)
    talk.reader = readers.reader(talk.db, talk.reader.id)
    talk.step = ""
    talk.memory.pop("parcel_for", None)
    fetching = talk.memory.pop("fetching", False)
    onward = _onward(talk)
    ways = rows(*_bought(talk), menu(talk._, "checkout"), menu(talk._, "show_cart"), menu(talk._, "new_books"))
    _say_kept(talk, () if fetching or onward else ways)
    if fetching:
        returning.offer_fetching(talk)
        return None
    return onward


def _say_kept(talk: Talk, ways: Rows = ()) -> None:
    one = talk.reader
    talk.say(talk._("记下了：{name} {phone} {address}", name=one.name, phone=one.phone, address=one.address), ways)


def _onward(talk: Talk) -> str | None:
    """The press that goes on with an order which waited for the address; None where none does."""
    waits = talk.memory.get("way") and cart.items(talk.db, talk.reader.id)
    return acting.carried(talk, "goon") if waits else None


def _bought(talk: Talk) -> list[Button]:
    """The bookshop's book for which the address was asked: one tap goes on with it."""
    wanted = talk.memory.pop("buying", None)
    return [Button(talk._("选《{title}》", title=wanted[1]), f"buy:{wanted[0]}")] if wanted else []


def _named(talk: Talk, text: str) -> list[str]:
    """The districts that stand in a text, in Chinese or in the reader's language."""
    said = letters(text)
    return [one for one in homes.districts(talk.db) if _short(one) in said or _short(talk._(one)) in said]


def is_district(talk: Talk, text: str) -> bool:
    """Whether a district's name is said and nothing else."""
    return _short(text) in {_short(name) for one in homes.districts(talk.db) for name in (one, talk._(one))}


def _short(district: str) -> str:
    return letters(district).removesuffix("district").rstrip("区")


def may_be_address(talk: Talk) -> bool:
    """Whether what reads like something else can be the answer to "where to?": it has a number or names a district."""
    return address_words.has_number(talk.event.text) or bool(_named(talk, talk.event.text))


def _hear_district(talk: Talk) -> str | None:
    """A district's name, alone or in a whole address; without one we ask again, unless it is a book that is named."""
    text = talk.event.text
    named, numbers = _named(talk, text), address_words.has_number(text)
    told = address_words.read(text, *named, *map(talk._, named))
    if not named and not numbers and talk.intent.name in ("confirm", "deny"):
        ask_district(talk)
        return None
    talks = address_words.only_talks(text)
    if not named and not talks and (numbers or (told.name and not _is_a_book(talk, told))):
        return _take(talk, told)
    if not named:
        talk.step = ""
        asked = talk.intent.name == "find_branches"
        (places.find_branches if asked else finding.search)(talk)
        return None
    if numbers:
        talk.memory["parcel_for"] = asdict(told.over(_pieces(talk)))
    return choose_district(talk, named[0])


def volunteered(talk: Talk) -> bool:
    """Whether an address or a telephone number is told that nobody asked for, a librarian neither."""
    text = address_words.in_one(talk.event.text)
    phone = bool(PHONE.search(text)) and any(sign.isalpha() for sign in text)
    home = bool(LIVES.match(text.strip())) and bool(STREET.search(text))
    told = talk.intent.name == "search" and (phone or home)
    return told and not escalations.open_of(talk.db, talk.reader.id)


def take_volunteered(talk: Talk) -> str | None:
    """It is an address all the same, and no book: kept where it is whole, asked about where it is not."""
    talk.memory.pop("district", None)
    talk.memory.pop("parcel_for", None)
    whole = _named(talk, talk.event.text) or STREET.search(talk.event.text)
    corrected = PHONE.search(address_words.in_one(talk.event.text)) and talk.reader.address
    if not _named(talk, talk.event.text) and (corrected or not whole):
        return mend_address(talk)
    talk.step = "address"
    return _hear_district(talk)


def fetch_from(talk: Talk) -> None:
    """Where the courier fetches books from; then on with that. With no book at home that is said first."""
    if not home_returns.fetchable(talk.db, talk.reader.id):
        return returning.offer_fetching(talk)
    talk.memory["fetching"] = True
    ask_district(talk)


def change_address(talk: Talk) -> None:
    """A new address for this and later orders."""
    ask_district(talk)


def mend_address(talk: Talk) -> str | None:
    """ "地址不对", "电话写错了，是139…": a number is put right at once, anything else is written anew. What is ordered
    already goes where it was to go."""
    acting.need(talk, "use_address")
    if not cart.items(talk.db, talk.reader.id) and following.still_open(talk):
        following.ordered_already(talk, change=True)
        return None
    phone = PHONE.search(address_words.in_one(talk.event.text))
    if phone is None or not talk.reader.address:
        ask_district(talk)
        return None
    readers.set_phone(talk.db, talk.reader.id, phone.group())
    talk.reader = readers.reader(talk.db, talk.reader.id)
    _say_kept(talk)
    return _onward(talk)
