"""替读者下单: a reader's cart at the desk, the terms of an order of it, read out, and the one press that orders."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import masks, on_behalf
from admin.desk import Desk
from admin.guard import tell
from admin.pages import given, page, seen
from lending import (
    cart,
    catalogue,
    decisions,
    homes,
    lockers,
    looks,
    mandates,
    moved_promises,
    offers,
    order_records,
    orders,
    readers,
    shipping,
)  # fmt: skip
from lending.database import Database, writing
from lending.errors import BadAddress, LendingError
from lending.model import Fulfilment, OrderState
from lending.offers import Offer
from lending.orders import Order
from lending.readers import Reader

SOURCE = "desk"  # where the order was said, for the report
ADDRESS = ("name", "phone", "district", "street")


def add_to(made: Blueprint, desk: Desk) -> None:
    """A title in or out of the cart, the terms, the order."""
    path = "/readers/<number>"
    made.add_url_rule(f"{path}/cart", "change_cart", partial(change_cart, desk), methods=["POST"])
    made.add_url_rule(f"{path}/order", "offer_order", partial(offer, desk), methods=["POST"])
    made.add_url_rule(f"{path}/order/place", "order_for", partial(place, desk), methods=["POST"])


def shown(desk: Desk, who: Reader) -> dict[str, Any]:
    """What order_ways.html needs: the titles in the cart, and where they could be fetched."""
    titles = list(catalogue.titles(desk.db, cart.items(desk.db, who.id)).values())
    if not titles:
        return {"in_cart": []}
    gone = decisions.gone_by_then(desk.db, desk.policy, desk.now())
    open_points = [point for point in catalogue.points(desk.db) if point.id not in gone]
    coded = _hears(desk, who)
    room = {row["id"] for row in lockers.with_room(desk.db, len(titles))} if coded else set()
    return {
        "in_cart": titles, "stock": catalogue.availability(desk.db, [title.id for title in titles]),
        "boxes": [point for point in open_points if point.id in room], "coded": coded,
        "desks": [point for point in open_points if point.kind == "branch"],
    }  # fmt: skip


def _hears(desk: Desk, who: Reader) -> bool:
    """Whether the code of a locker reaches the reader, or the guardian of a child."""
    guardian = mandates.guardian_of(desk.db, who.id, desk.now())
    return any(desk.has_chat(desk.db, one) for one in (who.id, guardian) if one is not None)


def change_cart(desk: Desk, number: str) -> AnyResponse:
    """Put in what was found, or taken out again; the reader finds it in their own cart."""
    _, title_id = desk.say(), given("title")

    def deed(db: Database, who: Reader) -> str:
        title = catalogue.title(db, title_id).title
        if "out" in request.form:
            changed, said = cart.remove(db, who.id, title_id), _("《{title}》从借书车里拿出来了。", title=title)
        else:
            changed = cart.add(db, who.id, title_id, desk.policy, desk.now())
            said = _("《{title}》放进 TA 的借书车了，在下面「借书车」里下单。", title=title)
        if changed:
            on_behalf.note(desk, db, who, "cart")
        return said

    return on_behalf.do(desk, number, deed)


def offer(desk: Desk, number: str) -> AnyResponse | str | tuple[str, int]:
    """Everything to be read out before the reader says yes; of a courier first the address, where none is known."""
    _, who = desk.say(), readers.by_number(desk.db, number)
    back = redirect(url_for("admin.reader", number=who.number))
    if (chosen := _chosen()) is None or not cart.items(desk.db, who.id):
        tell(_("先把书放进借书车，再选怎么取。"), "stop")
        return back
    way, point_id = chosen
    try:
        offers.allowed(desk.db, who.id, way, point_id, desk.policy, desk.now())
        if "street" in request.form:
            who = keep_address(desk, who)
        elif way is Fulfilment.DELIVERY and not reached(desk, who):
            return _asked(desk, who)
        return _read_out(desk, who, way, point_id)
    except BadAddress:
        tell(_("请写全收件人、能打通的电话和详细地址。"), "stop")
        return _asked(desk, who), 422
    except LendingError as error:
        tell(on_behalf.why_not(desk, error), "stop")
        return back


def _chosen() -> tuple[Fulfilment, int | None] | None:
    """The way and the point that the form names; None where it names none of ours."""
    way, _colon, point = request.form.get("way", "").partition(":")
    if way == Fulfilment.DELIVERY:
        return Fulfilment.DELIVERY, None
    if way not in set(Fulfilment) or not (point.isascii() and point.isdigit() and len(point) < 16):
        return None
    return Fulfilment(way), int(point)


def keep_address(desk: Desk, who: Reader) -> Reader:
    """What the form says of where the courier goes. Raises BadAddress, OutsideServiceArea."""
    name, phone, district, street = (request.form.get(one, "").strip() for one in ADDRESS)
    homes.keep(desk.db, who.id, name, phone, district, street, desk.policy)
    return readers.reader(desk.db, who.id)


def reached(desk: Desk, who: Reader) -> bool:
    """Whether a courier knows where the reader lives, and goes there by these rules."""
    return bool(who.address) and shipping.known_zone(desk.policy, who.zone)


def _asked(desk: Desk, who: Reader) -> str:
    """Only the form for the address; what was written in it and refused stands there still."""
    return page("order_for.html", who=who, mask=masks, offer=None, way="delivery:0", districts=homes.districts(desk.db))


def _read_out(desk: Desk, who: Reader, way: Fulfilment, point_id: int | None) -> str:
    one = offers.of_cart(desk.db, who, way, point_id, desk.policy, desk.now())
    if way is Fulfilment.DELIVERY:
        looks.note(desk.db, who.id, current_user.shown_as, looks.ADDRESS, "", desk.now())
    lines = desk.terms(desk.say(), desk.db, desk.policy, who, one, desk.now())
    return page(
        "order_for.html", who=who, mask=masks, offer=one, lines=lines, way=f"{way}:{point_id or 0}",
        key=secrets.token_hex(6), seen=_seen(one, who), districts=homes.districts(desk.db),
    )  # fmt: skip


def _seen(one: Offer, who: Reader) -> str:
    """What the reader says yes to, sent back with the yes: where it has changed since, nothing is ordered."""
    return seen(
        one.way, one.point_id, sorted(one.titles), sorted(one.made_of.items()), sorted(one.terms.items()),
        one.fee_fen, one.cost.return_fee_fen, one.way is Fulfilment.DELIVERY and (who.name, who.phone, who.address),
    )  # fmt: skip


def place(desk: Desk, number: str) -> AnyResponse | str:
    """All of it or nothing; pressed twice it is one order. What has changed meanwhile is read out anew."""
    _, who, chosen = desk.say(), readers.by_number(desk.db, number), _chosen()
    back = redirect(url_for("admin.reader", number=who.number))
    request_key = f"{who.id}:{request.form.get('key', '')[:40]}"
    try:
        with writing(desk.db) as db:
            order = orders.by_request(db, who.id, request_key)
            if order is None and chosen is not None and cart.items(db, who.id):
                order = _placed(desk, db, readers.reader(db, who.id), *chosen, request_key)
        if order is None and chosen is not None and cart.items(desk.db, who.id):
            tell(_("还没有下单：刚刚有了变化。现在是这样，请再念给 TA 听。"), "stop")
            who = readers.reader(desk.db, who.id)
            lost = chosen[0] is Fulfilment.DELIVERY and not reached(desk, who)
            return _asked(desk, who) if lost else _read_out(desk, who, *chosen)
    except LendingError as error:
        tell(on_behalf.why_not(desk, error), "stop")
        return back
    if order is None:
        tell(_(on_behalf.STALE), "stop")
        return back
    said = {"number": order.number, "moment": _.moment(order.promised_at)}
    if order.state is OrderState.IN_REVIEW:
        told = _("替 TA 下了订单 {number}，按规则要审核，{moment} 前答复 TA。", **said)
    else:
        told = _("替 TA 下了订单 {number}，{moment} 前备好。", **said)
    tell(_.together(told, desk.heard(who.id)))
    return redirect(url_for("admin.order", number=order.number))


def _placed(
    desk: Desk, db: Database, who: Reader, way: Fulfilment, point_id: int | None, request_key: str
) -> Order | None:  # fmt: skip
    """None where it is not any more what the reader heard. Call in `writing`."""
    now = desk.now()
    one = offers.of_cart(db, who, way, point_id, desk.policy, now)
    if request.form.get("seen") != _seen(one, who):
        return None
    before = order_records.last_event(db)
    order = orders.place(
        db, who.id, way, point_id, request_key, desk.policy, now, one.fee_fen, SOURCE, one.made_of
    )  # fmt: skip
    order_records.sign(db, who.id, before, f"staff:{current_user.shown_as}")
    order = moved_promises.keep_honest(db, order, desk.policy, now)
    if order.point_id:
        readers.set_point(db, who.id, order.point_id)
    on_behalf.note(desk, db, who, "order", f"order:{order.number}", order=order.number)
    return order
