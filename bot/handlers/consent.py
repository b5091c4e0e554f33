"""撤回同意: what the bureau said is forgotten; books, points and the way up by conduct stay."""

from __future__ import annotations

import re

from bot.events import Button
from bot.folding import trimmed
from bot.talk import Talk
from bot.texts import menu, rows
from lending import consents, decisions, readers

WITHDRAWS = re.compile(
    "(?:我|想|要|请|帮我|可以|能不能|怎么|如何|把)*(?:撤回|收回|撤销|取消)我?(?:对?的?)?(?:信用|芝麻|芝麻信用)?(?:查询|借阅)?的?(?:的?同意|授权)[了吗呢么]?"
    "|(?:how (?:do|can) i |can i |could i |please |i want to |i'd like to |i would like to )*"
    "(?:withdraw|revoke|take back) (?:my |the )?(?:consent|agreement)(?: to the credit (?:check|query)| again)?"
)


def asked(text: str) -> bool:
    """Whether the consent itself is spoken of; 取消授权 alone is what a family member was given (bot/handlers/family.py)."""
    said = trimmed(text)
    return bool(WITHDRAWS.fullmatch(said)) and (said.isascii() or not re.search("(?:取消|撤销|收回|撤回)我?的?授权", said))


def ask(talk: Talk) -> None:
    """What goes and what stays, before anything is done; nothing where nothing was agreed to."""
    _, policy = talk._, talk.policy
    if not consents.given(talk.db, talk.reader.id):
        return talk.say(_("现在没有可以撤回的同意。"), rows(menu(_, "show_credit"), menu(_, "help")))
    facts = decisions.facts(talk.db, talk.reader.id, talk.now)
    step, _above = policy.ladder_step(facts.returned_on_time)
    text = _(
        "撤回以后：芝麻信用的回答马上删掉，不再问；还没问完的也停下。您手上的书、订单和信用分都不变。"
        "接下来按时归还的记录算，一次可借 {limit} 本，照样能升到 {full} 本。",
        limit=step.limit, full=policy.lending.limit,
    )  # fmt: skip
    talk.say(text, rows(Button(_("确认撤回"), "unconsent!"), menu(_, "cancel")))


def withdraw(talk: Talk) -> None:
    """Done at once; asked twice it is done once."""
    _ = talk._
    taken_back = consents.withdraw(talk.db, talk.reader.id, talk.now)
    talk.reader = readers.reader(talk.db, talk.reader.id)
    text = _("撤回了，芝麻信用的回答已经删掉。想再开通，随时说一声。") if taken_back else _("现在没有可以撤回的同意。")
    talk.say(text, rows(menu(_, "show_credit"), menu(_, "help")))
