"""册: one copy by its barcode, what happened to it and what may happen next; what is missing and what is looked for."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import lookup, put_back, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import FOUND, MOST, page
from lending import catalogue, copy_states, holds, loans, records, unfound
from lending.copy_states import CannotStep
from lending.database import writing
from lending.errors import CannotChange, UnknownThing
from lending.model import parse_stamp

STANDINGS = {
    "available": N_("在架"), "reserved": N_("备书"), "kept": N_("预约架"), "in_transit": N_("在途"),
    "awaiting": N_("待取"), "on_loan": N_("在借"), "handing_on": N_("转借中"), "missing": N_("清点缺失"),
    "damaged": N_("损坏"), "lost": N_("丢失"), "withdrawn": N_("已剔除"),
}  # fmt: skip
STEPS = {
    "miss": N_("架上找不到"), "find": N_("找到了，上架"), "damage": N_("坏了，上修补架"), "mend": N_("修好了，上架"),
    "withdraw": N_("剔除"), "readmit": N_("重新入藏"),
}  # fmt: skip
DONE = {  # what was done, by whomever
    **STEPS, "withdraw": N_("已剔除"), "readmit": N_("重新入藏了"), "give_up": N_("找了很久，记为丢失"),
    "lost_by_reader": N_("读者弄丢了"), "lost_in_post": N_("快递弄丢了"), "place": N_("改了馆藏地"),
}  # fmt: skip
TO_SHELF = ("find", "mend", "readmit")  # which begin with where the book is put
DO_FIRST = {  # why nothing can be done with it here, and what to do instead
    "on_loan": N_("还在读者名下：先在「扫码还书」里扫一下；读者说丢了、破了的，走个案。"),
    "reserved": N_("在一张订单里：没找到、坏了，在那张订单的备书单上点。"),
    "in_transit": N_("正送往读者：等订单有了结果再办。"),
    "awaiting": N_("在等读者来取：等订单有了结果再办。"),
}
WITH_READERS = ("on_loan", "handing_on", "in_transit")  # or on the way to them: it stands nowhere in the house
BY = {"scan": N_("扫码"), "rule": N_("规则"), "case": N_("个案"), "courier": N_("快递")}
LONGEST = 60


def add_to(made: Blueprint, desk: Desk) -> None:
    """The page, the steps, the place, the searches."""
    made.add_url_rule("/copies", "copies", partial(show, desk))
    made.add_url_rule("/copies/step", "step_copy", partial(step, desk), methods=["POST"])
    made.add_url_rule("/copies/place", "place_copy", partial(place, desk), methods=["POST"])
    made.add_url_rule(f"/copies/search/<int(max={2**63 - 1}):id>", "settle_search", partial(settle, desk),
                      methods=["POST"])  # fmt: skip


def show(desk: Desk) -> str:
    """The copy that was scanned, or the copies of what was looked for; else the lists of work."""
    asked = request.args.get("q", "").strip()[:LONGEST]
    points = {point.id: point for point in catalogue.points(desk.db)}
    shared = {
        "asked": asked,
        "points": points,
        "standings": STANDINGS,
        "here": session.get("staff_point"),
        "since": parse_stamp,
    }
    if not asked:
        searches = [(one, unfound.copies(desk.db, one)) for one in unfound.open_ones(desk.db, MOST)]
        missing = copy_states.missing(desk.db, MOST)
        return page(
            "copies.html", copy=None, found=None, searches=searches, missing=missing,
            wanted=copy_states.waited_for_in_vain(desk.db, MOST), days=desk.policy.stock.missing_days,
            full=MOST if len(missing) == MOST else 0, **shared,
        )  # fmt: skip
    try:
        copy = catalogue.scanned(desk.db, asked)
    except UnknownThing:
        titles = catalogue.titles(desk.db, records.look_up(desk.db, asked, FOUND))
        found = [(title, catalogue.copies(desk.db, title.id)) for title in titles.values()]
        return page("copies.html", copy=None, found=found, **shared)
    standing = "handing_on" if lookup.handing_on(desk.db, copy.id) else copy.standing
    return page(
        "copies.html", copy=copy, title=catalogue.title(desk.db, copy.title_id), standing=standing,
        order=copy_states.promised_to(desk.db, copy.id), due=loans.due_of_copy(desk.db, copy.id), steps=STEPS,
        kept_until=copy.hold_id and holds.kept_until(desk.db, copy.hold_id), with_readers=WITH_READERS,
        possible=copy_states.possible(copy), to_shelf=TO_SHELF, first=DO_FIRST.get(copy.standing, ""),
        happened=lookup.of_copy(desk.db, copy.id, MOST), done=DONE, by=BY,
        days=desk.policy.stock.missing_days, longest=copy_states.LONGEST_REASON, **shared,
    )  # fmt: skip


def _point() -> int | None:
    """The point that the form names, None where it names none."""
    given = request.form.get("point", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def step(desk: Desk) -> AnyResponse:
    """One step of a copy; withdrawing needs a reason."""
    _, form = desk.say(), request.form
    barcode, name, note = (
        form.get("barcode", "").strip()[:LONGEST],
        form.get("step", ""),
        form.get("reason", "").strip(),
    )
    if name == "withdraw" and not note:
        tell(_("剔除要写上原因，以后查得到。什么都没改。"), "stop")
        return redirect(url_for("admin.copies", q=barcode))
    try:
        if name not in STEPS:
            raise UnknownThing("step", name[:20])
        with writing(desk.db) as db:
            point = _point() if name in TO_SHELF else None
            copy = copy_states.step(db, barcode, name, current_user.shown_as, desk.policy, desk.now(), point, note)
            staff.log(db, current_user.name, "step_copy", f"copy:{copy.barcode}", desk.now(), step=name, reason=note)
        title = catalogue.title(desk.db, copy.title_id).title
        tell(_("《{title}》现在是：{state}。", title=title, state=_(STANDINGS[copy.standing])))
        if name in TO_SHELF:
            put_back.say_where(desk, [copy.barcode])
    except CannotStep as error:
        tell(_("《{title}》现在是「{state}」，什么都没改。", title=error.title, state=_(STANDINGS[error.standing]))
             + _(DO_FIRST.get(error.standing, N_("请看看下面现在能办什么。"))), "stop")  # fmt: skip
    return redirect(url_for("admin.copies", q=barcode))


def place(desk: Desk) -> AnyResponse:
    """Another home, call number or shelf."""
    _, form, barcode = desk.say(), request.form, request.form.get("barcode", "").strip()[:LONGEST]
    with writing(desk.db) as db:
        changed = copy_states.place(
            db, barcode, _point() or 0, form.get("call_number", ""), form.get("shelf", ""), current_user.shown_as,
            desk.now(),
        )  # fmt: skip
        if changed:
            staff.log(db, current_user.name, "place_copy", f"copy:{barcode}", desk.now())
    tell(_("存好了。") if changed else _("没有改动。"))
    return redirect(url_for("admin.copies", q=barcode))


def settle(desk: Desk, id: int) -> AnyResponse:
    """What readers did not find: it is there, or these copies are not. Raises UnknownThing."""
    _, name = desk.say(), "missing" if request.form.get("done") == "missing" else "found"
    barcodes = tuple(request.form.getlist("barcode"))
    if name == "missing" and not barcodes:
        tell(_("先勾上没找到的那几册。什么都没改。"), "stop")
        return redirect(url_for("admin.copies"))
    try:
        with writing(desk.db) as db:
            n = unfound.settle(db, id, name, current_user.shown_as, desk.policy, desk.now(), barcodes)
            staff.log(db, current_user.name, "settle_search", f"unfound:{id}", desk.now(), found=name == "found")
    except CannotChange:
        tell(_("这一条已经有同事办过了，什么都没改。"), "stop")
    else:
        marked = _.n("{n} 册记为清点缺失。", "{n} 册记为清点缺失。", n)
        lent = _("勾上的刚刚都借走了，没有记缺失；这一条办完了，读者会收到消息。")
        tell(_("好的，这一条办完了。") if name == "found" else marked if n else lent)
    return redirect(url_for("admin.copies"))
