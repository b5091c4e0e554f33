"""找书、取书、调书: books said to be back, made ready in vain, to be fetched at home, to be carried elsewhere."""

from __future__ import annotations

from functools import partial
from itertools import groupby

from flask import Blueprint, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import copies, masks, put_back, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import MOST, given, page
from lending import (
    catalogue,
    cities,
    claims,
    clearing,
    copy_states,
    door_codes,
    evidence,
    floating,
    home_returns,
    looks,
    orders,
    readers,
)
from lending.clearing import Aside
from lending.database import Row, writing
from lending.errors import CannotChange
from lending.model import OrderState, library_day

MOVES = 50  # suggested on one page
IN_VAIN = {  # how far an order had come, clearing.READY
    OrderState.PICKING: N_("备书时取消了：拿出来的书放回去"), OrderState.PACKED: N_("打包后取消了：请拆包"),
    OrderState.AT_COUNTER: N_("没有来取：从取书架拿下来"),
}  # fmt: skip
LIES = {
    "hold_shelf": N_("从预约架拿下来"), "picked": N_("从备书的桌上拿走"), "pickup_shelf": N_("从取书架拿下来"),
    "shelf": N_("有读者在等，从书架取下来"),
}  # fmt: skip
GOES = {"available": N_("上架"), "kept": N_("放到预约架"), "damaged": N_("放到修补架")}


def add_to(made: Blueprint, desk: Desk) -> None:
    """The page and what is done on it."""
    one = f"<int(max={2**63 - 1}):id>"
    made.add_url_rule("/ways-back", "ways_back", partial(show, desk))
    made.add_url_rule(f"/ways-back/check/{one}", "settle_check", partial(settle_check, desk), methods=["POST"])
    made.add_url_rule(f"/ways-back/address/{one}", "fetch_address", partial(show_address, desk), methods=["POST"])
    made.add_url_rule(f"/ways-back/lost/{one}", "fetch_lost", partial(fetch_lost, desk), methods=["POST"])
    made.add_url_rule("/ways-back/clear/<number>", "clear_order", partial(clear, desk), methods=["POST"])
    made.add_url_rule("/ways-back/put-back", "put_back_aside", partial(put_back_aside, desk), methods=["POST"])
    made.add_url_rule(f"/ways-back/fetch/{one}", "fetched", partial(fetched, desk), methods=["POST"])


def show(desk: Desk, in_full: int = 0) -> str:
    """Lists, each with its next action. The address of the pick-up `in_full` is not masked."""
    points = catalogue.points(desk.db)
    checks = [
        (check, _who(desk, check.reader_id), door_codes.of(desk.db, "check", check.id),
         evidence.of(desk.db, "check", check.id))
        for check in claims.open_checks(desk.db, MOST)
    ]  # fmt: skip
    fetches = [
        (one, one.address if one.id == in_full else masks.address(one.address))
        for one in home_returns.open_ones(desk.db)
    ]
    today = library_day(desk.now())
    balances = floating.balances(desk.db, desk.policy, today)
    moves = floating.moves(desk.db, desk.policy, today, MOVES, balances)
    return page(
        "ways_back.html", cities=desk.cities(), anywhere=desk.policy.cities.return_anywhere,
        checks=checks, fetches=fetches, cleared=_to_clear(desk), in_vain=IN_VAIN, in_full=in_full, points=points,
        aside=_aside(desk), lies=LIES,
        names={point.id: point for point in points}, here=session.get("staff_point"),
        balances=balances, moves=moves, full=MOVES if len(moves) == MOVES else 0,
    )  # fmt: skip


def _to_clear(desk: Desk) -> list[tuple[orders.Order, OrderState, list[tuple[Row, str]]]]:
    """Orders that ended with their books in somebody's hands: the order, how far it came, where each book goes now."""
    return [
        (order, state, [(book, _goes(desk, book)) for book in orders.books(desk.db, order.id)])
        for order, state in clearing.waiting(desk.db)
    ]


def _aside(desk: Desk) -> list[tuple[int, list[tuple[Aside, str]]]]:
    """What lies on the hold shelves and tables for nobody any more, place by place, and where each goes now."""
    found = clearing.out_of_place(desk.db, MOST)
    return [
        (point, [(one, _goes(desk, {"barcode": one.barcode})) for one in mine])
        for point, mine in groupby(found, key=lambda one: one.point_id)
    ]


