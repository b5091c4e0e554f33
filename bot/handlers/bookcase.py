"""我的书架: all of a reader's books at a glance, with their number wherever the menu stands (A2-15)."""

from __future__ import annotations

from bot.events import Button
from bot.talk import Talk
from bot.texts import ORDER_STATES, Words, menu, rows
from lending import bookcase
from lending.bookcase import Book
from lending.model import parse_stamp


def button(talk: Talk) -> Button:
    """ "我的书架 3", as it is now; for somebody else only their loans, as far as they are to be seen (D-12)."""
    if talk.acting is not None:
        return menu(talk._, "show_loans")
    return Button(talk._("我的书架 {n}", n=bookcase.count(talk.db, talk.reader.id)), "mine")


def show(talk: Talk) -> None:
    """What is at home, on its way and waited for; each has its own list one press away."""
    _, found = talk._, bookcase.books(talk.db, talk.reader.id)
    if not found:
        return talk.say(
            _("书架还空着。想看什么书？"), rows(menu(_, "new_books"), menu(_, "browse"), menu(_, "recommend"))
        )
    lines = [_.n("您的书架上有 {n} 本：", "您的书架上有 {n} 本：", len(found))]
    lines += [f"{n}. 《{book.title}》 {_where(_, book)}" for n, book in enumerate(found, 1)]
    kinds = {book.kind for book in found}
    ways = {"loan": "show_loans", "order": "show_orders", "hold": "show_holds"}
    more = (menu(_, "return_books"),) if "loan" in kinds else ()
    talk.say("\n".join(lines), rows(*(menu(_, way) for kind, way in ways.items() if kind in kinds), *more))


def _where(_: Words, book: Book) -> str:
    if book.kind == "loan":
        return _("{day} 到期", day=_.day(parse_stamp(book.at)))
    if book.kind == "order":
        return _(ORDER_STATES[book.state])
    return _("为您留着") if book.state == "ready" else _("排队等着")
