"""What the library says by itself about an appeal: each step of a librarian's, also a no, with the way on (A6)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Button, Reply
from bot.handlers import appealing
from bot.saying import Saying, Sentences
from bot.texts import Words, menu, rows
from lending import appeal_records, appeals, credit
from lending.appeal_records import Appeal
from lending.notices import Notice


def _appeal_moved(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """The step that still holds; an appeal that has gone on since is told about by that step (B2-7)."""
    _, notice = say.words, group[-1]
    found = appeal_records.by_number(say.db, notice.facts["appeal"])
    if found.state is not appeals.STEPS[notice.step].after:
        return None
    lines = [_text(say, found, notice)]
    if found.answer:
        lines.append(_("馆员说：{text}", text=found.answer))
    lines += _way_on(_, found, notice.step)
    see = Button(_("看申诉 {number}", number=found.number), f"ga:{found.number}")
    own = [
        Button(_(appealing.CHOICES[step.name]), f"gac:{found.number}:{step.name}")
        for step in appeals.may_take(found, "reader")
        if notice.step == "decline"
    ]
    return Reply("\n".join(lines), rows(*own, see, menu(_, "show_credit"), menu(_, "escalate"), across=2))


def _text(say: Saying, found: Appeal, notice: Notice) -> str:
    _, number, points = say.words, found.number, f"{notice.facts['points']:+d}"
    texts = {
        "propose": _("申诉 {number}：一位馆员看过了，认为这一条该改。正在请第二位馆员复核。", number=number),
        "object": _("申诉 {number}：第二位馆员想再核实一下，我们接着看。", number=number),
        "confirm": _(
            "申诉 {number}：这一条记错了，已经改正，信用分 {points}，现在 {balance}。对不起，谢谢您告诉我们。",
            number=number, points=points, balance=credit.balance(say.db, found.reader_id),
        ),
        "decline": _("申诉 {number}：看过了，这一条维持原来的记录。", number=number),
    }  # fmt: skip
    return texts[notice.step]


def _way_on(_: Words, found: Appeal, step: str) -> list[str]:
    """What can still be done when it is not as the reader hoped."""
    if step == "object":
        return [_("馆员 {moment} 前看完答复您。", moment=_.moment(found.promised_at))]
    if step != "decline":
        return []
    if found.looks:
        return [_("已经由两位馆员分别看过。还有疑问，请直接和馆员谈；按时还书、参加活动，分数会慢慢回来。")]
    return [_("觉得还是不对，可以请另一位馆员再看一次；按时还书、参加活动，分数也会慢慢回来。")]


SAY: dict[str, Sentences] = {"appeal_moved": _appeal_moved}
