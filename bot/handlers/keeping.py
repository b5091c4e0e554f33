"""多留几天: books that wait in a locker, at a counter or for a hold are kept longer, once (D 29, D 39)."""

from __future__ import annotations

from bot import acting, keep_words
from bot.events import Button
from bot.handlers import appointing, finding, following, holding, proving, seeking
from bot.handlers import loans as renewing
from bot.talk import Talk
from bot.texts import menu, rows
from lending import extensions, holds, loans, orders
from lending.model import OrderState

UNTIL = "保留到"  # what phrases.toml makes of the question until when books wait, or whether it may be longer
LONGER = "多留"  # of "keep it longer", which may be said of a book that waits, or of one at home
EMPTY = "空的"  # of "nothing there", said at a locker or a shelf


def show_orders(talk: Talk) -> None:
    """All orders; or, asked until when books wait, those that do and the copies kept, with what keeps them longer.

    Or a time to come for them: booked, changed, given back; or that the reader has come.
    """
    if talk.slot("query") == EMPTY:
        return _nothing_there(talk)
    if talk.slot("query") in (UNTIL, LONGER):
        return show_waiting(talk)
    if heard := appointing.HEARD.get(talk.slot("query")):
        return heard(talk)
    following.show_orders(talk)


def waits(talk: Talk, ordered: bool) -> bool:
    """Whether books are kept for a hold, or, where `ordered` ones count, wait to be fetched."""
    mine = orders.of_reader(talk.db, talk.reader.id) if ordered else []
    return any(order.state in extensions.WAITING for order in mine) or any(hold.state == "ready" for hold in holds.of_reader(talk.db, talk.reader.id))


def show_waiting(talk: Talk) -> None:
    """What waits, until when, and what keeps it longer."""
    _ = talk._
    lines: list[str] = []
    buttons: list[Button] = []
    for order in orders.of_reader(talk.db, talk.reader.id):
        if order.state in extensions.WAITING:
            lines.append(following.line(talk, order))
            buttons.append(Button(order.number, f"order:{order.number}"))
            buttons += keep_words.of_order(_, talk.db, order, talk.policy, talk.now)
    for hold in holds.of_reader(talk.db, talk.reader.id) if acting.allowed(talk, "see_holds") else []:
        if hold.state == "ready":
            lines.append(holding.line(talk, hold))
            buttons.append(Button(_("借《{title}》", title=hold.title[:16]), f"b:{hold.title_id}"))
            buttons += keep_words.of_hold(_, talk.db, hold, talk.policy, talk.now)
    if not lines and talk.slot("query") == LONGER and loans.of_reader(talk.db, talk.reader.id):
        return renewing.renew(talk)
    if not lines:
        ways = (menu(_, "show_orders"), menu(_, "show_holds"), menu(_, "faq"))
        promise = talk.policy.promise
        told = (
            _("现在没有等您来取的书。"),
            _("下单后 {hours} 小时内备好；在书柜或馆里为您保留 {days} 天。", hours=promise.ready_hours, days=promise.pickup_days),
            _("赶上下班的，顺延到再上班的时候；几点前备好，下单前写明。"),
        )
        return talk.say(_.together(*told), rows(*ways))
    said = [_("等您来取的书："), *(f"{n}. {line}" for n, line in enumerate(lines, 1))]
    talk.say("\n".join(said), rows(*buttons, across=2))


def _nothing_there(talk: Talk) -> None:
    """The locker is empty, or the shelf, or nothing has come yet."""
    if any(order.state is OrderState.IN_LOCKER for order in orders.of_reader(talk.db, talk.reader.id)):
        return proving.ask_door(talk)
    if title_id := finding.on_show(talk):
        return seeking.seek(talk, str(title_id))
    following.show_orders(talk)


def keep_order(talk: Talk, number: str) -> None:
    """The books of an order some days longer."""
    _ = talk._
    until = extensions.keep_order(talk.db, number, talk.reader.id, talk.policy, talk.now)
    see = Button(_("看这个订单"), f"order:{number}")
    talk.say(_("好，订单 {number} 为您留到 {moment}，不着急。", number=number, moment=_.moment(until)), rows(see))


def keep_hold(talk: Talk, hold_id: str) -> None:
    """A copy kept for this reader some days longer."""
    _ = talk._
    hold = extensions.keep_hold(talk.db, int(hold_id), talk.reader.id, talk.policy, talk.now)
    assert hold.ready_until is not None
    text = _("好，《{title}》为您留到 {moment}，不着急。", title=hold.title, moment=_.moment(hold.ready_until))
    talk.say(text, rows(Button(_("借这本"), f"b:{hold.title_id}"), menu(_, "show_holds")))
