"""我的快递到哪了: each parcel's own line, and the reader's word that it has come."""

from __future__ import annotations

import re

from bot import parcel_news
from bot.events import Button
from bot.folding import fold
from bot.talk import Talk
from bot.texts import menu, rows
from lending import orders, parcels, rounds, tracking
from lending.errors import UnknownThing
from lending.model import Fulfilment, OrderState
from lending.orders import Order

WHAT = "(我的|我借的|这个|那个)?(书|包裹|快递|东西)"
CAME = re.compile(
    rf"((我们?家?|家里?人?)?(?>已经?|都|刚才|刚刚?)*(拿到|收到|签收)([了啦]{WHAT}?|{WHAT}[了啦])"
    rf"|{WHAT}我?(?>已经?|都|刚才|刚刚?)*(拿到|收到|签收|取到|到手)[了啦])[吧啊啦呀]?([ ,.!~]*(谢谢|多谢|感谢).{{0,4}})?"
    r"|(i|we)( have|'ve)?( just| already)? (got|received) ((the|my|our) (books?|parcels?|packages?|delivery)|it|them)"
    r"|((the|my|our) (books?|parcels?|packages?|delivery)|it|they|everything)('s|'ve| has| have| is| are)?( just| already| finally| now)*"
    r" (arrived|come|came|here|been delivered|got here|turned up)( today| now| safely| just now| thanks| thank you)*"
)

NOT_HERE = re.compile(
    rf"({WHAT})?(我们?)?(家里?)?(?>还|都|到现在|一直|根本)*(没有?|未)(收到|拿到|送到|送来)(过)?({WHAT})?[呢啊呀啦吧]?"
    r"|(it|they|the parcel|my parcel|the books?|my books?)? ?((has|have)(n't| not)|did(n't| not)|never) (arrived?|come|came)( yet)?"
)
ON_THE_WAY = (OrderState.IN_REVIEW, OrderState.APPROVED, OrderState.PICKING, OrderState.PACKED, OrderState.SHIPPED)
PRONOUNS = ("it", "they", "everything")


def came(talk: Talk) -> str:
    """The press by which a reader says that a parcel has come, where they say so in words; '' where they do not.

    Of several orders on their way the reader is shown all.
    """
    open_to_it = talk.intent.likened or talk.intent.name in ("search", "thanks")
    said = fold(talk.event.text).strip(" .,!~")
    if not open_to_it or not CAME.fullmatch(said):
        return ""
    coming = [order for order in orders.of_reader(talk.db, talk.reader.id) if buttons(talk, order)]
    if len(coming) == 1:
        return f"got:{coming[0].number}"
    alone = talk.intent.name == "thanks" or said.startswith(PRONOUNS)  # says nothing unless something is on its way
    return "i:show_orders" if coming or not alone else ""


def absent(talk: Talk) -> str:
    """The same where they say that it has not come: of the one parcel that nobody has spoken of; '' where there is none.

    Of several the reader is shown their order, with a button for each; where nobody waits for their word, the order
    on its way to their door.
    """
    open_to_it = talk.intent.likened or talk.intent.name in ("search", "show_orders")
    if not open_to_it or not NOT_HERE.fullmatch(fold(talk.event.text).strip(" .,!~")):
        return ""
    found = [one for order in orders.of_reader(talk.db, talk.reader.id) for one in not_come(talk, order)]
    if len(found) == 1:
        return found[0].action
    if found:
        return f"order:{found[0].action.split(':')[1]}"
    mine = orders.of_reader(talk.db, talk.reader.id)
    coming = [one for one in mine if one.fulfilment is Fulfilment.DELIVERY and one.state in ON_THE_WAY]
    return "" if not coming else f"order:{coming[0].number}" if len(coming) == 1 else "i:show_orders"


def lines(talk: Talk, order: Order) -> list[str]:
    """Where the order's parcels are; nothing for an order without any."""
    return parcel_news.where(talk._, talk.db, talk.policy, order, talk.now)


def buttons(talk: Talk, order: Order) -> list[Button]:
    """What the reader can say about the parcels."""
    return list(parcel_news.got_it(talk._, talk.db, order, talk.now).values())


def not_come(talk: Talk, order: Order) -> list[Button]:
    """What they can say where nobody knows whether a round went."""
    return list(parcel_news.not_here(talk._, talk.db, order, talk.now).values())


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


def not_here(talk: Talk, number: str, parcel_id: str) -> None:
    """ "没有收到" of a round that nobody wrote down: believed at once, and the next round brings it."""
    _, order = talk._, orders.by_number(talk.db, number, talk.reader.id)
    one = next((one for one in parcels.of_order(talk.db, order.id) if parcel_id == str(one.id)), None)
    if one is None:
        raise UnknownThing("order", number)
    if not one.round_at or one.state not in parcel_news.UNSAID:
        return talk.say("\n".join(lines(talk, order)), rows(Button(_("看这个订单"), f"order:{number}"), menu(_, "escalate")))
    run = rounds.did_not_come(talk.db, one.id, talk.reader.id, talk.policy, talk.now)
    text = _("对不起，让您白等了。最近没有能带它的送书班次，馆员会另想办法送，也会和您联系。")
    if run:
        text = "\n".join([_("对不起，让您白等了。改在下一班送："), *lines(talk, order)])
    talk.say(text, rows(Button(_("看这个订单"), f"order:{number}"), menu(_, "escalate")))
