"""暂存架: put by for later with one tap, from cart or queue, and back with one (A10-8)."""

from __future__ import annotations

from bot import books
from bot.events import Button
from bot.folding import fold
from bot.handlers import holding
from bot.talk import Talk
from bot.texts import menu, rows
from lending import catalogue, shelf
from lending.catalogue import Availability, Title

SHOWN = 8
NAMES = ("暂存", "收藏", "later", "saved", "temporary shelf", "wish list", "wishlist", "reading list")  # said of the shelf, never of the cart


def asked(talk: Talk) -> bool:
    """Whether the shelf was named rather than the cart; both are one wish to see what was put by."""
    said = fold(talk.event.text)
    return any(name in said for name in NAMES)


def button(talk: Talk) -> Button:
    """The way to the shelf, with how many titles stand on it."""
    _, n = talk._, len(shelf.items(talk.db, talk.reader.id))
    return Button(_("暂存架（{n}）", n=n) if n else _("暂存架"), "later")


def show(talk: Talk) -> None:
    """The newest first, each with the next step it allows now."""
    _, ids = talk._, shelf.items(talk.db, talk.reader.id)
    titles = catalogue.titles(talk.db, ids[:SHOWN])
    if not titles:
        return talk.say(
            _("暂存架是空的。借书车和预约里的书，点「放到暂存架」就存在这里，不占名额。"),
            rows(menu(_, "show_cart"), menu(_, "show_holds"), menu(_, "browse")),
        )
    stock = catalogue.availability(talk.db, titles)
    lines = [f"{n}. {books.name(one)} {_standing(talk, one, stock[one.id])}" for n, one in enumerate(titles.values(), 1)]
    heading = _.n("暂存架上有 {n} 本：", "暂存架上有 {n} 本：", len(ids))
    each = [_row(talk, one, stock[one.id]) for one in titles.values()]
    talk.say("\n".join([heading, *lines]), (*each, (menu(_, "show_cart"), menu(_, "show_holds"))))


def _standing(talk: Talk, title: Title, stock: Availability) -> str:
    return talk._("已经下架，不再外借") if title.withdrawn else books.stock_line(talk._, stock)


def _row(talk: Talk, title: Title, stock: Availability) -> tuple[Button, ...]:
    _, leave = talk._, Button(talk._("不存了"), f"lx:{title.id}")
    if title.withdrawn:
        return (Button(_("不存{title}了", title=books.label(title)), leave.action),)
    if stock.available:
        onward = Button(_("放进借书车{title}", title=books.label(title)), f"lc:{title.id}")
    else:
        onward = Button(_("预约{title}", title=books.label(title)), f"lh:{title.id}")
    return (onward, leave)


def keep(talk: Talk, title_id: str) -> None:
    """From the cart, or from anywhere a title is shown."""
    shelf.keep(talk.db, talk.reader.id, int(title_id), talk.policy, talk.now)
    _said(talk, int(title_id))


def keep_hold(talk: Talk, hold_id: str) -> None:
    """From the queue: the place goes to whoever is next."""
    _said(talk, shelf.keep_hold(talk.db, talk.reader.id, int(hold_id), talk.policy, talk.now))


def _said(talk: Talk, title_id: int) -> None:
    _, title = talk._, catalogue.title(talk.db, title_id)
    talk.say(
        _("《{title}》放到暂存架了，想看的时候再拿。", title=title.title),
        rows(button(talk), menu(_, "show_cart"), menu(_, "show_holds")),
    )


def to_cart(talk: Talk, title_id: str) -> None:
    """Into the cart."""
    _, title = talk._, catalogue.title(talk.db, int(title_id))
    shelf.to_cart(talk.db, talk.reader.id, title.id, talk.policy, talk.now)
    talk.say(
        _("《{title}》从暂存架放进借书车了。", title=title.title),
        rows(menu(_, "checkout"), menu(_, "show_cart"), button(talk)),
    )


def to_hold(talk: Talk, title_id: str) -> None:
    """Into the queue."""
    most, classes = holding.most(talk), talk.policy.minors.adult_classes
    placed = shelf.to_hold(talk.db, talk.reader.id, int(title_id), talk.now, most, classes)
    holding.placed(talk, placed)


def drop(talk: Talk, title_id: str) -> None:
    """Off the shelf, and the shelf as it is now."""
    shelf.drop(talk.db, talk.reader.id, int(title_id))
    show(talk)
