"""What the library says by itself about a booked time: it comes soon, or it cannot be kept (D 30)."""

from __future__ import annotations

from collections.abc import Sequence

from bot import appointment_words
from bot.books import place_name
from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import rows, slot_code
from lending import appointments, catalogue, orders
from lending.model import OrderState, parse_stamp
from lending.notices import Notice
from lending.orders import Order

OFFERED = 3


def _soon(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """Where and what, as it is at the moment of telling: books that are late keep their reader at home."""
    _, order = say.words, orders.by_number(say.db, group[-1].facts["order"])
    one = appointments.of_order(say.db, order.id)
    if one is None or one.starts_at != parse_stamp(group[-1].facts["starts"]) or one.starts_at <= say.now:
        return None
    facts = {
        "when": appointment_words.when(_, one), "name": place_name(_, catalogue.point(say.db, one.point_id)),
        "books": _.books([book["title"] for book in orders.books(say.db, order.id)]),
    }  # fmt: skip
    change = (Button(_("改个时间"), f"ap:{order.number}"), Button(_("不约了"), f"ap-:{order.number}"))
    if order.state is not OrderState.AT_COUNTER:
        text = _("您约了 {when} 到{name}取{books}，可是书还没放好，对不起。先别出门，放好了马上告诉您。", **facts)
        return Reply(text, rows(*change, _see(say, order)))
    text = _("提醒您：{when}，到{name}取{books}。号码 {code}，到了说一声「我到了」。", code=order.pickup_code, **facts)
    return Reply(text, rows(Button(_("我到了"), f"here:{order.number}"), *change))


def _freed(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """Why, that the books stay, and the next free times; not where the order has ended or another time is booked."""
    _, facts = say.words, group[-1].facts
    order = orders.by_number(say.db, facts["order"])
    if order.state not in (*appointments.FETCHED, OrderState.IN_REVIEW) or appointments.of_order(say.db, order.id):
        return None
    starts = parse_stamp(facts["starts"])
    place = place_name(_, catalogue.point(say.db, order.point_id or 0))
    texts = {
        "closed": _("您约的 {when} 取书，那时{name}不开门，时间取消了，对不起。", when=_.moment(starts), name=place),
        "later": _("您约的 {when} 取书，书那时还没备好，时间取消了，对不起。", when=_.moment(starts)),
        "shelf": _("您约的 {when} 取书，过了保留的日子，时间取消了，对不起。", when=_.moment(starts)),
    }
    lines = [texts[facts["why"]]]
    if order.state is OrderState.AT_COUNTER and order.pickup_until:
        lines.append(_("书照样给您留着，保留到 {moment}。", moment=_.moment(order.pickup_until)))
    slots = appointments.free(say.db, order, say.policy, say.now)
    near = appointments.nearest(slots, starts, OFFERED)
    lines.append(_("可以另约一个；不约也行，开门的时候随时来。") if near else _("不约也行，开门的时候随时来。"))
    buttons = [Button(_.moment(at), f"ap+:{order.number}:{slot_code(at)}") for at in near]
    more = [Button(_("看别的时间"), f"ap:{order.number}")] if near else []
    return Reply("\n".join(lines), (*rows(*buttons, across=2), *rows(*more, _see(say, order))))


def _see(say: Saying, order: Order) -> Button:
    return Button(say.words("看这个订单"), f"order:{order.number}")


SAY: dict[str, Sentences] = {"appointment_soon": _soon, "appointment_freed": _freed}
