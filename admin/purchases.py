"""书店新书: the shop's list, purchases that wait for a person, and the barcode under which a new book enters (A2-4)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from functools import partial

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from admin import masks, staff
from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import MOST, again, page
from lending import catalogue, looks, purchases
from lending.audience import ADULTS
from lending.database import Database, writing
from lending.errors import UnknownThing
from lending.importing import audiences
from lending.model import typed
from lending.purchases import Purchase, PurchaseMoved, ShopBook
from search.isbn import isbn13

STATES = {"asked": N_("等馆员看"), "approved": N_("等书店寄出")}
MOST_LINES = 500


def add_to(made: Blueprint, desk: Desk) -> None:
    """The page, an answer, an address, the sending, the list."""
    one = f"/purchases/<int(max={2**63 - 1}):id>"
    made.add_url_rule("/purchases", "purchases", partial(show, desk))
    made.add_url_rule(one, "decide_purchase", partial(decide, desk), methods=["POST"])
    made.add_url_rule(f"{one}/address", "purchase_address", partial(show_address, desk), methods=["POST"])
    made.add_url_rule(f"{one}/sent", "send_purchase", partial(send, desk), methods=["POST"])
    made.add_url_rule(f"{one}/lost", "lose_purchase", partial(lose, desk), methods=["POST"])
    made.add_url_rule("/purchases/list", "store_shop_list", partial(store_list, desk), methods=["POST"])


def show(desk: Desk, in_full: int = 0) -> str:
    """What waits, and what the shop offers. The address of the purchase `in_full` is not masked."""
    waiting = [
        (one, one.address if one.id == in_full else masks.address(one.address))
        for one in purchases.listed(desk.db, limit=MOST)
    ]
    many = purchases.how_many_on_offer(desk.db, desk.policy)
    return page(
        "purchases.html", waiting=waiting, full=MOST if len(waiting) == MOST else 0, in_full=in_full,
        offers=purchases.on_offer(desk.db, desk.policy, MOST), many=many, more=MOST if many > MOST else 0,
        states=STATES, points=catalogue.points(desk.db, "branch"), caps=desk.policy.purchases,
        sent=purchases.sent_out(desk.db, MOST),
    )  # fmt: skip


def show_address(desk: Desk, id: int) -> str:
    """Where the shop is to send it, in full; that it was looked at is written down (B2-22)."""
    one = purchases.purchase(desk.db, id)
    staff.log(desk.db, current_user.name, "see_address", f"purchase:{id}", desk.now())
    looks.note(desk.db, one.reader_id, current_user.shown_as, looks.ADDRESS, one.number, desk.now())
    return show(desk, id)


def decide(desk: Desk, id: int) -> AnyResponse:
    """Yes, or no with a reason."""
    _, yes, reason = desk.say(), request.form.get("answer") == "yes", request.form.get("reason", "").strip()[:300]
    if not yes and not reason:
        tell(_("请写一句原因，读者会看到。"), "stop")
    else:
        _do(desk, id, "decide_purchase", lambda db: purchases.decide(db, id, yes, reason, desk.now()))
    return redirect(url_for("admin.purchases"))


def send(desk: Desk, id: int) -> AnyResponse | tuple[str, int]:
    """Sent by the shop: the new copy's barcode, and the branch it belongs to."""
    _, barcode, point = desk.say(), typed(request.form.get("barcode", ""))[:60], request.form.get("point", "")
    branches = [str(branch.id) for branch in catalogue.points(desk.db, "branch")]
    if not barcode or point not in branches:
        tell(_("请填新书的条码，选它所属的馆。"), "stop")
        return again("purchases")
    if not _do(desk, id, "send_purchase",
               lambda db: purchases.send(db, id, barcode, int(point), desk.policy, desk.now())):  # fmt: skip
        return again("purchases", 409)
    return redirect(url_for("admin.purchases"))


