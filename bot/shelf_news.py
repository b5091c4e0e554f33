"""What the library says by itself to who did not find a book on the shelf: it has been looked for (E3)."""

from __future__ import annotations

from collections.abc import Sequence

from bot import books
from bot.books import place_name
from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import Words, menu, rows
from lending import catalogue, holds, unfound
from lending.catalogue import Availability, Title
from lending.notices import Notice


def _searched(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """As it stands now; not a word to who has the book meanwhile, or waits for it and hears of that (B2-7)."""
    _, said = say.words, group[-1]
    title, point = catalogue.title(say.db, said.facts["title"]), catalogue.point(say.db, said.facts["point"])
    if unfound.has_it(say.db, say.reader.id, title.id):
        return None
    stock = catalogue.availability(say.db, [title.id])[title.id]
    if not stock.total and any(hold.title_id == title.id for hold in holds.of_reader(say.db, say.reader.id)):
        return None
    facts = {"place": place_name(_, point), "title": title.title}
    if point.id in stock.by_point:
        where = books.standing(_, stock, {point.id: point}, point.id)
        text = _("您在{place}没找到的《{title}》，馆员去看过了，书在架上：{where}。", where=where, **facts)
        return Reply(text, rows(*books.book_buttons(_, title.id, stock), menu(_, "escalate")))
    text = {
        "found": _("您在{place}没找到的《{title}》，馆员找到了，可是刚才又不在架上了。", **facts),
        "lent": _("您在{place}没找到的《{title}》，馆员去看的时候，已经有读者借了。", **facts),
        "missing": _("很抱歉，您在{place}没找到的《{title}》，馆员也没有找到，已经不再说它在架。", **facts),
    }[said.step]
    return Reply("\n".join([text, _now(say, stock)]), _ways(_, title, stock))


def _now(say: Saying, stock: Availability) -> str:
    """Where else it is, or that it can be waited for, or bought."""
    _ = say.words
    if stock.available:
        others = [place_name(_, one) for one in catalogue.points_by_id(say.db, stock.by_point).values()]
        return _("{places}还有，点「借这本」就给您备。", places=_.listed(others[:3]))
    if stock.shut:
        return books.stock_line(_, stock) + _("。")
    if stock.total:
        return _("别的也都借出去了。点「预约这本」，回来了先给您留。")
    return _("这是最后一册。可以看看相近的书，或者请馆里再买一本。")


def _ways(_: Words, title: Title, stock: Availability) -> tuple[tuple[Button, ...], ...]:
    first = books.book_buttons(_, title.id, stock)[:1] if stock.total else ()
    again = () if stock.total else (Button(_("请馆里再买一本"), f"rebuy:{title.id}"),)
    return rows(*first, *again, Button(_("看相近的书"), f"same:{title.id}"), menu(_, "escalate"))


SAY: dict[str, Sentences] = {"shelf_searched": _searched}
