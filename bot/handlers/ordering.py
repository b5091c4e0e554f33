"""下单: everything the reader agrees to before they agree, and the one press that orders."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from datetime import datetime
from typing import Any

from bot import acting, appointment_words, books, cities, contacts, late_words, place_words
from bot.events import Button
from bot.talk import Talk
from bot.texts import N_, ORDER_STATES, material, menu, refusal, rows
from lending import (
    audience,
    calendar,
    cart,
    catalogue,
    decisions,
    free_shipping,
    loans,
    lockers,
    moved_promises,
    orders,
    pools,
    readers,
    shipping,
)  # fmt: skip
from lending.catalogue import Title
from lending.decisions import Facts
from lending.errors import CartEmpty, NotAllowed, OtherMaterial, PriceChanged
from lending.model import Fulfilment, OrderState, library_day
from lending.orders import Order

BEFORE_IT_GOES = (OrderState.IN_REVIEW, OrderState.APPROVED, OrderState.PICKING, OrderState.PACKED)


def allowed(talk: Talk) -> tuple[dict[int, Title], Facts]:
    """What is in the cart, which this reader may have in the way they chose. Raises NotAllowed with every reason."""
    policy = talk.policy
    way, point = talk.memory["way"]
    titles = catalogue.titles(talk.db, cart.items(talk.db, talk.reader.id))
    facts = decisions.facts(talk.db, talk.reader.id, talk.now)
    decision = decisions.may_borrow(facts, len(titles), policy)
    decision = decisions.within_order(decision, len(titles), policy)
    decision = decisions.within_pools(talk.db, decision, facts, titles, point or None, policy)
    decision = audience.within(talk.db, decision, facts, map(vars, titles.values()), policy)
    if way != Fulfilment.DELIVERY:
        decision = decisions.at_point(talk.db, decision, talk.reader.id, point, policy, talk.now)
        if point in decisions.gone_by_then(talk.db, policy, talk.now):
            decision = decisions.point_gone(decision)
    if not decision.allowed:
        raise NotAllowed(decision)
    return titles, facts


def quote(talk: Talk) -> None:
    """Everything the reader agrees to, before they agree (A4-8, A7-2). Every number comes from the policy (B2-12)."""
    _, policy = talk._, talk.policy
    way, point = talk.memory["way"]
    titles, facts = allowed(talk)
    cost, off = _quoted(talk, Fulfilment(way), list(titles.values()), policy.fee_percent(facts.balance))
    key, (lent, told) = secrets.token_hex(6), lent_how(talk, way, point or None, titles)
    talk.memory["draft"] = {
        "key": key, "titles": sorted(titles), "way": way, "point": point, "fee": cost.fee_fen - off, "terms": told,
    }  # fmt: skip
    ready = ready_by(talk, point or None)
    place = where(talk, way, point, ready)
    lines = [
        _.n(
            "请确认，共 {n} 本：{books}",
            "请确认，共 {n} 本：{books}",
            len(titles),
            books=_.books([t.title for t in titles.values()]),
        ),
        place if way == Fulfilment.DELIVERY else _("取书：{where}", where=place),
        *_abroad(talk, point),
        *_cost(talk, way, cost, off),
    ]
    if len(cost.parcels) > 1:
        lines.append(_("分 {n} 个包裹寄出，这样最省。", n=len(cost.parcels)))
    lines += [
        _("预计 {moment} 前备好。", moment=_.moment(ready)) + _not_before(talk, point, ready),
        *lent,
    ]
    change = (Button(_("换地址"), "address"),) if way == Fulfilment.DELIVERY else ()
    talk.memory["confirm"] = f"ok:{key}"
    talk.say(
        "\n".join(lines),
        ((Button(_("确认下单"), f"ok:{key}"),), (Button(_("换个方式"), "i:checkout"), *change, menu(_, "show_cart"))),
    )


def _abroad(talk: Talk, point_id: int) -> list[str]:
    """That the pick-up point is in another city than the reader's, said before they agree (A2-16)."""
    seen = cities.view(talk)
    point = catalogue.point(talk.db, point_id) if seen.mine and point_id else None
    if point is None or not seen.elsewhere(point):
        return []
    here, mine = seen.name(talk._, point.city), seen.name(talk._, seen.mine)
    return [talk._("注意：这个取书点在{city}，不在{mine}。", city=here, mine=mine)]


