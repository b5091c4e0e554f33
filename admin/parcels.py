"""配送: what to fetch from the shelves, what to pack under which label, and parcels in trouble (A9-4, A10-12)."""

from __future__ import annotations

import re
from functools import partial

import segno
from flask import Blueprint, redirect, request, session, url_for
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, put_back, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import MOST as MOST_ORDERS
from admin.pages import again, asked_city, page
from lending import catalogue, follows, looks, orders, parcels, shelf_order, tracking
from lending.database import Row, writing
from lending.errors import CannotChange, UnknownThing
from lending.model import Fulfilment, OrderState, library_day, typed
from lending.parcels import Parcel
from lending.tracking import Word

STATES = {
    "created": N_("等快递来取"), "collected": N_("快递已取件"), "in_transit": N_("在路上"),
    "out_for_delivery": N_("正在派送"), "at_pickup_point": N_("在代收点，还没到读者手里"),
    "problem": N_("派送遇到问题"), "refused": N_("被拒收"), "returning": N_("正在退回图书馆"),
    "returned": N_("已退回图书馆"), "lost": N_("快递丢失了"), "signed": N_("已签收"),
}  # fmt: skip
SAYS = {"signed": N_("确认已送到"), "returned": N_("书已退回馆里"), "lost": N_("确认丢失，由馆里承担")}
UNPACKED = N_("这个包裹拆开了：订单退回了备书，或者取消了。")
COMPANIES = {  # as 快递100 calls them (api.kuaidi100.com/document/5f0ff6e82977d50a94e10237; its whole list of 2020 has
    # the last three: cnblogs.com/shellphen/p/8991490.html); others by the name they have there
    "顺丰": "shunfeng", "中通": "zhongtong", "圆通": "yuantong", "申通": "shentong", "韵达": "yunda",
    "极兔": "jtexpress", "京东": "jd", "邮政": "youzhengguonei", "EMS": "ems", "德邦": "debangkuaidi",
    "顺丰快运": "shunfengkuaiyun", "中通快运": "zhongtongkuaiyun", "跨越": "kuayue", "优速": "youshuwuliu",
    "宅急送": "zhaijisong", "众邮": "zhongyouex", "邮政标准快递": "youzhengbk", "丹鸟": "danniao", "苏宁": "suning",
}  # fmt: skip
SORT = re.compile("(?:快递|速递|速运|物流)$")  # as waybills print it behind the name
LONGEST = 32  # of a courier's number
MOST = 2**63 - 1


def add_to(made: Blueprint, desk: Desk) -> None:
    """The room, its two printed lists, and what a librarian may say of a parcel."""
    made.add_url_rule("/parcels", "parcels", partial(show, desk))
    made.add_url_rule("/parcels/pick", "pick_list", partial(show_pick_list, desk))
    made.add_url_rule("/parcels/labels", "labels", partial(show_labels, desk), methods=["POST"])
    one = f"/parcels/<int(max={MOST}):id>"
    made.add_url_rule(f"{one}/give", "give_parcel", partial(give, desk), methods=["POST"])
    made.add_url_rule(f"{one}/say", "say_parcel", partial(say, desk), methods=["POST"])


def _numbered(desk: Desk, found: list[Parcel]) -> list[tuple[Parcel, str]]:
    ask = "SELECT number FROM orders WHERE id = :o"
    return [(one, desk.db.value(ask, o=one.order_id)) for one in found]


def show(desk: Desk) -> str:
    """What waits to be handed over, what is in trouble, what nobody follows."""
    waiting = _numbered(desk, parcels.in_states(desk.db, ["created"], MOST_ORDERS))
    trouble = _numbered(desk, _open_troubles(desk))
    return page(
        "parcels.html", packed=orders.board(desk.db, (OrderState.PACKED,), 1), waiting=waiting, trouble=trouble,
        refusals=follows.refusals(desk.db), companies=COMPANIES, states=STATES, says=SAYS, longest=LONGEST,
        day_of=library_day, silent=parcels.silent_since(desk.policy, desk.now()), moving=parcels.MOVING,
    )  # fmt: skip


def _open_troubles(desk: Desk) -> list[Parcel]:
    """In trouble, at a pick-up point, not heard of for days, not back from our own round; of orders on their way."""
    now = desk.now()
    found = parcels.to_look_at(desk.db, desk.policy, now, MOST_ORDERS) + parcels.still_out(desk.db, now)
    ask = "SELECT state FROM orders WHERE id = :o"
    return [one for one in found if desk.db.value(ask, o=one.order_id) == OrderState.SHIPPED]


def show_pick_list(desk: Desk) -> str:
    """Every copy to be fetched, in the order of the shelves, to be taken along on paper (A9-4); of one city its own."""
    found: list[tuple[Row, str]] = []
    cities = desk.cities()
    city = asked_city(cities)
    here = {point.id for point in catalogue.points(desk.db) if city in ("", point.city)}
    wanted = orders.board(desk.db, (OrderState.APPROVED, OrderState.PICKING), MOST_ORDERS, city)
    for order in wanted:
        found += [(book, order.number) for book in orders.books(desk.db, order.id) if book["point_id"] in here]
    found.sort(key=lambda pair: (pair[0]["point_id"], shelf_order.along(pair[0])))
    full = MOST_ORDERS if len(wanted) == MOST_ORDERS else 0
    return page("pick_list.html", found=found, cities=cities, city=city, full=full)


