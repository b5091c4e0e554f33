"""Told by the library itself: put down as a reader for whom coming is hard, with what that brings; or not (A10-3)."""

from __future__ import annotations

from collections.abc import Sequence

from bot import special_words
from bot.events import Reply
from bot.saying import Saying, Sentences
from bot.texts import menu, rows
from lending import loans, special_readers
from lending.model import parse_stamp
from lending.notices import Notice


def _special(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """The last word only, and not what has been undone since."""
    _, said = say.words, group[-1]
    on = said.step.startswith("on@")
    if on != special_readers.is_special(say.db, say.reader.id):
        return None
    if not on:
        text = _("馆员改了登记：从下一次借书起，借期和大家一样；手上的书日期不变。有不清楚的，随时找馆员。")
        return Reply(text, rows(menu(_, "show_loans"), menu(_, "escalate")))
    brings = (f"· {line}" for line in special_words.brings(_, say.policy))
    lines = [_("馆员为您登记好了，看书、还书都不用赶："), *brings]
    if moved := _dates(say, said):
        lines += [_("手上的书也延了："), *moved]
    return Reply("\n".join(lines), rows(menu(_, "show_loans"), menu(_, "escalate")))


def _dates(say: Saying, said: Notice) -> list[str]:
    """The books at home that are due later now, unless something has changed since."""
    _, moved = say.words, {number: parse_stamp(due) for number, due in said.facts.get("loans", [])}
    mine = loans.of_reader(say.db, say.reader.id)
    held = [loan for loan in mine if loan.due_at == moved.get(loan.id)]
    return [_("· 《{title}》{day} 到期", title=loan.title, day=_.day(loan.due_at)) for loan in held]


SAY: dict[str, Sentences] = {"special": _special}