def lose(desk: Desk, id: int) -> AnyResponse:
    """What the shop has sent never came to the reader."""
    actor = f"staff:{current_user.shown_as}"
    _do(desk, id, "lose_purchase", lambda db: purchases.lose(db, id, actor, desk.policy, desk.now()))
    return redirect(url_for("admin.purchases"))


def _do(desk: Desk, id: int, deed: str, work: Callable[[Database], Purchase]) -> bool:
    """Whether it was done; either way the librarian is told."""
    _ = desk.say()
    try:
        with writing(desk.db) as db:
            moved = work(db)
            staff.log(db, current_user.name, deed, f"purchase:{id}", desk.now(), state=moved.state)
    except UnknownThing as error:
        if error.kind != "barcode":
            raise
        tell(_("新书要贴一个没用过的条码，「{barcode}」不行。", barcode=error.name), "stop")
        return False
    except PurchaseMoved as error:
        tell(_("没有办成：{number} 刚刚变了，请再看一眼。", number=error.number), "stop")
        return False
    tell(_("《{title}》办好了，读者会收到消息。", title=moved.title))
    return True


def store_list(desk: Desk) -> AnyResponse | tuple[str, int]:
    """The shop's list, pasted as a table; a line that cannot be read is named, the others are kept."""
    _, shop = desk.say(), request.form.get("shop", "").strip()[:40]
    found, wrong = _read(request.form.get("list", ""))
    if not shop or not (found or wrong):
        tell(_("请写书店的名字，再贴上书单，一行一本。"), "stop")
        return again("purchases")
    if not found:
        told = _(
            "没有一行看懂了。每行六项，用逗号分开：书名,作者,出版社,年,ISBN,价格（元）；只给成人的，第七项写「仅限成人」。"
        )
        tell(told, "stop")
        return again("purchases")
    count = purchases.store_list(desk.db, shop, found)
    staff.log(desk.db, current_user.name, "store_shop_list", f"shop:{shop}", desk.now(), books=count)
    tell(_.n("书单上有 {n} 本。", "书单上有 {n} 本。", count))
    if left := count - purchases.how_many_on_offer(desk.db, desk.policy, shop):
        tell(_.n("其中 {n} 本读者选不了：超过了每本的价钱，或者馆里已经有、已经在买。",
                 "其中 {n} 本读者选不了：超过了每本的价钱，或者馆里已经有、已经在买。", left), "stop")  # fmt: skip
    if wrong:
        tell(_("这几行没有看懂：{lines}", lines=_.listed(str(line) for line in wrong[:20])), "stop")
    return redirect(url_for("admin.purchases"))


def _read(text: str) -> tuple[list[ShopBook], list[int]]:
    """Lines of title, authors, publisher, year, ISBN, price in yuan, perhaps 仅限成人; the numbers of the others."""
    found, wrong = [], []
    for number, cells in enumerate(csv.reader(io.StringIO(text.strip()[:200_000])), 1):
        book = _book([cell.strip() for cell in cells]) if number <= MOST_LINES else None
        if book:
            found.append(book)
        elif any(cells):
            wrong.append(number)
    return found, wrong


def _book(cells: list[str]) -> ShopBook | None:
    only = audiences.flag(cells[6]) if len(cells) == 7 else False
    if len(cells) not in (6, 7) or only is None or not cells[0] or not (isbn := isbn13(cells[4])):
        return None
    price = cells[5].lstrip("¥￥")
    if not price.replace(".", "", 1).isdecimal() or not price.isascii() or len(price) > 8 or float(price) <= 0:
        return None
    year = int(cells[3]) if cells[3].isascii() and cells[3].isdecimal() and len(cells[3]) == 4 else None
    names, fen = (cells[0][:200], cells[1][:200], cells[2][:100]), round(float(price) * 100)
    return ShopBook(0, "", isbn, *names, year, fen, ADULTS if only else "")
