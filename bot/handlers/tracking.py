"""我的快递到哪了: each parcel's own line, and the reader's word that it has come."""

from __future__ import annotations

from bot import parcel_news
from bot.events import Button
from bot.talk import Talk
from bot.texts import menu, rows
from lending import orders, parcels, tracking
from lending.errors import UnknownThing
from lending.orders import Order


def lines(talk: Talk, order: Order) -> list[str]:
    """Where the order's parcels are; nothing for an order without any."""
    return parcel_news.where(talk._, talk.db, talk.policy, order)


def buttons(talk: Talk, order: Order) -> list[Button]:
    """What the reader can say about the parcels."""
    return list(parcel_news.got_it(talk._, talk.db, order).values())


def got_it(talk: Talk, number: str, parcel_id: str = "") -> None:
    """ "我拿到了": the loans of this parcel's books start now. A button that names the order alone asks which it is."""
    _, order = talk._, orders.by_number(talk.db, number, talk.reader.id)
    mine = parcels.of_order(talk.db, order.id)
    if not parcel_id and len(mine) > 1:
        which = buttons(talk, order)
        asked = [_("拿到的是哪一个包裹？")] if which else []
        return talk.say("\n".join([*asked, *lines(talk, order)]), rows(*which, menu(_, "show_orders")))
    one = next((one for one in mine if parcel_id in ("", str(one.id))), None)
    if one is None:
        raise UnknownThing("order", number)
    new = tracking.received(talk.db, one.id, talk.reader.id, talk.policy, talk.now)
    found = orders.books(talk.db, order.id)
    titles = _.books([book["title"] for book in found if len(mine) == 1 or book["parcel_id"] == one.id])
    known = _("这个包裹已经签收过了：{books}", books=titles)
    told = _("好的，{books}到您手里了，借期从现在算起。", books=titles) if new else known
    talk.say(told, rows(menu(_, "show_loans"), menu(_, "return_books")))
