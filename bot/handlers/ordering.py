"""下单: everything the reader agrees to before they agree, the one press that orders, and where an order is."""

from __future__ import annotations

import re
import secrets

from bot import books
from bot.events import Button
from bot.talk import Talk
from bot.texts import ORDER_STATES, Words, menu, rows
from lending import cart, catalogue, decisions, desk, lockers, orders, readers
from lending.errors import CartEmpty, NotAllowed
from lending.model import Fulfilment, OrderState
from lending.orders import Order


def quote(talk: Talk) -> None:
    """Everything the reader agrees to, before they agree (A4-8, A7-2). Every number comes from the policy (B2-12)."""
    _, policy = talk._, talk.policy
    way, point = talk.memory["way"]
    titles = catalogue.titles(talk.db, cart.items(talk.db, talk.reader.id))
    decision = decisions.may_borrow(decisions.facts(talk.db, talk.reader.id, talk.now), len(titles), policy)
    if not decision.allowed:
        raise NotAllowed(decision)
    cost = orders.quote(policy, Fulfilment(way), talk.reader.zone or "city", len(titles))
    key = secrets.token_hex(6)
    talk.memory["draft"] = {"key": key, "titles": sorted(titles), "way": way, "point": point}
    lines = [
        _.n(
            "请确认，共 {n} 本：{books}",
            "请确认，共 {n} 本：{books}",
            len(titles),
            books=_.books([t.title for t in titles.values()]),
        ),
        _("取书：{where}", where=_where(talk, way, point)),
        _cost(_, way, cost),
    ]
    if len(cost.parcels) > 1:
        lines.append(_("分 {n} 个包裹寄出，这样最省。", n=len(cost.parcels)))
    lines += [
        _("预计 {moment} 前备好。", moment=_.moment(desk.ready_by(policy, talk.now))),
        _(
            "取到书起可借 {days} 天，可续借 {times} 次、每次 {more} 天。",
            days=policy.lending.loan_days,
            times=policy.lending.renewals,
            more=policy.lending.renewal_days,
        ),
        _("超期每本每天 {points} 分，不收钱。", points=policy.ledger.rule("overdue").delta),
    ]
    change = (Button(_("换地址"), "address"),) if way == Fulfilment.DELIVERY else ()
    talk.memory["confirm"] = f"ok:{key}"
    talk.say(
        "\n".join(lines),
        ((Button(_("确认下单"), f"ok:{key}"),), (Button(_("换个方式"), "i:checkout"), *change, menu(_, "show_cart"))),
    )


def _cost(_: Words, way: str, cost: orders.Quote) -> str:
    """There and back, and that bringing it back oneself is free (A4-8)."""
    if way == Fulfilment.DELIVERY:
        there, back = _.money(cost.fee_fen), _.money(cost.return_fee_fen)
        return _("费用：送书 {there}；还书上门取件 {back}，自己还到任何馆或书柜 ¥0。", there=there, back=back)
    return _("费用：¥0；还书放到任何馆或书柜，也不收费。")


def _where(talk: Talk, way: str, point: int) -> str:
    _ = talk._
    if way == Fulfilment.DELIVERY:
        return _(
            "送到 {name} {phone} {address}", name=talk.reader.name, phone=talk.reader.phone, address=talk.reader.address
        )
    place = catalogue.point(talk.db, point)
    address = place.address_en if _.language == "en" and place.address_en else place.address
    return _("{name}（{address}）", name=books.place_name(_, place), address=address)


def confirm(talk: Talk, key: str) -> None:
    """The one press that orders. Pressed twice, it answers with the same order; an old one brings a fresh card (B2-2)."""
    _ = talk._
    draft = talk.memory.get("draft") or {}
    request = f"{talk.reader.id}:{key}"
    placed = orders.by_request(talk.db, talk.reader.id, request)
    if placed:
        return _say_placed(talk, placed)
    held = sorted(cart.items(talk.db, talk.reader.id))
    if draft.get("key") != key or draft["titles"] != held:
        return _say_changed(talk, bool(held))
    order = orders.place(
        talk.db, talk.reader.id, Fulfilment(draft["way"]), draft["point"] or None, request, talk.policy, talk.now
    )
    if order.point_id:
        readers.set_point(talk.db, talk.reader.id, order.point_id)
    for word in ("draft", "way", "confirm"):
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


