"""What the library says by itself about a lost or damaged book: each step of a librarian, with the way on (A2-12)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Button, Reply
from bot.saying import Saying, Sentences
from bot.texts import Words, menu, rows
from lending import case_records, cases
from lending.case_records import Case, CaseState
from lending.notices import Notice


def _case_moved(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """The last step only; a case that has gone on since is told about by that step (B2-7)."""
    _, notice = say.words, group[-1]
    case = case_records.by_number(say.db, notice.facts["case"])
    if case.state not in (cases.STEPS[notice.step].after, CaseState.REPLACING, CaseState.PAYING):
        return None
    lines = [_text(_, case, notice)]
    if case.answer:
        lines.append(_("馆员说：{text}", text=case.answer))
    own = [_choice(_, case, step.name) for step in cases.may_take(case, "reader")] if notice.step == "charge" else []
    objection = [menu(_, "appeal")] if notice.facts["points"] < 0 else []
    see = Button(_("看这个个案"), f"pf:{case.number}")
    return Reply("\n".join(lines), rows(*own, see, *objection, menu(_, "escalate"), across=2))


def _choice(_: Words, case: Case, step: str) -> Button:
    labels = {"replace": _("买同样的书来还"), "pay": _("按书价赔")}
    return Button(labels[step], f"pfc:{case.number}:{step}")


def _text(_: Words, case: Case, notice: Notice) -> str:
    points, paid = notice.facts["points"], notice.facts["paid"]
    texts = {
        "worn": _("《{title}》看过了：不影响阅读，不用赔，也不扣分。谢谢您告诉我们。", title=case.title),
        "mend": _("《{title}》看过了：能修好，不用赔，信用分 {points}。", title=case.title, points=points),
        "ours": _("《{title}》是我们没检查好，不用赔，也不扣分。对不起，让您看了一本破书。", title=case.title),
        "charge": _(
            "《{title}》核定了：买一本同样的书来还，或付书价 {money}；信用分 {points}。您选一样：",
            title=case.title, money=_.money(case.amount_fen), points=points,
        ),
        "take_book": _("《{title}》的新书收到了，个案 {number} 办结。谢谢您。", title=case.title, number=case.number),
        "take_money": _(
            "《{title}》的书价 {money} 收到了，个案 {number} 办结。谢谢您。",
            title=case.title, money=_.money(paid), number=case.number,
        ),
        "waive": _("《{title}》不用赔了，个案 {number} 办结。", title=case.title, number=case.number),
        "refund": _("《{title}》退您的书价 {money} 已经交给您了。", title=case.title, money=_.money(case.refund_fen)),
        "find": _found(_, case, points, -paid),
    }  # fmt: skip
    return texts[notice.step]


def _found(_: Words, case: Case, points: int, refund: int) -> str:
    text = _("好消息：《{title}》回来了，个案 {number} 办结。", title=case.title, number=case.number)
    if refund > 0:
        text += _("书价退您 {money}，到任何一个馆的服务台领。", money=_.money(refund))
    if points > 0:
        text += _.n("信用分退还 {n} 分。", "信用分退还 {n} 分。", points)
    return text


SAY: dict[str, Sentences] = {"case_moved": _case_moved}
