"""这一册: a label in a book was scanned; what can be done with that very copy, here and now (A2-13)."""

from __future__ import annotations

from bot import acting, books
from bot.events import Button
from bot.handlers import lists, loans
from bot.talk import Talk
from bot.texts import N_, menu, refusal, rows
from lending import audience, catalogue, checkouts, decisions, orders, readers
from lending import loans as lent
from lending.catalogue import Copy
from lending.errors import NotAllowed, UnknownThing
from lending.loans import Loan
from lending.model import CopyState

Said = tuple[str, tuple[Button, ...]]

ELSEWHERE = {  # of a copy that is not to be had now; who has it or waits for it is nobody else's business
    "available": N_("这一册有人预约了，先留给等着的读者。"),
    "reserved": N_("这一册已经留给一位读者了。"),
    "in_transit": N_("这一册在路上，到馆以后才能借。"),
    "awaiting": N_("这一册在等预订它的读者来取。"),
    "on_loan": N_("这一册在一位读者名下。要是您捡到了它，还到任何馆、任何书柜都行，谢谢您。"),
    "damaged": N_("这一册要先修补，修好了再借。"),
    "kept": N_("这一册已经留给一位读者了。"),
    "missing": N_("这一册在架上没找到，正在找。要是它就在您手边，交给服务台，或还到任何馆、任何书柜都行，谢谢您。"),
    "lost": N_("这一册登记了丢失。要是您找到了它，还到任何馆、任何书柜都行，谢谢您。"),
    "withdrawn": N_("这一册不再外借了。"),
}


def show_copy(talk: Talk, barcode: str) -> None:
    """The card of one copy: what it is, how it stands, and what the reader can do. Raises UnknownThing."""
    acting.stop(talk)  # whoever holds the book in their hand scans it for themselves
    _, copy = talk._, catalogue.scanned(talk.db, barcode)
    title = catalogue.title(talk.db, copy.title_id)
    lists.look_at(talk, title.id)
    mine = _mine(talk, copy) or _kept_for_me(talk, copy)
    if title.withdrawn and not mine:
        raise UnknownThing("title", str(title.id))
    said, buttons = mine or _here(talk, copy) or _elsewhere(talk, copy)
    lines = [books.name(title), books.byline(title), _("条码 {barcode}", barcode=copy.barcode), said]
    talk.say("\n".join(line for line in lines if line), rows(*buttons, menu(_, "escalate")))


def _mine(talk: Talk, copy: Copy) -> Said | None:
    """It is on the reader's own account: until when, renewing, bringing it back."""
    _ = talk._
    loan = next((one for one in lent.of_reader(talk.db, talk.reader.id) if one.barcode == copy.barcode), None)
    if loan is None:
        return None
    said = _("在您名下：{loan}", loan=loans.loan_line(talk, loan))
    return said, (*_renewing(talk, loan), menu(_, "return_books"), menu(_, "show_loans"))


def _renewing(talk: Talk, loan: Loan) -> tuple[Button, ...]:
    can = loans.renewable(talk, loan)
    return (Button(talk._("续借这本"), loans.renewal_action(loan)),) if can else ()


def _kept_for_me(talk: Talk, copy: Copy) -> Said | None:
    """In an order of the reader's, or on the shelf for the place they have in the queue."""
    _, order = talk._, orders.with_copy(talk.db, copy.id, talk.reader.id)
    if order is not None:
        return _("在您的订单 {number} 里。", number=order.number), (Button(_("看这个订单"), f"order:{order.number}"),)
    if copy.state == CopyState.RESERVED and checkouts.free_for(talk.db, copy, talk.reader.id):
        return _("这是您预约的书，给您留着。"), (Button(_("借这本"), f"b:{copy.title_id}"), menu(_, "show_holds"))
    return None


def _here(talk: Talk, copy: Copy) -> Said | None:
    """On the shelf and free: to be had at once at the desk, or ordered; or why this reader may not, and the way out."""
    _ = talk._
    if copy.state != CopyState.AVAILABLE or not checkouts.free_for(talk.db, copy, talk.reader.id):
        return None
    point = catalogue.point(talk.db, copy.point_id)
    readers.set_point(talk.db, talk.reader.id, point.id)
    stands = " ".join(part for part in (copy.call_number, books.shelf_place(_, copy.stands_at)) if part)
    said = _("在{point}的架上，现在就能借。", point=books.place_name(_, point)) + (f" {stands}" if stands else "")
    order = Button(_("借这本"), f"b:{copy.title_id}")
    facts, title = decisions.facts(talk.db, talk.reader.id, talk.now), catalogue.title(talk.db, copy.title_id)
    decision = checkouts.may_take(talk.db, facts, copy, copy.point_id, talk.policy, talk.now)
    decision = audience.within(talk.db, decision, facts, [vars(title)], talk.policy)
    if not decision.allowed:
        why, ways = refusal(_, NotAllowed(decision))
        return f"{said}\n{why}", tuple(way for way in ways if way != menu(_, "escalate"))
    how = _("人在馆里：拿到服务台或自助机办一下，马上带走。不在馆里：点「借这本」，放到您方便的地方取。")
    return f"{said}\n{how}", (order, Button(_("自助机用的卡"), "kiosk"), Button(_("详情"), f"t:{copy.title_id}"))


def _elsewhere(talk: Talk, copy: Copy) -> Said:
    """Somebody else's, or nobody's for now: another copy, or the queue."""
    _, stock = talk._, catalogue.availability(talk.db, [copy.title_id])[copy.title_id]
    others = _("这种书：{stock}。", stock=books.stock_line(_, stock))
    return f"{_(ELSEWHERE[copy.standing])}\n{others}", books.book_buttons(_, copy.title_id, stock)
