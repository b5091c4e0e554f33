"""清点: choose what to go through, scan what stands there, and end it; what was not seen is marked as missing (E3)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import put_back, returns, staff
from admin.copies import STANDINGS
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import MOST, page
from lending import catalogue, cities, materials, stock_takes
from lending.database import Row, writing
from lending.stock_takes import MOST_CODES, NothingScanned, StockTake, TakeMoved

SHOWN = 8  # of the last scans
STATES = {"open": N_("正在清点"), "ended": N_("清点完了"), "called_off": N_("没有清完，什么都没记")}
FORMS = {  # as the catalogue writes them; another stands as it is written
    "book": N_("纸书"), "ebook": N_("电子书"), "audiobook": N_("有声书"), "journal": N_("期刊"), "disc": N_("光盘"),
}  # fmt: skip
MEANS = {
    "here": N_("在架，对"),
    "stray": N_("在本馆，但不是这次清点的架：放回它的架位"),
    "elsewhere": N_("记着在别的馆：留在这里就点「记在这里」，不然送回去"),
    "found": N_("以前没找到，现在找到了：放回架上"),
    "found_kept": N_("以前没找到，现在找到了，有读者在等：放到预约架"),
    "settled": N_("已经记在这里：上架"),
    "home": N_("是别的城市的书：照「找书、取书、调书」送回去"),
    "kept": N_("有读者在等：放到预约架"),
    "reserved": N_("已配给一张订单：放到备书台"),
    "awaiting": N_("在等读者来取：放回取书架"),
    "in_transit": N_("记着在送往读者的路上：请看它的订单"),
    "on_loan": N_("还在读者名下：点「收下还书」"),
    "lent": N_("扫过以后又借出去了，不用办；书要是还在这里，再扫一次"),
    "damaged": N_("登记为损坏：放到修补架"),
    "missing": N_("又记成了缺失：再扫一次"),
    "lost": N_("又记成了丢失：再扫一次"),
    "withdrawn": N_("已经剔除：拿下来，或重新入藏"),
    "unknown": N_("没有这个条码：核对书后的号码，或交给编目"),
}
TAKEN_IN = ("on_loan", "elsewhere")  # what a press of the button settles
COUNTED = {  # how a scan is called when it stands in a sum; the others are called as the copy stood
    "here": N_("在架，对"), "stray": N_("在本馆，架位不对"), "elsewhere": N_("记着在别的馆"),
    "found": N_("以前没找到，找到了"), "unknown": N_("没有这个条码"),
}  # fmt: skip


def add_to(made: Blueprint, desk: Desk) -> None:
    """The list, one stock-taking, and what is done in it."""
    one = f"/stock-takes/<int(max={2**63 - 1}):id>"
    made.add_url_rule("/stock-takes", "stock_takes", partial(show, desk))
    made.add_url_rule("/stock-takes", "begin_take", partial(begin, desk), methods=["POST"])
    made.add_url_rule(one, "stock_take", partial(show_one, desk))
    made.add_url_rule(one, "scan_take", partial(scan, desk), methods=["POST"])
    made.add_url_rule(f"{one}/here", "take_in", partial(take_in, desk), methods=["POST"])
    made.add_url_rule(f"{one}/end", "end_take", partial(end, desk), methods=["POST"])
    made.add_url_rule(f"{one}/call-off", "call_off_take", partial(call_off, desk), methods=["POST"])


def show(desk: Desk) -> str:
    """Those under way, a form to begin one, and those that were."""
    points = catalogue.points(desk.db)
    return page(
        "stock_takes.html", takes=stock_takes.listed(desk.db, MOST), points=points, states=STATES,
        names={point.id: point for point in points}, forms=FORMS, kinds=["book", *materials.held(desk.db)],
        here=session.get("staff_point"),
    )  # fmt: skip


def begin(desk: Desk) -> AnyResponse:
    """A new one, or the same that is under way."""
    _, form, given = desk.say(), request.form, request.form.get("point", "")
    if not any(str(point.id) == given for point in catalogue.points(desk.db)):
        tell(_("请选一个网点。"), "stop")
        return redirect(url_for("admin.stock_takes"))
    session["staff_point"] = int(given)
    with writing(desk.db) as db:
        one = stock_takes.begin(
            db, int(given), form.get("shelf", ""), form.get("call_number", ""), form.get("material", "")[:40],
            current_user.shown_as, desk.now(),
        )  # fmt: skip
        if not one.expected:
            stock_takes.call_off(db, one.id, current_user.shown_as, desk.now())
        staff.log(db, current_user.name, "begin_take", f"stock_take:{one.id}", desk.now())
    if not one.expected:
        tell(_("按这样选，架上一本应有的书也没有，不用清点。看看架位和索书号是不是写对了。"), "stop")
        return redirect(url_for("admin.stock_takes"))
    return redirect(url_for("admin.stock_take", id=one.id))


def show_one(desk: Desk, id: int) -> str:
    """The field, the last scans, what is to be done, and what has not been seen. Raises UnknownThing."""
    one = stock_takes.take(desk.db, id)
    points = {point.id: point for point in catalogue.points(desk.db)}
    aside, newest = (
        [row | {"means": _to_do(desk, one, row)} for row in rows]
        for rows in (stock_takes.to_look_at(desk.db, id, MOST), stock_takes.newest(desk.db, id, SHOWN))
    )
    return page(
        "stock_take.html", one=one, points=points, states=STATES, means=MEANS, aside=aside, taken_in=TAKEN_IN,
        counted=STANDINGS | COUNTED, days=desk.policy.stock.scans_days, most=MOST_CODES,
        newest=newest, unseen=stock_takes.not_seen(desk.db, id, MOST),
        full=MOST if one.unseen > MOST else 0,
    )  # fmt: skip


def _to_do(desk: Desk, one: StockTake, row: Row) -> str:
    """What a scan asks for now; a free book of another city does not stay where it was taken in (A2-16)."""
    said = means(one, row)
    return "home" if said == "settled" and cities.stray(desk.db, row["barcode"], desk.policy) else said


def means(one: StockTake, row: Row) -> str:
    """What a scan asks for now, for the copy may have moved since."""
    if row["outcome"] in ("unknown", "here"):
        return str(row["outcome"])
    if row["lent_since"]:
        return "lent"
    if row["outcome"] == "stray":
        return "stray"
    kept = row["state"] == "reserved" and row["hold_id"] is not None
    if row["outcome"] == "found" and row["state"] in ("available", "reserved"):
        return "found_kept" if kept else "found"
    if row["state"] == "available":
        return "settled" if row["point_id"] == one.point_id else "elsewhere"
    return "kept" if kept else "missing" if row["missing_since"] else str(row["state"])


def scan(desk: Desk, id: int) -> AnyResponse:
    """One code, or a pasted list; what each means is said on the page. Raises UnknownThing."""
    _, codes = desk.say(), stock_takes.codes(request.form.get("barcode", "")[: MOST_CODES * 70])
    if not codes:
        tell(_("先扫书后的条码。"), "stop")
    elif len(codes) > MOST_CODES:
        tell(
            _.n(
                "一次最多 {n} 个条码，请分几次。什么都没记。", "一次最多 {n} 个条码，请分几次。什么都没记。", MOST_CODES
            ),
            "stop",
        )
    else:
        try:
            found = stock_takes.scan(desk.db, id, codes, current_user.shown_as, desk.policy, desk.now())
        except TakeMoved:
            tell(_("这次清点已经结束了，什么都没改。"), "stop")
        else:
            other = sum(outcome != "here" for _barcode, outcome in found)
            if len(found) > 1:
                text = _.n("记下了 {n} 个条码。", "记下了 {n} 个条码。", len(found))
                tell(
                    text
                    + (_.n("有 {n} 个要看一看，列在下面。", "有 {n} 个要看一看，列在下面。", other) if other else "")
                )
    return redirect(url_for("admin.stock_take", id=id))


def take_in(desk: Desk, id: int) -> AnyResponse:
    """A book that is on loan, or stands elsewhere by the record, is here: taken in like any return."""
    _, one, barcode = desk.say(), stock_takes.take(desk.db, id), request.form.get("barcode", "").strip()[:60]
    with writing(desk.db) as db:
        row = stock_takes.scan_of(db, id, barcode)
        as_shown = row is not None and means(one, row) in TAKEN_IN
        if as_shown:
            returns.take_in(desk, barcode, one.point_id)
    if as_shown:
        put_back.say_where(desk, [barcode])
    else:
        tell(_("这一册刚刚变了，什么都没改，请再看一眼。"), "stop")
    return redirect(url_for("admin.stock_take", id=id))


def end(desk: Desk, id: int) -> AnyResponse:
    """What was not seen is missing. Raises UnknownThing."""
    _ = desk.say()
    try:
        with writing(desk.db) as db:
            n = stock_takes.end(db, id, current_user.shown_as, desk.policy, desk.now())
            staff.log(db, current_user.name, "end_take", f"stock_take:{id}", desk.now(), missing=n)
        tell(
            _.n("清点完了，{n} 本记为清点缺失。", "清点完了，{n} 本记为清点缺失。", n)
            if n
            else _("清点完了，一本不少。")
        )
    except TakeMoved:
        tell(_("这次清点已经结束了，什么都没改。"), "stop")
    except NothingScanned:
        tell(_("还一本都没有扫，这样结束的话全部的书都会记成缺失。先扫几本，或者点「不清点了」。"), "stop")
    return redirect(url_for("admin.stock_take", id=id))


def call_off(desk: Desk, id: int) -> AnyResponse:
    """Nothing is marked. Raises UnknownThing."""
    _ = desk.say()
    try:
        with writing(desk.db) as db:
            stock_takes.call_off(db, id, current_user.shown_as, desk.now())
            staff.log(db, current_user.name, "call_off_take", f"stock_take:{id}", desk.now())
        tell(_("不清点了，没扫到的什么都没记。"))
    except TakeMoved:
        tell(_("这次清点已经结束了，什么都没改。"), "stop")
    return redirect(url_for("admin.stock_takes"))