def _say_placed(talk: Talk, order: Order) -> None:
    _ = talk._
    lines = [_("订单 {number} 收到了，谢谢您的信任。", number=order.number)]
    if order.state is OrderState.IN_REVIEW:
        lines.append(_("这一单要请馆员看一下，{moment} 前答复您。", moment=_.moment(order.promised_at)))
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
        lines.append(_("{moment} 前放到取书架，好了就通知您。", moment=_.moment(order.promised_at)))
    talk.say("\n".join(lines), rows(Button(_("看这个订单"), f"order:{order.number}"), menu(_, "show_orders")))


def show_orders(talk: Talk) -> None:
    """The newest first, each with where it is (C3: "where is my order" in one message)."""
    _, placed = talk._, orders.of_reader(talk.db, talk.reader.id)
    if not placed:
        return talk.say(_("还没有订单。想看什么书？"), rows(menu(_, "new_books"), menu(_, "browse")))
    lines = [f"{n}. {_order_line(talk, order)}" for n, order in enumerate(placed[:8], 1)]
    buttons = [Button(order.number, f"order:{order.number}") for order in placed[:8]]
    talk.say("\n".join([_("您的订单："), *lines]), rows(*buttons, across=2))


def _order_line(talk: Talk, order: Order) -> str:
    _ = talk._
    titles = [book["title"] for book in orders.books(talk.db, order.id)]
    return f"{order.number} {state(_, order)} {_.books(titles)}"


def state(_: Words, order: Order) -> str:
    """The order's state in words."""
    return _(ORDER_STATES[order.state])


def show_order(talk: Talk, number: str) -> None:
    """One order: state, place, code, and what can still be done."""
    _, order = talk._, orders.by_number(talk.db, number, talk.reader.id)
    lines = [_order_line(talk, order)]
    if order.point_id:
        lines.append(_where(talk, order.fulfilment, order.point_id))
    elif order.address:
        lines.append(order.address)
    if order.pickup_code and order.pickup_until:
        lines.append(_("取书码 {code}，保留到 {moment}", code=order.pickup_code, moment=_.moment(order.pickup_until)))
    elif order.state in (OrderState.APPROVED, OrderState.PICKING, OrderState.PACKED):
        lines.append(_("预计 {moment} 前备好。", moment=_.moment(order.promised_at)))
    if order.reason:
        lines.append(_("说明：{reason}", reason=order.reason))
    may_cancel = order.state in orders.STEPS["cancel"].before
    buttons = [Button(_("取消这个订单"), f"cancel:{order.number}")] if may_cancel else []
    waits = order.state is OrderState.IN_LOCKER
    talk.say(
        "\n".join(lines),
        rows(*buttons, menu(_, "show_orders"), menu(_, "escalate")),
        qr=order.pickup_code if waits else "",
    )


def cancel_order(talk: Talk) -> None:
    """By number, or the only one that can still be cancelled."""
    _ = talk._
    named = talk.slot("query") or talk.slot("title")
    if re.fullmatch(r"(?i)sx\d{6}-\d+", named):
        return cancel_number(talk, named.upper())
    open_ones = [o for o in orders.of_reader(talk.db, talk.reader.id) if o.state in orders.STEPS["cancel"].before]
    if not open_ones:
        return talk.say(
            _("现在没有可以取消的订单；已经寄出或放好的书，不想要可以不取，过期会自动放回。"),
            rows(menu(_, "show_orders")),
        )
    if len(open_ones) == 1:
        return ask_cancel(talk, open_ones[0].number)
    talk.say(_("要取消哪一个？"), rows(*(Button(o.number, f"cancel:{o.number}") for o in open_ones), across=2))


def ask_cancel(talk: Talk, number: str) -> None:
    """Once more before it is gone."""
    _, order = talk._, orders.by_number(talk.db, number, talk.reader.id)
    talk.memory["confirm"] = f"cancel!:{number}"
    talk.say(
        _(
            "确定取消 {number} 吗？{books}会放回书架。",
            number=number,
            books=_.books([b["title"] for b in orders.books(talk.db, order.id)]),
        ),
        rows(Button(_("确定取消"), f"cancel!:{number}"), Button(_("不取消"), f"order:{number}")),
    )


def cancel_number(talk: Talk, number: str) -> None:
    """It is cancelled; again changes nothing more."""
    _ = talk._
    order = orders.by_number(talk.db, number, talk.reader.id)
    if order.state is not OrderState.CANCELLED:
        orders.cancel(talk.db, number, talk.reader.id, talk.policy, talk.now)
    talk.say(_("订单 {number} 已取消。", number=number), rows(menu(_, "show_orders"), menu(_, "show_cart")))
