"""下单: everything the reader agrees to before they agree, and the one press that orders."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from datetime import datetime
from typing import Any

from bot import acting, appointment_words, books, cities, contacts, order_words
from bot.events import Button
from bot.talk import Talk
from bot.texts import N_, ORDER_STATES, menu, refusal, rows
from lending import (
    cart,
    catalogue,
    decisions,
    lockers,
    moved_promises,
    offers,
    orders,
    pools,
    readers,
)  # fmt: skip
from lending.catalogue import Title
from lending.errors import CartEmpty, OtherMaterial, PriceChanged
from lending.model import Fulfilment, OrderState
from lending.orders import Order

BEFORE_IT_GOES = (OrderState.IN_REVIEW, OrderState.APPROVED, OrderState.PICKING, OrderState.PACKED)


def allowed(talk: Talk) -> None:
    """Raises NotAllowed with every reason against the cart in the way that was chosen."""
    way, point = talk.memory["way"]
    offers.allowed(talk.db, talk.reader.id, Fulfilment(way), point or None, talk.policy, talk.now)


def quote(talk: Talk) -> None:
    """Everything the reader agrees to, before they agree (A4-8, A7-2). Every number comes from the policy (B2-12)."""
    _, key = talk._, secrets.token_hex(6)
    way, point = talk.memory["way"]
    one = offers.of_cart(talk.db, talk.reader, Fulfilment(way), point or None, talk.policy, talk.now)
    talk.memory["draft"] = {
        "key": key, "titles": sorted(one.titles), "way": way, "point": point, "fee": one.fee_fen,
        "terms": _told(one.made_of, one.terms),
    }  # fmt: skip
    lines = [
        _.n(
            "请确认，共 {n} 本：{books}",
            "请确认，共 {n} 本：{books}",
            len(one.titles),
            books=_.books([t.title for t in one.titles.values()]),
        ),
        *order_words.terms(_, talk.db, talk.policy, talk.reader, one, talk.now, _abroad(talk, point)),
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
    """When books ordered now will be ready there."""
    return offers.ready_by(talk.db, point_id, talk.policy, talk.now)


def lent_how(
    talk: Talk, way: Fulfilment, point_id: int | None, titles: Mapping[int, Title]
) -> tuple[list[str], list[list[Any]]]:  # fmt: skip
    """What is no printed book, for how long it is lent and what being late costs; and that, as the reader agrees to it."""
    made_of = pools.cart_materials(talk.db, titles, talk.reader.id, point_id)
    terms = offers.terms(talk.db, talk.reader.id, made_of, talk.policy)
    return order_words.lent(talk._, talk.policy, way, titles, made_of, terms), _told(made_of, terms)


def _told(made_of: Mapping[int, str], terms: Mapping[int, pools.Terms]) -> list[list[Any]]:
    return [[title_id, made_of[title_id], *astuple(of)] for title_id, of in terms.items()]


def agreed_make(told: Iterable[list[Any]]) -> dict[int, str]:
    """What each title is made of, as the reader was told."""
    return {title_id: one for title_id, one, *_days in told}


def lent_so_still(talk: Talk, told: list[list[Any]]) -> bool:
    """Whether the days that the reader was told still hold."""
    made_of = agreed_make(told)
    return _told(made_of, offers.terms(talk.db, talk.reader.id, made_of, talk.policy)) == told


def delivery_price(talk: Talk, title_ids: Iterable[int]) -> tuple[int, int]:
    """What these books cost brought home and fetched back, in fen, as they would be quoted now."""
    facts = decisions.facts(talk.db, talk.reader.id, talk.now)
    titles = catalogue.titles(talk.db, title_ids).values()
    cost, free = offers.price(talk.db, talk.reader, Fulfilment.DELIVERY, titles, facts, talk.policy, talk.now)
    return cost.fee_fen - free, cost.return_fee_fen


def where(talk: Talk, way: Fulfilment, point_id: int | None, ready: datetime | None = None) -> str:
    """Where the books go, in words; of a bus its next stop."""
    return order_words.where(talk._, talk.db, talk.policy, talk.reader, way, point_id, talk.now, ready)


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
    return told + order_words.not_before(_, talk.db, talk.policy, place.id, order.promised_at)


REVIEWED = {
    "books": N_("一次多于 {books} 本的订单由馆员看一遍。"),
    "balance": N_("信用分低于 {balance} 时由馆员看一遍。"),
}


def reviewed(talk: Talk, why: Iterable[str]) -> list[str]:
    """Which rule asks for a person, with its number (E1-10)."""
    rule = talk.policy.review
    numbers = {"books": rule.auto_up_to_books, "balance": rule.auto_from_balance}
    return [talk._(REVIEWED[code], **numbers) for code in why]
