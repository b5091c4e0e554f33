"""扫码牌、书标: signs for counters, machines and lockers, and labels for books, to be printed (A2-13)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import segno
from flask import Blueprint, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from admin.desk import N_, Desk
from admin.guard import tell
from admin.pages import page
from lending import catalogue, printed_codes
from lending.catalogue import Point
from lending.database import Row

SIZES = ("A6", "A4")
SHEET = 24  # labels of 70 × 37 mm on one A4 sheet
SHEETS = 10  # at once
KINDS = {"counter": N_("服务台"), "machine": N_("自助机"), "locker": N_("书柜")}
STEPS = {
    "counter": (
        N_("扫码，打开「书信」：免押金，不用办卡。"), N_("发书名找书，点「借这本」；或拿着书到服务台办。"),
        N_("还书放在这里就行，还到任何馆、任何书柜也行。"),
    ),
    "machine": (
        N_("扫码，打开「书信」，点「自助机用的卡」。"), N_("在自助机上先扫卡，再把书一本本放上去。"),
        N_("还书不用卡，直接放上去。"),
    ),
    "locker": (
        N_("扫码，打开「书信」，发书名，下单时选这个书柜。"), N_("书放好了会告诉您：凭取书码开门。"),
        N_("还书也放这里：照屏幕上的提示放进格口，关好门。"),
    ),
}  # fmt: skip
OPENS = {"web": N_("手机扫一扫"), "telegram": "Telegram"}


def add_to(made: Blueprint, desk: Desk) -> None:
    """The room, a printed sheet of signs, and one of labels."""
    made.add_url_rule("/signs", "signs", partial(show, desk))
    made.add_url_rule("/signs/print", "print_signs", partial(print_signs, desk))
    made.add_url_rule("/signs/labels", "book_labels", partial(print_labels, desk))


def show(desk: Desk) -> str:
    """Which signs, which books."""
    points = catalogue.points(desk.db)
    return page(
        "signs.html", choices=[(point, kind) for point in points for kind in _kinds(point)], kinds=KINDS, sizes=SIZES,
        branches=[point for point in points if point.kind == "branch"], sheet=SHEET, sheets=SHEETS,
    )  # fmt: skip


def _kinds(point: Point) -> tuple[str, ...]:
    return ("locker",) if point.kind == "locker" else ("counter", "machine")


def print_signs(desk: Desk) -> AnyResponse | str:
    """One for each place chosen: its name, three steps, and the code that opens the talk there."""
    chosen, size = set(request.args.getlist("place")), request.args.get("size", "")
    found = [
        (point, kind, codes(desk, printed_codes.of_point(point.id, kind == "machine"), scale=4))
        for point in catalogue.points(desk.db) for kind in _kinds(point) if f"{point.id}:{kind}" in chosen
    ]  # fmt: skip
    if not found:
        tell(desk.say()("请先选要印哪几块牌子。"), "stop")
        return redirect(url_for("admin.signs"))
    size = size if size in SIZES else SIZES[0]
    return page("signs_print.html", found=found, size=size, kinds=KINDS, steps=STEPS, opens=OPENS)


def print_labels(desk: Desk) -> AnyResponse | str:
    """For the copies named by barcode, or the newest of a branch."""
    lines = [line.strip() for line in request.args.get("barcodes", "").splitlines()]
    wanted = [*dict.fromkeys(line for line in lines if line)][: SHEET * SHEETS]
    named = printed_codes.copies_named(desk.db, wanted)
    rows = list({row["barcode"]: row for row in named.values()}.values()) if wanted else _newest(desk)
    unknown = [one for one in wanted if one not in named]
    if not rows:
        tell(desk.say()("没有找到要印书标的书，请看一下条码或馆。"), "stop")
        return redirect(url_for("admin.signs"))
    found = [(row, _code(desk, row["barcode"])) for row in rows]
    return page("book_labels.html", found=found, unknown=unknown)


def _newest(desk: Desk) -> list[Row]:
    branch, sheets = request.args.get("branch", ""), request.args.get("sheets", "")
    if not (branch.isascii() and branch.isdigit() and len(branch) < 15):
        return []
    many = int(sheets) if sheets.isascii() and sheets.isdigit() and 0 < len(sheets) < 3 else 1
    return printed_codes.newest_copies(desk.db, int(branch), SHEET * min(max(many, 1), SHEETS))


def codes(desk: Desk, carried: str, scale: int) -> Mapping[str, Markup]:
    """The codes that open the talk, by where; nothing where there is nothing to carry."""
    doors = desk.doors(carried, request.host_url.rstrip("/")) if carried else {}
    return {where: _picture(address, scale) for where, address in doors.items()}


def _code(desk: Desk, barcode: str) -> Markup | str:
    """One code for a small label: the page where there is one, else Telegram."""
    return next(iter(codes(desk, printed_codes.of_copy(barcode), scale=2).values()), "")


def _picture(address: str, scale: int) -> Markup:
    made = segno.make(address, error="m", micro=False)
    return Markup(made.svg_inline(scale=scale, border=4, svgclass="qr", lineclass=None, omitsize=True))
