"""我的快递到哪了: each parcel's own line, and the reader's word that it has come."""

from __future__ import annotations

from bot import parcel_news
from bot.events import Button
from bot.talk import Talk
from bot.texts import menu, rows
from lending import orders, tracking
from lending.orders import Order


def lines(talk: Talk, order: Order) -> list[str]:
    """Where the order's parcels are; nothing for an order without any."""
    return parcel_news.where(talk._, talk.db, talk.policy, order)


def buttons(talk: Talk, order: Order) -> list[Button]:
    """What the reader can say about the parcels."""
    return [parcel_news.got_it(talk._, order.number)] if parcel_news.may_be_received(talk.db, order) else []


def got_it(talk: Talk, number: str) -> None:
    """ "我拿到了": the loans start now. Pressed again it says the same."""
    _, order = talk._, orders.by_number(talk.db, number, talk.reader.id)
    tracking.received(talk.db, number, talk.reader.id, talk.policy, talk.now)
    titles = _.books([book["title"] for book in orders.books(talk.db, order.id)])
    talk.say(
        _("好的，{books}到您手里了，借期从现在算起。", books=titles),
        rows(menu(_, "show_loans"), menu(_, "return_books")),
    )
