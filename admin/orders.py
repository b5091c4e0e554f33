"""The order board: what to pick, pack and send, the earliest promise first, each with one next step (A10-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, masks, put_back, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import MOST, asked_city, given, page
from admin.parcels import SAYS
from admin.parcels import STATES as PARCEL_STATES
from lending import (
    appointments,
    catalogue,
    costs,
    door_claims,
    elsewhere,
    extensions,
    fee_refunds,
    free_shipping,
    lockers,
    looks,
    missing_copies,
    orders,
    parcels,
    promises,
    readers,
    readiness,
)
from lending.appointments import Appointment
from lending.database import Row, writing
from lending.errors import CannotChange, LockerFull, NotAllowed, UnknownThing
from lending.extensions import NotKeptLonger
from lending.missing_copies import Gap
from lending.model import OrderState, library_day, parse_stamp, stamp
from lending.orders import Order, Step
from lending.parcels import Parcel
from lending.points import Point
from lending.readers import Reader

STEPS = {
    "approve": N_("通过审核"), "pick": N_("开始备书"), "pack": N_("打包好了"), "ship": N_("交给快递"),
    "load": N_("放入书柜"), "shelve": N_("放到取书架"), "collect": N_("读者已取走"), "sign": N_("读者已签收"),
}  # fmt: skip
ENDS = {"refuse": N_("审核不通过"), "cancel": N_("取消订单")}
PROMISES = {"review": N_("答复"), "pack": N_("打包"), "ready": N_("备好")}
EVENTS = {"short": N_("缺书"), "added": N_("加书"), "left_out": N_("取出"), "elsewhere": N_("换取书点")}
REVIEWED = {"books": N_("本数多于规则自动通过的"), "balance": N_("信用分低于规则自动通过的")}
MISSING = {"lost": N_("没找到"), "damaged": N_("坏了")}
BY_ROUND = {**STEPS, "ship": N_("交给送书班次")}  # no courier has anything to do with it (A10-2)
PUT_THERE = ("load", "shelve")  # by which its books come to stand at its pick-up point
CARRIED = (OrderState.PACKED, OrderState.SHIPPED)  # when it stands in parcels that go to the reader
OTHERS_DO = (OrderState.IN_LOCKER, OrderState.SHIPPED)  # the locker or the courier says when this is done
ACTORS = {
    "reader": N_("读者"), "rule": N_("规则"), "locker": N_("书柜"), "courier": N_("快递"), "simulator": N_("演示"),
    "library": N_("图书馆"), "proxy": N_("代办人"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """An order with all that its card says."""

    order: Order
    who: Reader
    books: list[Row]
    place: str
    box: str
    step: Step | None
    late: bool
    stopped: bool
    rounds: tuple[Parcel, ...] = ()  # its parcels, where every one of them goes with a round of the library's own
    comes: Appointment | None = None  # when the reader has said to come
    here: datetime | None = None  # since when the reader stands at the counter
    gone: bool = False  # its pick-up point closes for good, and its books are not there yet
    days_late: int = 0  # since what was promised next, while its reader waits for it

    @property
    def due(self) -> datetime:
        """The promise that comes next: packed by while it is prepared, else answered or ready by."""
        return _due(self.order)

    @property
    def ends(self) -> datetime:
        """The moment that its card on the board names: until when it is kept, or the promise that comes next."""
        return self.order.pickup_until or self.due

    @property
    def step_name(self) -> str:
        """What the button of the next step says, before it is put into the librarian's language."""
        return (BY_ROUND if self.rounds else STEPS)[self.step.name] if self.step else ""

    @property
    def others_do(self) -> bool:
        """The next step is normally told by a partner, so its button stays quiet."""
        return self.order.state in OTHERS_DO


def add_to(made: Blueprint, desk: Desk) -> None:
    """The board, one order, and its steps."""
    made.add_url_rule("/orders", "orders", partial(show_board, desk, "orders.html"))
    made.add_url_rule("/orders/live", "orders_live", partial(show_board, desk, "order_board.html"))
    made.add_url_rule("/orders/<number>", "order", partial(show_one, desk))
    made.add_url_rule("/orders/<number>/step", "step_order", partial(step, desk), methods=["POST"])
    made.add_url_rule("/orders/<number>/end", "end_order", partial(end, desk), methods=["POST"])
    made.add_url_rule("/orders/<number>/keep", "keep_order", partial(keep, desk), methods=["POST"])
    made.add_url_rule("/orders/<number>/point", "move_order", partial(move, desk), methods=["POST"])
    made.add_url_rule("/orders/<number>/missing", "missing_copy", partial(missing, desk), methods=["POST"])
    made.add_url_rule("/orders/<number>/address", "order_address", partial(show_address, desk), methods=["POST"])


