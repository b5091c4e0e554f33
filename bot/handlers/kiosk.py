"""自助机: the card a reader shows at a kiosk, made at their wish; its number is told once and kept by nobody."""

from __future__ import annotations

import re

from bot.events import Button
from bot.folding import fold
from bot.talk import Talk
from bot.texts import menu, rows
from lending import cards

CARD = re.compile(
    "(我?(想|要)?[办领]一?张)?(自助机|自助借[还书]机)上?(用的|的|领)?卡(怎么[办领]|在?哪里?[办领])?"
    "|((a|the|my) )?((kiosk|self.?checkout( machine)?) card|card for (the |a )?(kiosks?|self.?checkout( machine)?))"
)


def asked(text: str) -> bool:
    """Whether the card itself is named, as its button is."""
    return CARD.fullmatch(fold(text).strip(" .,!?~")) is not None


def explain(talk: Talk) -> None:
    """What it is for, and what a new one does to the old."""
    _ = talk._
    mine = [card["tail"] for card in cards.of_reader(talk.db, talk.reader.id)]
    text = _("在自助机上扫一张卡就能借、还、续。规则和这里一样，免押金。")
    if mine:
        text += "\n" + _("现在能用的卡：尾号 {tails}。领新卡后，上一张自助卡就停用。", tails=_.listed(mine))
    talk.say(text, rows(Button(_("领一张新卡") if mine else _("领一张卡"), "kiosk!"), Button(_("我的证件"), "cards"), menu(_, "find_branches")))


def new_card(talk: Talk) -> None:
    """A new number, as text and to be scanned."""
    _ = talk._
    number = cards.issue(talk.db, talk.reader.id, talk.service.card_key, talk.now)
    spaced = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
    talk.say(
        _(
            "您的自助卡：{number}\n在自助机上扫这个码，或输入号码。别给别人看；丢了就再领一张，旧的马上停用。",
            number=spaced,
        ),
        rows(menu(_, "find_branches"), menu(_, "show_loans")),
        qr=number,
    )
