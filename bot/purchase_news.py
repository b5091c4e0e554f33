"""What the library says by itself about a new book bought for a reader (A2-4)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import menu, rows
from lending import loans, purchases
from lending.notices import Notice


def _moved(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """Where it stands now; an older step falls away (B2-7)."""
    _, bought = say.words, purchases.purchase(say.db, group[-1].facts["purchase"])
    if bought.state != group[-1].step:
        return None
    due = [loan.due_at for loan in loans.of_reader(say.db, say.reader.id) if loan.title == bought.title]
    texts = {
        "approved": _("《{title}》馆里同意买了，书店正在备货。", title=bought.title),
        "refused": _("《{title}》这次没有买：{reason}", title=bought.title, reason=bought.reason),
        "sent": _(
            "《{title}》寄出了，祝您看得开心。{day} 到期。", title=bought.title, day=_.day(due[0]) if due else ""
        ),
    }
    return Reply(texts[bought.state], rows(menu(_, "show_loans"), Button(_("书店新书"), "shop")))


def _lost(say: Saying, group: Sequence[Notice]) -> Reply:
    """What the shop had sent never came: nobody owes anything, and it can be chosen anew."""
    _, bought = say.words, purchases.purchase(say.db, group[-1].facts["purchase"])
    text = _(
        "对不起，书店寄给您的《{title}》在路上丢了，由馆里承担：不用赔，不扣分，已经不在您名下了，也不算在您这个月的新书里。还想看，可以再选一次。",
        title=bought.title,
    )  # fmt: skip
    facts = group[-1].facts
    if points := facts.get("points"):
        text += _.n("先前扣的 {n} 分已经全部退还。", "先前扣的 {n} 分已经全部退还。", points)
    if refund := facts.get("refund"):
        text += _("付过的书价 {money} 退您，到任何一个馆的服务台领。", money=_.money(refund))
    return Reply(text, rows(Button(_("书店新书"), "shop"), menu(_, "show_loans"), menu(_, "escalate")))


SAY: dict[str, Sentences] = {"purchase_moved": _moved, "purchase_lost": _lost}