def ready_by(talk: Talk, point_id: int | None) -> datetime:
    """When books ordered now will be ready there, closed days counted (A9-4, B2-9)."""
    closed = moved_promises.closings(talk.db, talk.now)
    return moved_promises.made_now(closed, point_id, talk.policy, talk.now)[1]


def lent_how(
    talk: Talk, way: str, point_id: int | None, titles: Mapping[int, Title]
) -> tuple[list[str], list[list[Any]]]:  # fmt: skip
    """What is no printed book, for how long it is lent and what being late costs; and that, as the reader agrees to it."""
    made_of = pools.cart_materials(talk.db, titles, talk.reader.id, point_id)
    terms = _terms(talk, made_of)
    lines = [*_made_of(talk, made_of, titles), *_lent(talk, way, terms, titles)]
    return [*lines, late_words.beforehand(talk._, talk.policy)], _told(made_of, terms)


def _told(made_of: Mapping[int, str], terms: Mapping[int, pools.Terms]) -> list[list[Any]]:
    return [[title_id, made_of[title_id], *astuple(of)] for title_id, of in terms.items()]


def agreed_make(told: Iterable[list[Any]]) -> dict[int, str]:
    """What each title is made of, as the reader was told."""
    return {title_id: one for title_id, one, *_days in told}


def lent_so_still(talk: Talk, told: list[list[Any]]) -> bool:
    """Whether the days that the reader was told still hold."""
    made_of = agreed_make(told)
    return _told(made_of, _terms(talk, made_of)) == told


def _terms(talk: Talk, made_of: Mapping[int, str]) -> dict[int, pools.Terms]:
    """For how long each of the titles is lent and how often renewed now, by what it is made of (B5)."""
    by_material = loans.terms_of_order(talk.db, talk.reader.id, made_of.values(), talk.policy)
    return {title_id: by_material[one] for title_id, one in sorted(made_of.items())}


def _made_of(talk: Talk, made_of: Mapping[int, str], titles: Mapping[int, Title]) -> list[str]:
    """Which of them are no printed books."""
    _ = talk._
    return [
        _("《{title}》是{material}。", title=titles[title_id].title, material=material(_, one))
        for title_id, one in made_of.items()
        if one != "book"
    ]


def _lent(talk: Talk, way: str, terms: Mapping[int, pools.Terms], titles: Mapping[int, Title]) -> list[str]:
    """How long, from when, and how often renewed; where a disc is not lent like a book, which for which."""
    alike: dict[pools.Terms, list[str]] = {}
    for title_id, one in terms.items():
        alike.setdefault(one, []).append(titles[title_id].title)
    if len(alike) == 1:
        return [_term(talk, way, *alike)]
    lines = {talk._.books(names): _term(talk, way, one) for one, names in alike.items()}
    return [talk._("{books}：{term}", books=names, term=term) for names, term in lines.items()]


def _term(talk: Talk, way: str, terms: pools.Terms) -> str:
    _ = talk._
    handed_over = N_("签收起") if way == Fulfilment.DELIVERY else N_("取到书起")
    start = _({"order": N_("下单起"), "shipped": N_("寄出起")}.get(talk.policy.lending.loan_starts, handed_over))
    if not terms.renewals:
        return _("{start}可借 {days} 天，不能续借。", start=start, days=terms.loan_days)
    return _(
        "{start}可借 {days} 天，可续借 {times} 次、每次 {more} 天。",
        start=start,
        days=terms.loan_days,
        times=terms.renewals,
        more=terms.renewal_days,
    )


def _quoted(talk: Talk, way: Fulfilment, titles: list[Title], percent: int) -> tuple[orders.Quote, int]:
    """The price of these books, and what free delivery would take off it now, in fen."""
    zone = shipping.zone_or_first(talk.policy, talk.reader.zone, talk.reader.city)
    worth = sum(title.price_fen or 0 for title in titles)
    cost = orders.quote(talk.policy, way, zone, len(titles), library_day(talk.now), worth, percent)
    return cost, free_shipping.offered(talk.db, talk.reader.id, cost.fee_fen, talk.policy, talk.now)


