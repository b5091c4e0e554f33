"""What the library says by itself about new books that a reader asked to hear of (A2-20)."""

from __future__ import annotations

from collections.abc import Sequence

from bot import books, wants
from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import menu, rows
from lending import catalogue, subscriptions
from lending.notices import Notice


def _new_titles(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """All in one message, under what was asked for, without what was unsubscribed or withdrawn since (B2-5, B2-7)."""
    _, mine = say.words, {one.id: one for one in subscriptions.of_reader(say.db, say.reader.id)}
    wanted = {n.facts["title"]: mine[n.facts["subscription"]] for n in group if n.facts["subscription"] in mine}
    found = [title for title in catalogue.titles(say.db, wanted).values() if not title.withdrawn]
    if not found:
        return None
    lines, heading = [_("您订阅的有新书到馆：")], ""
    for n, title in enumerate(found, 1):
        if heading != (heading := wants.called(_, wanted[title.id])):
            lines.append(_("「{name}」", name=heading))
        lines.append(f"{n}. {books.name(title)} {books.byline(title)}".strip())
    if more := max(notice.facts["more"] for notice in group):
        lines.append(_.n("还有 {n} 种，说「新书」看最近到馆的。", "还有 {n} 种，说「新书」看最近到馆的。", more))
    named = rows(*(Button(books.label(title), f"t:{title.id}") for title in found), across=1)
    return Reply("\n".join(lines), (*named, *rows(menu(_, "new_books"), Button(_("我的订阅"), "subs"))))


SAY: dict[str, Sentences] = {"new_title": _new_titles}
