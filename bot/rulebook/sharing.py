"""转借与新书: handing a book on face to face, new books the library buys, and readers' own (F-7, A2-4, B5 佛山)."""

from __future__ import annotations

from datetime import datetime

from bot.rulebook.section import Section
from bot.texts import Words
from lending.database import Database
from lending.policy import Policy


def handing_on(_: Words, policy: Policy) -> list[str]:
    """A book to a friend, face to face."""
    hand = policy.transfers
    return [
        _("书可以当面转借给朋友：您算还了，对方算借了，不用跑一趟；转借码 {n} 分钟有效。", n=hand.code_minutes),
        _("同一本书一年最多转 {same} 次，所有书合起来最多 {all} 次。", same=hand.same_title_a_year, all=hand.a_year),
    ]


def section(_: Words, db: Database, policy: Policy, now: datetime) -> Section:
    """How often, how long a code stands, and what a book may cost."""
    caps = policy.purchases
    lines = [
        *handing_on(_, policy),
        _(
            "书店新书：您选，馆里买，您先看；每月 {n} 本，每本不超过 {price}。",
            n=caps.a_month,
            price=_.money(caps.most_fen),
        ),
    ]
    if caps.a_year_fen is not None:
        lines.append(_("新书一年合计不超过 {money}。", money=_.money(caps.a_year_fen)))
    lines.append(_("家里的书也可以放上来：借出去看完还您、漂流给下一位，或送给接手的人，由您选。"))
    return Section("sharing", _("转借与新书"), tuple(lines))