def delivery_price(talk: Talk, title_ids: Iterable[int]) -> tuple[int, int]:
    """What these books cost brought home and fetched back, in fen, as they would be quoted now."""
    facts = decisions.facts(talk.db, talk.reader.id, talk.now)
    titles = list(catalogue.titles(talk.db, title_ids).values())
    cost, off = _quoted(talk, Fulfilment.DELIVERY, titles, talk.policy.fee_percent(facts.balance))
    return cost.fee_fen - off, cost.return_fee_fen


def _cost(talk: Talk, way: str, cost: orders.Quote, off: int) -> list[str]:
    """There, back, both together, and that bringing it back oneself is free (A4-8)."""
    _ = talk._
    if way != Fulfilment.DELIVERY:
        return [_("费用：¥0；还书放到任何馆或书柜，也不收费。")]
    there, back = cost.fee_fen - off, cost.return_fee_fen
    lines = [
        _(
            "费用：送书 {there}；还书上门取件 {back}，一来一回 {both}。自己还到任何馆或书柜 ¥0。",
            there=_.money(there),
            back=_.money(back),
            both=_.money(there + back),
        )
    ]
    if off:
        lines.append(_("送书原价 {full}，免费配送减 {off}。", full=_.money(cost.fee_fen), off=_.money(off)))
    if there and talk.policy.fees.pay == "return":
        lines.append(_("运费先不用付，书还回来以后再付。"))
    return lines


def where(talk: Talk, way: str, point: int, ready: datetime | None = None) -> str:
    """Where the books go, in words; of a bus its next stop, the first one after `ready` where that is still to come."""
    _ = talk._
    if way == Fulfilment.DELIVERY:
        return _(
            "送到 {name} {phone} {address}", name=talk.reader.name, phone=talk.reader.phone, address=talk.reader.address
        )
    place = catalogue.point(talk.db, point)
    if place.is_bus:
        days = calendar.load(talk.db, talk.policy)
        if ready and ready > talk.now:
            stop = place_words.first_stop(_, days, place, ready)
        else:
            stop = place_words.next_stop(_, days, place, talk.now)
        return _("{name}（{stop}）", name=books.place_name(_, place), stop=stop)
    address = _.called(place.address, place.address_en)
    return _("{name}（{address}）", name=books.place_name(_, place), address=address)


def confirm(talk: Talk, key: str) -> None:
    """The one press that orders. Pressed twice, it answers with the same order; an old one brings a fresh card (B2-2)."""
    _ = talk._
    draft = talk.memory.get("draft") or {}
    request = f"{talk.reader.id}:{key}"
    if draft.get("key") != key and (placed := orders.by_request(talk.db, talk.reader.id, request)):
        return _say_known(talk, placed)
    held = sorted(cart.items(talk.db, talk.reader.id))
    if draft.get("key") != key or draft["titles"] != held:
        return _say_changed(talk, bool(held))
    told = draft.get("terms", [])
    if not lent_so_still(talk, told):
        talk.say(_("借期刚刚变了，还没有下单。现在是这样："))
        return quote(talk)
    try:
        order = orders.place(
            talk.db, talk.reader.id, Fulfilment(draft["way"]), draft["point"] or None, request, talk.policy, talk.now,
            draft.get("fee"), talk.event.channel, agreed_make(told),
        )  # fmt: skip
    except (PriceChanged, OtherMaterial) as changed:  # said, and asked anew: nobody gets what they have not agreed to
        talk.say(refusal(_, changed)[0])
        return quote(talk)
    order = moved_promises.keep_honest(talk.db, order, talk.policy, talk.now)
    if order.point_id:
        readers.set_point(talk.db, talk.reader.id, order.point_id)
    for word in ("draft", "way", "ways_shown", "confirm", "stood"):
        talk.memory.pop(word, None)
    _say_placed(talk, order)


