"""图书馆的信用: "你们守信吗", answered with the library's own ledger (A1-16, D-1)."""

from __future__ import annotations

import re

from bot import promise_words
from bot.events import Button
from bot.talk import Talk
from bot.texts import menu, rows
from lending import kept_promises

ASKED = re.compile(
    r"(图书馆|你们|您们|馆里|馆方|馆员).{0,4}(守信|守时|信用|讲信|靠谱|说话算|承诺|诚信)|library'?s? (credit|promises)|keep.{0,6}promises"
)
TRADITIONAL = str.maketrans("圖書館們館員時講譜說話諾誠", "图书馆们馆员时讲谱说话诺诚")


def asked(text: str) -> bool:
    """Whether the library's own trust is meant, not the reader's."""
    return bool(ASKED.search(text.lower().translate(TRADITIONAL)))


def show(talk: Talk) -> None:
    """What is promised, and the counts of the newest month; the page has all of them."""
    _, months = talk._, kept_promises.by_month(talk.db, 1)
    lines = [_("信用是两方面的，我们答应的事也记账，谁都能看：")]
    lines += [_("· {rule}", rule=line) for line in promise_words.promised(_, talk.policy)]
    if months:
        lines.append(_("{month}：", month=promise_words.month_name(_, months[0][0].month)))
        lines += [_("· {rule}", rule=promise_words.count_words(_, one)) for one in months[0]]
        lines += [given] if (given := promise_words.given(_, months[0])) else []
    else:
        lines.append(_("还没有到时候的承诺。"))
    page = Button(_("逐月的账"), url=f"{talk.service.public_url}/promises?lang={_.language}")
    talk.say("\n".join(lines), rows(page, menu(_, "faq"), menu(_, "escalate")))
