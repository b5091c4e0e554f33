"""个案的照片: asked for, kept with the case, seen by librarians alone and gone some days after it has ended (A2-12)."""

from __future__ import annotations

from bot import awaiting
from bot.events import Button
from bot.handlers import casework
from bot.talk import Talk
from bot.texts import menu, rows
from lending import case_records
from lending.case_records import Case


def ask(talk: Talk, number: str) -> None:
    """The next picture belongs to this case; one that is over needs none."""
    _, case = talk._, casework.of_mine(talk, number)
    if case.state not in case_records.OPEN:
        return casework.show_case(talk, number)
    awaiting.picture(talk, "case", case.number)
    talk.say(
        _("好的，请把《{title}》的照片发给我。", title=case.title),
        (*awaiting.button(talk), *rows(Button(_("看这个个案"), f"pf:{case.number}"))),
    )


def hear(talk: Talk, number: str) -> None:
    """A picture as evidence; only librarians see it, and it goes some days after the case has ended."""
    _, case = talk._, casework.of_mine(talk, number)
    held = keep(talk, case)
    text = _.n(
        "照片收到了，放进个案 {number}，现在有 {n} 张。只有馆员看得到，办结 {days} 天后删掉。",
        "照片收到了，放进个案 {number}，现在有 {n} 张。只有馆员看得到，办结 {days} 天后删掉。",
        held, number=case.number, days=talk.policy.cases.photo_days,
    )  # fmt: skip
    talk.say(text, rows(Button(_("看这个个案"), f"pf:{case.number}"), menu(_, "show_loans")))


def keep(talk: Talk, case: Case) -> int:
    """How many there are now."""
    content = talk.event.photo.content if talk.event.photo else b""
    return case_records.add_photo(talk.db, case, content, talk.policy, talk.now, talk.reader.id)