def _say_changed(talk: Talk, filled: bool) -> None:
    """An old button: the cart as it is now, to be agreed to anew (C2)."""
    _ = talk._
    talk.say(_("这条消息已过期，借书车后来变过了。这是现在的："), toast=_("已过期"))
    if not filled:
        raise CartEmpty()
    if talk.memory.get("way"):
        return quote(talk)
    talk.say(_("选好怎么取，我再把费用说给您。"), rows(menu(_, "checkout"), menu(_, "show_cart")))


def _say_known(talk: Talk, order: Order) -> None:
    """Pressed again: it is there, once, and where it is (B2-2)."""
    _ = talk._
    said = {"number": order.number, "state": _(ORDER_STATES[order.state])}
    if order.state in BEFORE_IT_GOES:
        text = _("订单 {number} 已经收到了，只下了一单，不用再点。现在是「{state}」。", **said)
    else:
        text = _("订单 {number} 早就收到了，现在是「{state}」。", **said)
    talk.say(text, rows(Button(_("看这个订单"), f"order:{order.number}"), menu(_, "show_orders")))


def _say_placed(talk: Talk, order: Order) -> None:
    """What is promised with it."""
    _ = talk._
    see = Button(_("看这个订单"), f"order:{order.number}")
    lines = [_("订单 {number} 收到了，谢谢您的信任。", number=order.number)]
    if order.state is OrderState.IN_REVIEW:
        lines.append(_("这一单要请馆员看一下，{moment} 前答复您。", moment=_.moment(order.promised_at)))
        lines += reviewed(talk, orders.why_reviewed(talk.db, order.id))
    elif order.fulfilment is Fulfilment.LOCKER:
        box = lockers.label(talk.db, order.id)
        lines.append(
            _(
                "已经为您留好书柜格口 {box}，{moment} 前放好，到时把取书码发给您。",
                box=box,
                moment=_.moment(order.promised_at),
            )
        )
    elif order.fulfilment is Fulfilment.DELIVERY:
        lines.append(_("{moment} 前寄出，路上的每一步我都告诉您。", moment=_.moment(order.promised_at)))
    else:
        lines.append(_shelving(talk, order))
    if talk.acting and contacts.of_reader(talk.db, talk.reader.id):
        lines.append(_("到时的消息发到{name}自己的聊天里。", name=acting.called(talk.reader)))
    times = appointment_words.of_order(_, talk.db, order, talk.now) if acting.allowed(talk, "fetch_code") else ()
    talk.say("\n".join(lines), rows(see, *times, menu(_, "show_orders")))


def _shelving(talk: Talk, order: Order) -> str:
    """By when it is to be fetched at a counter, or is on the bus."""
    _, place = talk._, catalogue.point(talk.db, order.point_id or 0)
    moment = _.moment(order.promised_at)
    if place.is_bus:
        return _("{moment} 前放上{name}，好了就通知您。", moment=moment, name=books.place_name(_, place))
    told = _("{moment} 前放到取书架，好了就通知您。", moment=moment)
    return told + _not_before(talk, place.id, order.promised_at)


def _not_before(talk: Talk, point_id: int, ready: datetime) -> str:
    """From when books can be fetched at a counter that is closed when they are ready (B2-9); '' elsewhere."""
    place = catalogue.point(talk.db, point_id) if point_id else None
    if place is None or place.kind != "branch" or place.is_bus:
        return ""
    opens = calendar.load(talk.db, talk.policy).opens_next(place, ready)
    return talk._("那时不开门，{moment} 起能取。", moment=talk._.moment(opens)) if opens else ""


REVIEWED = {
    "books": N_("一次多于 {books} 本的订单由馆员看一遍。"),
    "balance": N_("信用分低于 {balance} 时由馆员看一遍。"),
}


def reviewed(talk: Talk, why: Iterable[str]) -> list[str]:
    """Which rule asks for a person, with its number (E1-10)."""
    rule = talk.policy.review
    numbers = {"books": rule.auto_up_to_books, "balance": rule.auto_from_balance}
    return [talk._(REVIEWED[code], **numbers) for code in why]