def shown(desk: Desk, order: Order, now: datetime) -> Shown:
    """An order ready to be shown."""
    point = catalogue.point(desk.db, order.point_id) if order.point_id else None
    place = desk.say().called(point.name, point.name_en) if point else ""
    if point and (city := desk.cities().get(point.city)):
        place = f"{city} · {place}"
    return Shown(
        order, readers.reader(desk.db, order.reader_id), orders.books(desk.db, order.id), place,
        "" if order.state is OrderState.AT_COUNTER else lockers.label(desk.db, order.id),
        None if _in_trouble(desk, order) else orders.next_step(order), not orders.promise_kept(order, now),
        order.state is OrderState.IN_LOCKER and door_claims.stopped(desk.db, order.id), _rounds(desk, order),
        appointments.coming(desk.db, order, now), appointments.arrived_today(order, now),
        elsewhere.may_move(desk.db, order, now), _days_late(order, now),
    )  # fmt: skip


def _due(order: Order) -> datetime:
    to_pack = order.state in (OrderState.APPROVED, OrderState.PICKING)
    return order.pack_by if to_pack and order.pack_by else order.promised_at


def _days_late(order: Order, now: datetime) -> int:
    return max(0, (library_day(now) - library_day(_due(order))).days) if order.state in elsewhere.UNPLACED else 0


def _in_trouble(desk: Desk, order: Order) -> bool:
    """A parcel of it did not come: what became of each is said parcel by parcel, never of all of them at once."""
    sent = parcels.of_order(desk.db, order.id) if order.state is OrderState.SHIPPED else []
    return any(one.state in parcels.TROUBLES for one in sent)


def _rounds(desk: Desk, order: Order) -> tuple[Parcel, ...]:
    mine = parcels.of_order(desk.db, order.id) if order.state in CARRIED else []
    return tuple(mine) if all(one.round_at for one in mine) else ()


def labels(desk: Desk) -> dict[str, object]:
    """The words for states, ways and steps, and the masks."""
    return {
        "states": {**desk.order_states, **EVENTS},
        "ways": desk.fulfilments, "ends": ENDS, "actors": ACTORS, "mask": masks, "day_of": library_day,
    }  # fmt: skip


def show_board(desk: Desk, template: str) -> str:
    """Open orders in columns by state; on a narrow screen one list, filtered by state. And of one city (A2-16)."""
    now, asked, cities = desk.now(), request.args.get("state", ""), desk.cities()
    chosen, city = asked if asked in orders.OPEN else "", asked_city(cities)
    states = (OrderState(chosen),) if chosen else orders.OPEN
    found = [shown(desk, order, now) for order in orders.board(desk.db, states, MOST, city)]
    found.sort(key=lambda item: (item.here is None, item.ends))  # whoever stands at the counter comes first
    columns = {state: [item for item in found if item.order.state == state] for state in states}
    counts = orders.how_many(desk.db, city)
    full = MOST if sum(counts[state] for state in states) > MOST else 0
    return page(
        template, columns=columns, counts=counts, chosen=chosen, full=full, cities=cities, city=city,
        back=url_for("admin.orders", city=city or None), **labels(desk),
    )  # fmt: skip


