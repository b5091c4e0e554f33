"""What a reader agrees to with an order, in words: said in the chat, read out by a librarian (A4-8, A7-2, B2-12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot import books, late_words, place_words
from bot.texts import N_, Words, material
from lending import calendar, catalogue
from lending.catalogue import Title
from lending.database import Database
from lending.model import Fulfilment
from lending.offers import Offer
from lending.policy import Policy
from lending.pools import Terms
from lending.readers import Reader


def terms(
    _: Words, db: Database, policy: Policy, reader: Reader, offer: Offer, now: datetime, beside: Iterable[str] = ()
) -> list[str]:  # fmt: skip
    """Where to, what it costs, when it is there, for how long; every number comes from the policy (B2-12).

    `beside` is what else is to be said of the place.
    """
    place = where(_, db, policy, reader, offer.way, offer.point_id, now, offer.ready)
    place = place if offer.way == Fulfilment.DELIVERY else _("取书：{where}", where=place)
    lines = [place, *beside, *_cost(_, policy, offer)]
    if len(offer.cost.parcels) > 1:
        lines.append(_("分 {n} 个包裹寄出，这样最省。", n=len(offer.cost.parcels)))
    ready = _("预计 {moment} 前备好。", moment=_.moment(offer.ready))
    lines.append(ready + not_before(_, db, policy, offer.point_id, offer.ready))
    return [*lines, *lent(_, policy, offer.way, offer.titles, offer.made_of, offer.terms)]


def lent(
    _: Words, policy: Policy, way: Fulfilment, titles: Mapping[int, Title], made_of: Mapping[int, str],
    lent_for: Mapping[int, Terms],
) -> list[str]:  # fmt: skip
    """What is no printed book, for how long it is lent and what being late costs."""
    lines = [
        _("《{title}》是{material}。", title=titles[title_id].title, material=material(_, one))
        for title_id, one in made_of.items()
        if one != "book"
    ]
    return [*lines, *_lent(_, policy, way, lent_for, titles), late_words.beforehand(_, policy)]


def _lent(
    _: Words, policy: Policy, way: Fulfilment, lent_for: Mapping[int, Terms], titles: Mapping[int, Title]
) -> list[str]:  # fmt: skip
    """How long, from when, and how often renewed; where a disc is not lent like a book, which for which."""
    alike: dict[Terms, list[str]] = {}
    for title_id, one in lent_for.items():
        alike.setdefault(one, []).append(titles[title_id].title)
    if len(alike) == 1:
        return [_term(_, policy, way, *alike)]
    lines = {_.books(names): _term(_, policy, way, one) for one, names in alike.items()}
    return [_("{books}：{term}", books=names, term=term) for names, term in lines.items()]


def _term(_: Words, policy: Policy, way: Fulfilment, one: Terms) -> str:
    handed_over = N_("签收起") if way == Fulfilment.DELIVERY else N_("取到书起")
    start = _({"order": N_("下单起"), "shipped": N_("寄出起")}.get(policy.lending.loan_starts, handed_over))
    if not one.renewals:
        return _("{start}可借 {days} 天，不能续借。", start=start, days=one.loan_days)
    return _(
        "{start}可借 {days} 天，可续借 {times} 次、每次 {more} 天。",
        start=start,
        days=one.loan_days,
        times=one.renewals,
        more=one.renewal_days,
    )


def _cost(_: Words, policy: Policy, offer: Offer) -> list[str]:
    """There, back, both together, and that bringing it back oneself is free (A4-8)."""
    if offer.way != Fulfilment.DELIVERY:
        return [_("费用：¥0；还书放到任何馆或书柜，也不收费。")]
    there, back = offer.fee_fen, offer.cost.return_fee_fen
    lines = [
        _(
            "费用：送书 {there}；还书上门取件 {back}，一来一回 {both}。自己还到任何馆或书柜 ¥0。",
            there=_.money(there),
            back=_.money(back),
            both=_.money(there + back),
        )
    ]
    if offer.free_fen:
        full, off = _.money(offer.cost.fee_fen), _.money(offer.free_fen)
        lines.append(_("送书原价 {full}，免费配送减 {off}。", full=full, off=off))
    if there and policy.fees.pay == "return":
        lines.append(_("运费先不用付，书还回来以后再付。"))
    return lines


def where(
    _: Words, db: Database, policy: Policy, reader: Reader, way: str, point_id: int | None, now: datetime,
    ready: datetime | None = None,
) -> str:  # fmt: skip
    """Where the books go; of a bus its next stop, the first one after `ready` where that is still to come."""
    if way == Fulfilment.DELIVERY:
        return _("送到 {name} {phone} {address}", name=reader.name, phone=reader.phone, address=reader.address)
    place = catalogue.point(db, point_id or 0)
    if place.is_bus:
        days = calendar.load(db, policy)
        if ready and ready > now:
            stop = place_words.first_stop(_, days, place, ready)
        else:
            stop = place_words.next_stop(_, days, place, now)
        return _("{name}（{stop}）", name=books.place_name(_, place), stop=stop)
    address = _.called(place.address, place.address_en)
    return _("{name}（{address}）", name=books.place_name(_, place), address=address)


def not_before(_: Words, db: Database, policy: Policy, point_id: int | None, ready: datetime) -> str:
    """From when books can be fetched at a counter that is closed when they are ready (B2-9); '' elsewhere."""
    place = catalogue.point(db, point_id) if point_id else None
    if place is None or place.kind != "branch" or place.is_bus:
        return ""
    opens = calendar.load(db, policy).opens_next(place, ready)
    return _("那时不开门，{moment} 起能取。", moment=_.moment(opens)) if opens else ""
