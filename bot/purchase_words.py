"""How a book that is bought for a reader stands, in a line (A2-4)."""

from __future__ import annotations

from bot.talk import Talk
from bot.texts import N_, Words
from lending import purchases
from lending.purchases import Purchase

STATES = {
    "asked": N_("等馆员看"), "approved": N_("书店备货中"), "sent": N_("寄出了"), "refused": N_("这次不买"),
    "cancelled": N_("已取消"), "lost": N_("寄丢了，不用赔"),
}  # fmt: skip


def on_their_way(talk: Talk) -> list[str]:
    """What was asked for and is not at home yet, as far as anybody knows (C3)."""
    if talk.acting is not None:
        return []
    return [line(talk._, one) for one in purchases.to_come(talk.db, talk.reader.id, talk.policy, talk.now)]


def line(_: Words, one: Purchase) -> str:
    """A purchase and where it stands."""
    state = _(STATES["lost" if one.lost else one.state])
    return _("《{title}》（{number}）：{state}", title=one.title, number=one.number, state=state)
