"""What a child hears, or its guardian, when a title it waited for or ordered is kept for adults now (B8)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Reply
from bot.saying import Saying, Sentences
from bot.texts import menu, rows
from lending import catalogue, purchases
from lending.notices import Notice


def _kept_back(say: Saying, group: Sequence[Notice]) -> Reply:
    """Which books, what became of the rest, and both ways on."""
    _, facts = say.words, group[-1].facts
    lines = [_("{books}改为只借给成年读者，对不起。", books=_.books([_title(say, one) for one in group]))]
    if "order" in facts:
        lines.append(_("已经从订单 {number} 里取出了，不用您做什么。", number=facts["order"]))
        if facts["left"]:
            lines.append(_.n("其余 {n} 本照常送到您手上。", "其余 {n} 本照常送到您手上。", facts["left"]))
    elif "purchase" in facts:
        lines.append(_("请馆里买这本书的事取消了。"))
    else:
        lines.append(_("这个预约取消了。"))
    lines.append(_("家长想看，可以用自己的账户借；觉得标错了，找馆员看一看。"))
    return Reply("\n".join(lines), rows(menu(_, "browse"), menu(_, "recommend"), menu(_, "escalate")))


def _title(say: Saying, notice: Notice) -> str:
    if "purchase" in notice.facts:
        return purchases.purchase(say.db, notice.facts["purchase"]).title
    return catalogue.title(say.db, notice.facts["title"]).title


SAY: dict[str, Sentences] = {"kept_back": _kept_back}
