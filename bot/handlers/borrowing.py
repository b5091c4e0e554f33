"""借书: into the cart and out of it (A10-7). Three taps from a search to an order (A1-14)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot import books, numbers, offered
from bot.events import Button
from bot.folding import fold
from bot.handlers import finding, following, getting, lists, picking, shelving
from bot.numbers import NUMBER, to_int
from bot.talk import Talk
from bot.texts import menu, refusal, rows
from lending import cart, catalogue, holds, orders
from lending.errors import CartEmpty, LendingError, NoCopyAvailable
from lending.model import OrderState

BOTH = "两本都要"  # what phrases.toml makes of it
ONE_MORE = re.compile("[再还多].{0,2}[加来借要添][一几两]?[本些]")
IN_THE_CART = re.compile(r"车|車|篮|籃|cart|basket|\bbag")
BUTTONS = 8  # books of the cart with buttons of their own
LINE = re.compile("第.{1,3}[条项]")


def borrow(talk: Talk) -> None:
    """ "借第2本" · "借《围城》" · "借第1本和第3本": into the cart, then how to get it."""
    if talk.slot("query") == BOTH:
        return borrow_both(talk)
    if talk.slot("query"):
        return borrow_several(talk, [to_int(n) or 0 for n in re.findall(NUMBER, fold(talk.slot("query")))])
    title_id = finding.meant_title(talk)
    return finding.which(talk) if title_id is None else borrow_title(talk, str(title_id))


def borrow_title(talk: Talk, title_id: str) -> None:
    """One book more, straight on to the ways of getting it."""
    _, title = talk._, catalogue.title(talk.db, int(title_id))
    _must_be_free(talk, title)
    lists.look_at(talk, title.id)  # refused, it is the book that is asked about next
    new = cart.add(talk.db, talk.reader.id, title.id, talk.policy, talk.now)
    said = (
        _("《{title}》放进借书车了。", title=title.title)
        if new
        else _("《{title}》已经在借书车里。", title=title.title)
    )
    picking.ways(talk, said)


def borrow_several(talk: Talk, numbers: list[int]) -> None:
    """Some of the list on show; of those that cannot come along each is named with its reason."""
    _ = talk._
    wanted = {n: lists.nth(talk, n) for n in numbers}
    missing = [_("没有第 {n} 本。", n=n) for n, title_id in wanted.items() if title_id is None]
    take(talk, [title_id for title_id in wanted.values() if title_id is not None], missing)


def borrow_both(talk: Talk) -> None:
    """The last two books looked at, where one of them stands there still; asked first where other books stand too."""
    _, looked = talk._, talk.memory.get("looked", [])
    if not two_stand(talk):
        return finding.which(talk)
    if talk.memory.get("title") == looked[-1]:
        return take_two(talk, *map(str, looked))
    titles = catalogue.titles(talk.db, looked)
    talk.memory["confirm"] = f"two:{looked[0]}:{looked[1]}"
    both = Button(_("都借上"), talk.memory["confirm"])
    named = _.books([titles[one].title for one in looked])
    talk.say(_("您说的是{books}吗？", books=named), rows(both, *finding.standing(talk), across=1))


def two_stand(talk: Talk) -> bool:
    """Whether two books were looked at, and the last of them stands there still."""
    looked = talk.memory.get("looked", [])
    return len(looked) > 1 and _stands(talk, looked[-1])


def _stands(talk: Talk, title_id: int) -> bool:
    """Whether what was offered last is about this book."""
    about = {f"{word}:{title_id}" for word in ("t", "b", "hold", "same")}
    return any(offered.bare(action) in about for action, _label in talk.memory.get("choices", []))


def take_two(talk: Talk, title_id: str, other_id: str) -> None:
    """Yes, both."""
    take(talk, [int(title_id), int(other_id)])


def take_again(talk: Talk, number: str) -> None:
    """The books of an order that was cancelled: into the cart again, where they are still to be had."""
    order = orders.by_number(talk.db, number, talk.reader.id)
    title_ids = [int(book["title_id"]) for book in orders.books(talk.db, order.id)]
    if order.state is not OrderState.CANCELLED or not title_ids:
        return following.show_order(talk, number)
    take(talk, title_ids)


def take(talk: Talk, title_ids: list[int], refused: Sequence[str] = ()) -> None:
    """Into the cart; what cannot come along is named with its reason, behind what is `refused` already."""
    _, refused = talk._, list(refused)
    taken: list[str] = []
    for title_id in title_ids:
        title = catalogue.title(talk.db, title_id)
        try:
            _must_be_free(talk, title)
            cart.add(talk.db, talk.reader.id, title.id, talk.policy, talk.now)
        except LendingError as error:
            why = refusal(_, error)[0]
            refused.append(why if title.title in why else _("《{title}》：{why}", title=title.title, why=why))
        else:
            taken.append(title.title)
    if not taken:
        return talk.say("\n".join(refused), rows(menu(_, "show_cart"), menu(_, "browse")))
    picking.ways(talk, "\n".join([_("{books}放进借书车了。", books=_.books(taken)), *refused]))


def _must_be_free(talk: Talk, title: catalogue.Title) -> None:
    stock = catalogue.availability(talk.db, [title.id])[title.id]
    if not stock.total:
        raise NoCopyAvailable(title.id, title.title, False)
    mine = holds.of_reader(talk.db, talk.reader.id) if not stock.available else []
    if not stock.available and not any(hold.title_id == title.id and hold.state == "ready" for hold in mine):
        raise NoCopyAvailable(title.id, title.title, True, stock.shut > 0)


def add_to_cart(talk: Talk) -> None:
    """ "把第2本放进借书车": in, and stay with the list; "暂存": put by."""
    _, title_id = talk._, finding.meant_title(talk)
    if title_id is None:
        return finding.which(talk)
    if shelving.asked(talk) and not IN_THE_CART.search(talk.event.text):
        return shelving.keep(talk, str(title_id))
    title = catalogue.title(talk.db, title_id)
    if title_id in cart.items(talk.db, talk.reader.id) and ONE_MORE.search(fold(talk.event.text)):
        return talk.say(_("想再加哪一本？发书名或作者给我，找到了点「借这本」。"), rows(menu(_, "show_cart"), menu(_, "browse")))
    _must_be_free(talk, title)
    cart.add(talk.db, talk.reader.id, title_id, talk.policy, talk.now)
    n = len(cart.items(talk.db, talk.reader.id))
    text = _.n(
        "《{title}》放进借书车了，车里共 {n} 本。", "《{title}》放进借书车了，车里共 {n} 本。", n, title=title.title
    )
    talk.say(text, rows(menu(_, "checkout"), menu(_, "show_cart")))


def show_cart(talk: Talk) -> None:
    """What is in it, each with a way out; the shelf for later when that is asked for."""
    _ = talk._
    if shelving.asked(talk):
        return shelving.show(talk)
    titles = catalogue.titles(talk.db, cart.items(talk.db, talk.reader.id))
    if not titles:
        raise CartEmpty()
    stock = catalogue.availability(talk.db, titles)
    lines = [f"{n}. {books.name(t)} {books.stock_line(_, stock[t.id])}" for n, t in enumerate(titles.values(), 1)]
    heading = _.n("借书车里有 {n} 本：", "借书车里有 {n} 本：", len(titles))
    out = [
        (Button(_("移出{title}", title=books.label(t)), f"out:{t.id}"), Button(_("放到暂存架"), f"l:{t.id}"))
        for t in list(titles.values())[:BUTTONS]
    ]
    if len(titles) > BUTTONS:
        lines.append(_("后面的没有按钮，说「移出第{n}本」就行。", n=BUTTONS + 1))
    talk.say("\n".join([heading, *lines]), ((menu(_, "checkout"), shelving.button(talk)), *out))


def remove_from_cart(talk: Talk) -> None:
    """ "移出第1本" counts along the cart."""
    _, n, held = talk._, talk.number(), cart.items(talk.db, talk.reader.id)
    if talk.slot("title"):
        wanted = set(talk.found.ids) if talk.found else set()
        held = [title for title in held if title in wanted]
        n = 1
    a_line = LINE.search(talk.event.text)  # 不要第1条: of something else that is numbered
    if not held or a_line or (n is None and len(held) > 1):
        return show_cart(talk)
    counted = numbers.nth(held, 1 if n is None else n)
    if counted is None:
        if n and n > 0:
            talk.say(talk._("没有第 {n} 本。", n=n))
        return show_cart(talk)
    take_out(talk, str(counted))


def take_out(talk: Talk, title_id: str) -> None:
    """Out of the cart; where it is no longer in, ordered since or pressed twice, the cart as it is now."""
    _ = talk._
    if not cart.remove(talk.db, talk.reader.id, int(title_id)):
        return show_cart(talk)
    title = catalogue.title(talk.db, int(title_id))
    left = len(cart.items(talk.db, talk.reader.id))
    text = _.n("移出了《{title}》，车里还有 {n} 本。", "移出了《{title}》，车里还有 {n} 本。", left, title=title.title)
    if not left:
        text = _("移出了《{title}》，借书车空了。", title=title.title)
    onward = (menu(_, "show_cart"), menu(_, "checkout")) if left else ()
    talk.say(text, rows(Button(_("还是要{title}", title=books.label(title)), f"b:{title_id}"), *onward))


def drop_and_go_on(talk: Talk, title_id: str) -> None:
    """Leave out a book that has gone, order the others."""
    cart.remove(talk.db, talk.reader.id, int(title_id))
    getting.checkout(talk)
