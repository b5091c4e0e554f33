"""Where a book is put that a librarian has just brought back into circulation, if not simply on its shelf."""

from __future__ import annotations

from collections.abc import Iterable

from admin.desk import Desk
from admin.guard import tell
from lending import catalogue, cities


def say_where(desk: Desk, barcodes: Iterable[str]) -> None:
    """Whoever waits for one of these has it kept by now; one of another city may have to go home first."""
    _ = desk.say()
    for barcode in barcodes:
        copy = catalogue.scanned(desk.db, barcode)
        title = catalogue.title(desk.db, copy.title_id).title
        if copy.standing == "kept":
            tell(_("有读者在等《{title}》：请放到预约架，通知会自己发出。", title=title))
        elif copy.standing == "damaged":
            tell(_("《{title}》登记为损坏：请放到修补架。", title=title))
        elif copy.standing == "withdrawn":
            tell(_("《{title}》已经剔除，不再上架。", title=title))
        elif away := cities.stray(desk.db, copy.barcode, desk.policy):
            home = catalogue.point(desk.db, away.point_id)
            place, city = _.called(home.name, home.name_en), desk.cities().get(home.city, "")
            tell(_("《{title}》请送回{city}：{place}。", title=title, city=city, place=place))
