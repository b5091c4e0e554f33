"""撤回同意: what the bureau said is forgotten; books, points and the way up by conduct stay."""

from __future__ import annotations

from bot.events import Button
from bot.talk import Talk
from bot.texts import menu, rows
from lending import consents, decisions, readers


def ask(talk: Talk) -> None:
    """What goes and what stays, before anything is done."""
    _, policy = talk._, talk.policy
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
