"""What the library says by itself about a book that readers asked it to buy (A10-11)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import menu, rows
from lending import catalogue, holds, loans, wishes
from lending.notices import Notice


def _wish_moved(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """The state it has now; an older step falls away (B2-7)."""
    _, facts = say.words, group[-1].facts
    asked = wishes.wish(say.db, facts["wish"])
    if asked.state != facts["state"]:
        return None
    if asked.state == "arrived" and asked.title_id:
        with_me = loans.has_title(say.db, say.reader.id, asked.title_id)  # bought for them, who heard that it was sent
        return None if with_me else _arrived(say, asked.title, asked.title_id)
    texts = {
        "considered": _("您荐购的《{title}》，采购在考虑了。", title=asked.title),
        "ordered": _("您荐购的《{title}》已经订购，到馆就告诉您。", title=asked.title),
        "declined": _("您荐购的《{title}》这次没有买：{reason}", title=asked.title, reason=asked.reason),
    }
    ways = (menu(_, "escalate"), menu(_, "recommend")) if asked.state == "declined" else (menu(_, "recommend"),)
    return Reply(texts[asked.state], rows(*ways))


def _arrived(say: Saying, title: str, title_id: int) -> Reply:
    """Here, and whether it can be had now: bought for a reader it is in their hands, or it lies aside as it came."""
    _, held = say.words, catalogue.availability(say.db, [title_id])[title_id]
    mine = [hold for hold in holds.of_reader(say.db, say.reader.id) if hold.title_id == title_id]
    if held.available or any(hold.state == "ready" for hold in mine):
        text = _("您荐购的《{title}》到馆了。", title=title)
    else:
        text = _("您荐购的《{title}》馆里有了，只是现在不在架上：有人在看，或还在整理。", title=title)
    see, queue = Button(_("看这本书"), f"t:{title_id}"), menu(_, "show_holds")
    if mine:
        return Reply(text + _("您最先提的，已经替您排上了。"), rows(see, queue))
    if held.available:
        return Reply(text, rows(see, queue))
    text += _("想看可以预约，轮到您就告诉您。")
    return Reply(text, rows(Button(_("预约这本"), f"hold:{title_id}"), see))


SAY: dict[str, Sentences] = {"wish_moved": _wish_moved}