def show_one(desk: Desk, number: str, address: str = "") -> str:
    """One order with its history and the pick list; the address hidden unless asked for."""
    item = shown(desk, orders.by_number(desk.db, number), desk.now())
    looks.note(desk.db, item.order.reader_id, current_user.shown_as, looks.ORDER, item.order.number, desk.now())
    days = desk.policy.promise.extend_days
    history = [
        row | {"at": parse_stamp(row["at"]), "note": _told(desk, row)}
        for row in orders.history(desk.db, item.order.id)
    ]
    return page(
        "order.html", item=item, history=history, hidden=not address, covered=costs.of_order(desk.db, item.order.id),
        free_fen=sum(row["free_fen"] for row in free_shipping.of_order(desk.db, item.order.id)),
        fee_back=fee_refunds.open_of(desk.db, f"order:{item.order.number}"),
        nobody_pays=costs.called_off(desk.db, item.order.id),
        address=address or masks.address(item.order.address),
        may_end=item.order.state in orders.STEPS["cancel"].before,
        may_refuse=item.order.state in orders.STEPS["refuse"].before,
        may_miss=MISSING if item.order.state in missing_copies.PICKING else {},
        promises=promises.of_order(desk.db, item.order), promise_names=PROMISES,
        undo=_undo(desk, item.order), unpack=item.order.state in orders.STEPS["unpack"].before,
        other_points=_other_points(desk, item.order),
        longer=0 if extensions.why_no_order(desk.db, item.order, desk.policy, desk.now()) else days,
        slots=appointments.free(desk.db, item.order, desk.policy, desk.now()), stamp=stamp,
        gone=orders.gone_missing(desk.db, item.order.id), taken_out=orders.taken_out(desk.db, item.order.id),
        in_trouble=_in_trouble(desk, item.order), parcel_states=PARCEL_STATES,
        says=SAYS, parcel_ends=parcels.ENDS, sent=parcels.of_order(desk.db, item.order.id),
        broken_box=lockers.behind_broken_doors(desk.db, item.order.id),
        awaited=orders.waits_for_missing(desk.db, item.order.id),
        reviewed=[REVIEWED[code] for code in orders.why_reviewed(desk.db, item.order.id)],
        back=url_for("admin.order", number=number), **labels(desk),
        silent=item.order.state in orders.OPEN and desk.silent(item.order.reader_id),
    )  # fmt: skip


def _told(desk: Desk, row: Row) -> str:
    """What stands beside a line of the history; which rules asked for a person is kept in codes."""
    _, codes = desk.say(), row["note"].split()
    why = row["state"] == OrderState.IN_REVIEW and all(code in REVIEWED for code in codes)
    return _.listed(_(REVIEWED[code]) for code in codes) if why else row["note"]


def _undo(desk: Desk, order: Order) -> tuple[str, datetime] | None:
    """The step that takes back what the reader has not been told yet (B2-20)."""
    here = [name for name in readiness.UNDO if order.state in orders.STEPS[name].before]
    return readiness.way_back(desk.db, order, here)


def show_address(desk: Desk, number: str) -> str:
    """The address in full, for the parcel's label; that it was looked at is written down (B2-22)."""
    order = orders.by_number(desk.db, number)
    staff.log(desk.db, current_user.name, "see_address", f"order:{number}", desk.now())
    looks.note(desk.db, order.reader_id, current_user.shown_as, looks.ADDRESS, order.number, desk.now())
    return show_one(desk, number, order.address)


def step(desk: Desk, number: str) -> AnyResponse:
    """One step ahead, if the order still stands where the page showed it."""
    name = request.form.get("step", "")
    _move(desk, number, name if name in (*STEPS, *readiness.UNTOLD) else "", "step", "")
    return redirect(guard.own_path(request.form.get("back", "")))


def end(desk: Desk, number: str) -> AnyResponse:
    """Refuse or cancel, with the reason the reader will see."""
    name, reason = request.form.get("step", ""), request.form.get("reason", "").strip()[:300]
    if not reason:
        tell(desk.say()("请写一句原因，读者会看到。"), "stop")
    else:
        _move(desk, number, name if name in ENDS else "", name, reason)
    return redirect(url_for("admin.order", number=number))


def keep(desk: Desk, number: str) -> AnyResponse:
    """A reader who was telephoned cannot come in time: the books wait some days longer, once (D 29)."""
    _, now = desk.say(), desk.now()
    try:
        with writing(desk.db) as db:
            until = extensions.keep_order(db, number, None, desk.policy, now)
            staff.log(db, current_user.name, "keep_order", f"order:{number}", now)
        tell(_("订单 {number} 保留到 {moment}。", number=number, moment=_.moment(until)))
    except NotKeptLonger:
        tell(_("订单 {number} 现在不能多留：已经留过一次，或有读者在等，或不在等人来取了。", number=number), "stop")
    return redirect(url_for("admin.order", number=number))


def _other_points(desk: Desk, order: Order) -> list[Point]:
    """Where it can go, if its own point closes for good."""
    if not elsewhere.may_move(desk.db, order, desk.now()):
        return []
    return elsewhere.places(desk.db, order, desk.policy, desk.now())


