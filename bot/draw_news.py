"""What a reader hears of a draw for free delivery: won with what it is good for, won again, or not this time (D-3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import Words, menu, reason, rows
from lending import decisions, draws
from lending.database import Database
from lending.notices import Notice
from lending.policy import Policy


def _drawn(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """A win that was used or has lapsed meanwhile is not spoken of any more (B2-7)."""
    _, mine = say.words, draws.entry(say.db, group[-1].facts["entry"])
    if mine.state == "won" and mine.valid_until and mine.valid_until > say.now:
        until, most = _.moment(mine.valid_until), _.money(mine.granted_fen)
        won = _("抽中了！免费配送给您留到 {until}：下单送到家时自动减，最多减 {most}。", until=until, most=most)
        back = _("您抽中的免费配送还给您了，留到 {until}：下单送到家时自动减，最多减 {most}。", until=until, most=most)
        text = back if group[-1].step.startswith("back") else won
        if shut := unusable(_, say.db, say.reader.id, say.policy, say.now):
            return Reply("\n".join([text, *shut]), rows(menu(_, "show_credit"), Button(_("抽签结果"), "draw")))
        return Reply(text, rows(menu(_, "checkout"), menu(_, "new_books"), Button(_("抽签结果"), "draw")))
    if mine.state == "lost":
        text = _("这次免费配送没有抽中，下一场还可以报名。书柜取还一直是 ¥0。")
        return Reply(text, rows(Button(_("报名下一场"), "draw!"), Button(_("抽签结果"), "draw"), menu(_, "checkout")))
    return None


def unusable(_: Words, db: Database, reader_id: int, policy: Policy, now: datetime) -> list[str]:
    """Why a win is of no use to this reader now, and that nothing is lost to others; [] for one who may borrow."""
    decision = decisions.may_borrow(decisions.facts(db, reader_id, now), 1, policy)
    if decision.allowed:
        return []
    return [*(reason(_, why) for why in decision.reasons), _("到时用不上也没关系，没用的自动让给别的读者。")]


SAY: dict[str, Sentences] = {"drawn": _drawn}