def _goes(desk: Desk, book: Row) -> str:
    _, copy = desk.say(), catalogue.copy_by_barcode(desk.db, book["barcode"])
    if number := copy_states.promised_to(desk.db, copy.id):
        return _("已在订单 {number} 里", number=number)
    if copy.standing == "available" and (away := cities.stray(desk.db, copy.barcode, desk.policy)):
        home = catalogue.point(desk.db, away.point_id)
        city = desk.cities().get(home.city, "")
        return _("送回{city}：{place}", city=city, place=_.called(home.name, home.name_en))
    return _(GOES.get(copy.standing, copies.STANDINGS[copy.standing]))


def clear(desk: Desk, number: str) -> AnyResponse:
    """The books of an order that ended are back in their places."""
    _ = desk.say()
    try:
        with writing(desk.db) as db:
            clearing.end(db, number)
            staff.log(db, current_user.name, "clear_order", f"order:{number}", desk.now())
    except CannotChange:
        tell(_("订单 {number} 的书已经有人放回去了。", number=number))
    else:
        tell(_("记下了：订单 {number} 的书都放回去了。", number=number))
    return redirect(url_for("admin.ways_back"))


def put_back_aside(desk: Desk) -> AnyResponse:
    """The copies that the page listed at one place stand where they belong."""
    _, said = desk.say(), request.form.getlist("copy")
    with writing(desk.db) as db:
        n = clearing.put_back(db, [int(one) for one in said if one.isascii() and one.isdigit() and len(one) < 15])
        staff.log(db, current_user.name, "put_back", f"copies:{n}", desk.now())
    tell(_.n("记下了：{n} 册放好了。", "记下了：{n} 册放好了。", n) if n else _("这些书已经有人放好了。"))
    return redirect(url_for("admin.ways_back"))


def show_address(desk: Desk, id: int) -> str:
    """Where the courier is to go, in full; that it was looked at is written down (B2-22)."""
    one = home_returns.home_return(desk.db, id)
    staff.log(desk.db, current_user.name, "see_address", f"fetch:{id}", desk.now())
    looks.note(desk.db, one.reader_id, current_user.shown_as, looks.ADDRESS, str(id), desk.now())
    return show(desk, id)


def _who(desk: Desk, reader_id: int) -> str:
    reader = readers.reader(desk.db, reader_id)
    return f"{reader.number} {masks.name(reader.name)}".strip()


def settle_check(desk: Desk, id: int) -> AnyResponse:
    """Found at a point, or not found; the reader is told."""
    _, at, found = desk.say(), request.form.get("point", ""), None
    try:
        with writing(desk.db) as db:
            if at:
                point = catalogue.point(db, given("point"))
                found = claims.found(db, id, point.id, desk.policy, current_user.shown_as, desk.now())
            else:
                claims.not_found(db, id, desk.policy, current_user.shown_as, desk.now())
            staff.log(db, current_user.name, "shelf_check", f"check:{id}", desk.now(), found=bool(at))
    except CannotChange:
        tell(_("这本已经有结果了，什么都没改。"), "stop")
    else:
        tell(_("找到了，已按读者说的那天还上。") if at else _("记下了：没找到，读者有时间再找找。"))
        put_back.say_where(desk, [found.barcode] if found else [])
    return redirect(url_for("admin.ways_back"))


def fetched(desk: Desk, id: int) -> AnyResponse:
    """The courier has the books."""
    _ = desk.say()
    try:
        with writing(desk.db) as db:
            home_returns.collect(db, id, desk.policy, desk.now())
            staff.log(db, current_user.name, "home_return", f"home_return:{id}", desk.now())
    except CannotChange:
        tell(_("这一单已经取走或取消了，什么都没改。"), "stop")
    else:
        tell(_("记下了，从现在起不算超期。到馆后照常扫码还书。"))
    return redirect(url_for("admin.ways_back"))


def fetch_lost(desk: Desk, id: int) -> AnyResponse:
    """The courier has lost what was to come back: the library bears it."""
    _ = desk.say()
    try:
        with writing(desk.db) as db:
            home_returns.lose(db, id, f"staff:{current_user.shown_as}", desk.policy, desk.now())
            staff.log(db, current_user.name, "home_return", f"home_return:{id}", desk.now(), state="lost")
    except CannotChange:
        tell(_("这一单的书已经到馆，或还没有取走，什么都没改。"), "stop")
    else:
        tell(_("记下了，由馆里承担，读者会收到消息。"))
    return redirect(url_for("admin.ways_back"))