def move(desk: Desk, number: str) -> AnyResponse:
    """Its point closes for good: to another one; the reader is told."""
    _, now, actor = desk.say(), desk.now(), f"staff:{current_user.shown_as}"
    try:
        with writing(desk.db) as db:
            point = catalogue.point(db, given("point"))
            moved = elsewhere.move(db, number, point.id, actor, desk.policy, now)
            staff.log(db, current_user.name, "move_order", f"order:{number}", now, point=point.code)
        place = _.called(point.name, point.name_en)
        tell(_.together(_("订单 {number} 改在{place}取。", number=number, place=place), desk.heard(moved.reader_id)))
        if moved.state is OrderState.PACKED:
            tell(_("这一单已经打包，请把包裹送到那里去放。"))
    except (LockerFull, NotAllowed):
        tell(_("那里刚刚放不下、或者也不开了，订单没有动。请换一个。"), "stop")
    except CannotChange as error:
        state = _(desk.order_states[error.state])
        tell(_("订单 {number} 已经是「{state}」了，没有再动它。", number=number, state=state), "stop")
    return redirect(url_for("admin.order", number=number))


def missing(desk: Desk, number: str) -> AnyResponse:
    """A copy is not on its shelf, or not fit to be lent: the page says what became of it; the reader is told."""
    _, now, copy_id, why = desk.say(), desk.now(), given("copy"), request.form.get("why", "")
    try:
        with writing(desk.db) as db:
            actor = f"staff:{current_user.shown_as}"
            gap = missing_copies.report(db, number, copy_id, why, actor, desk.policy, now)
            staff.log(db, current_user.name, "missing_copy", f"order:{number}", now, title=gap.title, why=why)
        tell(_said(desk, gap))
    except CannotChange as error:
        state = _(desk.order_states[error.state])
        tell(_("订单 {number} 已经是「{state}」了，没有再动它。", number=number, state=state), "stop")
    except UnknownThing:
        tell(_("这一册已经不在这个订单里了。"), "stop")
    return redirect(url_for("admin.order", number=number))


def _said(desk: Desk, gap: Gap) -> str:
    _ = desk.say()
    if gap.copy_id is not None:
        return _("《{title}》换了另一册，新的条码和架位在备书单里。", title=gap.title)
    if gap.left:
        return _("《{title}》没有别的册了：其余的照常，运费重算，读者已在排队，也会收到消息。", title=gap.title)
    return _("订单里没有书了，已取消；读者已在排《{title}》，也会收到消息。", title=gap.title)


def _move(desk: Desk, number: str, name: str, deed: str, note: str) -> None:
    _, now, actor = desk.say(), desk.now(), f"staff:{current_user.shown_as}"
    try:
        with writing(desk.db) as db:
            order = orders.by_number(db, number)
            if not name or order.state != request.form.get("state"):
                raise CannotChange("order", number, order.state)
            if name == "pack" and not _all_seen(len(orders.books(db, order.id))):
                return tell(_("订单 {number} 里的书刚刚变过，请再看一眼备书单。", number=number), "stop")
            if name in PUT_THERE and request.form.get("point") not in (None, str(order.point_id or "")):
                place = shown(desk, order, now).place
                said = _(
                    "订单 {number} 刚刚换到{place}取了，这一下没有算。请把书送到那里，放好再点。",
                    number=number, place=place,
                )  # fmt: skip
                return tell(said, "stop")
            inside = orders.books(db, order.id) if name in ENDS else []
            moved = orders.advance(db, order.id, name, actor, desk.policy, now, note)
            staff.log(db, current_user.name, deed, f"order:{number}", now, step=name, state=moved.state, note=note)
    except CannotChange as error:
        state = _(desk.order_states[error.state])
        tell(_("订单 {number} 已经是「{state}」了，没有再动它。", number=number, state=state), "stop")
        return
    told = _("订单 {number} 现在是「{state}」。", number=number, state=_(desk.order_states[moved.state]))
    tell(_.together(told, desk.heard(moved.reader_id)) if name in ENDS else told)
    put_back.say_where(desk, [book["barcode"] for book in inside])


def _all_seen(books: int) -> bool:
    """Whether the page from which it is packed showed every book: a reader may have added one since."""
    return request.form.get("books", str(books)) == str(books)