def show_labels(desk: Desk) -> str:
    """Labels for everything packed: to the door with the address, to locker and counter with the place; logged."""
    packed = orders.board(desk.db, (OrderState.PACKED,), MOST_ORDERS)
    found = [label for order in packed for label in _labels(desk, order)]
    for order in packed:
        if order.address:
            looks.note(desk.db, order.reader_id, current_user.shown_as, looks.ADDRESS, order.number, desk.now())
    staff.log(desk.db, current_user.name, "print_labels", f"labels:{len(found)}", desk.now())
    return page("labels.html", found=found, full=MOST_ORDERS if len(packed) == MOST_ORDERS else 0)


def _labels(desk: Desk, order: orders.Order) -> list[Row]:
    titles = orders.books(desk.db, order.id)
    if order.fulfilment is Fulfilment.DELIVERY:
        made = parcels.of_order(desk.db, order.id)
        return [
            _label(order, one.tracking, order.address, one.round, f"{n}/{len(made)}", _inside(titles, one.id))
            for n, one in enumerate(made, 1)
        ]
    place = catalogue.point(desk.db, order.point_id or 0)
    return [_label(order, order.number, f"{place.name} {place.address}", "", "", titles)]


def _inside(titles: list[Row], parcel_id: int) -> list[Row]:
    """The books of one parcel; all of them where the order was packed before parcels knew their books."""
    return [book for book in titles if book["parcel_id"] in (parcel_id, None)]


def _label(order: orders.Order, code: str, to: str, round: str, part: str, titles: list[Row]) -> Row:
    """The code can be scanned; the books are listed by barcode, so that nothing is packed that is not in the order."""
    picture = segno.make(code, error="m", micro=False).svg_inline(scale=3, border=2, svgclass="qr", lineclass=None)
    return {
        "order": order, "code": code, "to": to, "round": round, "part": part, "titles": titles, "qr": Markup(picture),
    }  # fmt: skip


def give(desk: Desk, id: int) -> AnyResponse | tuple[str, int]:
    """A courier company takes it, by its name or 快递100's for it, under the number on the waybill."""
    _, named = desk.say(), request.form.get("company", "").strip()
    company = COMPANIES.get(named) or COMPANIES.get(SORT.sub("", named), named.lower())
    number = typed(request.form.get("tracking", ""))
    if not (company.isascii() and company.isalnum() and 6 <= len(number) <= LONGEST and number.isalnum()):
        tell(_("请选快递公司（没有的，写它在快递100的名字，例如 shunfeng），再填运单号。"), "stop")
        return again("parcels")
    try:
        with writing(desk.db) as db:
            parcels.give_to(db, id, company, number, desk.now())
            staff.log(db, current_user.name, "give_parcel", f"parcel:{id}", desk.now(), company=company, number=number)
    except CannotChange:
        tell(_("这个包裹已经寄出，或者运单号有人用了，没有改。"), "stop")
        return again("parcels", 409)
    except UnknownThing:
        tell(_(UNPACKED), "stop")
        return redirect(url_for("admin.parcels"))
    session["company"] = named  # most go with the same one
    if desk.followed:
        said = _("运单号 {number} 记下了，从现在起跟着它。", number=number)
    else:
        said = _(
            "运单号 {number} 记下了。馆里没有接快递100，路上的事不会自己更新：寄出和签收，请在订单里按。", number=number
        )
    tell(said)
    return redirect(url_for("admin.parcels"))


def say(desk: Desk, id: int) -> AnyResponse:
    """What a librarian has found out, also of one still on its way: it has come, it is back, it is lost."""
    _, state, actor = desk.say(), request.form.get("state", ""), f"staff:{current_user.shown_as}"
    back = guard.own_path(request.form.get("back", url_for("admin.parcels")))
    try:
        one, now = parcels.by_id(desk.db, id), desk.now()
    except UnknownThing:
        tell(_(UNPACKED), "stop")
        return redirect(back)
    if state not in SAYS or one.state != request.form.get("before"):
        tell(_("包裹 {tracking} 的情况刚刚变了，请再看一眼。", tracking=one.tracking), "stop")
        return redirect(back)
    with writing(desk.db) as db:
        inside = _inside(orders.books(db, one.order_id), id) if state == "returned" else []
        if state == "lost":
            tracking.lost(db, id, actor, desk.policy, now)
        else:
            tracking.hear(db, one.tracking, [Word(state, now)], actor, desk.policy, now)
        staff.log(db, current_user.name, "say_parcel", f"parcel:{id}", now, state=state)
    tell(_("包裹 {tracking}：{state}。", tracking=one.tracking, state=_(STATES[state])))
    put_back.say_where(desk, [book["barcode"] for book in inside])
    return redirect(back)
