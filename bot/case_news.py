"""What the library says by itself about a lost or damaged book: each step of a librarian, with the way on (A2-12)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Button, Reply
from bot.handlers import casework, owners
from bot.saying import Saying, Sentences
from bot.texts import N_, Words, menu, rows
from lending import case_records, cases
from lending.case_records import Case, CaseState
from lending.notices import Notice

TOLD_OF_OWN = {  # to the reader of a damaged book of another's own: its owner chooses
    "report": N_(
        "《{title}》的主人说，书从您那里回来时破了，编号 {number}。馆员 {moment} 前看完告诉您。"
        "不是您弄的，拍张照片发来，或点「转人工」说一声。"
    ),
    "worn": N_("《{title}》看过了：不影响阅读，您不用赔，也不扣分。"),
    "charge": N_(
        "《{title}》核定了：主人会选一样，照样收下、要一本同样的书，或书价 {money}；不扣信用分。"
        "选好就告诉您，现在什么都不用办。"
    ),
    "as_it_is": N_("《{title}》的主人说没关系，照样收下，您不用赔。个案 {number} 办结。"),
    "want_book": N_("《{title}》的主人选了一本同样的书：买好交到任何一个馆的服务台，报编号 {number}。"),
    "want_money": N_("《{title}》的主人选了书价 {money}：到任何一个馆的服务台付，报编号 {number}。"),
}  # fmt: skip


def _case_moved(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """The last step only; a case that has gone on since is told about by that step (B2-7)."""
    _, notice = say.words, group[-1]
    case = case_records.by_number(say.db, notice.facts["case"])
    name = notice.step.partition("@")[0]  # taken again it has a number behind it
    after = CaseState.REPORTED if name == "report" else cases.STEPS[name].after
    if case.state not in (after, CaseState.REPLACING, CaseState.PAYING):
        return None
    lines = [_text(_, case, name, notice)]
    if notice.facts.get("kept"):
        lines.append(_("破的那本您留着，不用还了。"))
    if case.lent and name in ("take_book", "take_money"):  # damaged: made good, and due like any other
        lines.append(_("原来那本还记在您名下，请别忘了还回来。"))
    if case.answer:
        lines.append(_("馆员说：{text}", text=case.answer))
    own = casework.choices(_, case) if name == "charge" else []
    objection = [menu(_, "appeal")] if notice.facts["points"] < 0 else []
    see = Button(_("看这个个案"), f"pf:{case.number}")
    return Reply("\n".join(lines), rows(*own, see, *objection, menu(_, "escalate"), across=2))


def _text(_: Words, case: Case, name: str, notice: Notice) -> str:
    points, paid = notice.facts["points"], notice.facts["paid"]
    said = {"title": case.title, "money": _.money(case.amount_fen)}
    if case.owner_chooses and name in TOLD_OF_OWN:
        moment = _.moment(case.promised_at)
        return _(TOLD_OF_OWN[name], number=case.number, moment=moment, **said)
    charged = _(
        "《{title}》核定了：买一本同样的书来还，或付书价 {money}；信用分 {points}。您选一样：", points=points, **said
    )
    if case.drifting_id is not None:
        charged = _("《{title}》核定了：买一本同样的书赔给主人，或付书价 {money}；不扣信用分。您选一样：", **said)
    elif not points:  # the library takes none for it, or a cap has swallowed them
        charged = _("《{title}》核定了：买一本同样的书来还，或付书价 {money}；不扣信用分。您选一样：", **said)
    handed = _("《{title}》退您的书价 {money} 已经交给您了。", title=case.title, money=_.money(case.refund_fen))
    texts = {
        "worn": _("《{title}》看过了：不影响阅读，不用赔，也不扣分。谢谢您告诉我们。", title=case.title),
        "mend": _("《{title}》看过了：能修好，不用赔，信用分 {points}。", title=case.title, points=points)
        if points else _("《{title}》看过了：能修好，不用赔，也不扣分。谢谢您告诉我们。", title=case.title),
        "ours": _("《{title}》是我们没检查好，不用赔，也不扣分。对不起，让您看了一本破书。", title=case.title),
        "charge": charged,
        "take_book": _("《{title}》的新书收到了，个案 {number} 办结。谢谢您。", title=case.title, number=case.number),
        "take_money": _(
            "《{title}》的书价 {money} 收到了，个案 {number} 办结。谢谢您。",
            title=case.title, money=_.money(paid), number=case.number,
        ),
        "owner_left": _(
            "《{title}》的主人不再用这里了，不用赔了，个案 {number} 办结。", title=case.title, number=case.number
        ),
        "waive": _("《{title}》不用赔了，个案 {number} 办结。", title=case.title, number=case.number),
        "hand_back": handed,
        "refund": handed,
        "find": _found(_, case, points, -paid),
    }  # fmt: skip
    return texts[name]


def _own_book_damaged(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """To the owner of a damaged book: each step of the library's, and the choice that is the owner's (A1-23)."""
    _, notice = say.words, group[-1]
    case = case_records.by_number(say.db, notice.facts["case"])
    after = CaseState.REPORTED if notice.step == "report" else cases.STEPS[notice.step].after
    if not case.title or case.state != after:
        return None
    said = {"title": case.title, "number": case.number, "money": _.money(case.amount_fen)}
    due = _("去任何一个馆的服务台领，报编号 {number}。", **said)
    then = _(
        "书还能读；没关系的话可以照样收下，要赔的，馆员 {moment} 前看完，由您选同样的书或书价。",
        moment=_.moment(case.promised_at),
    )
    reported = (
        _("现在的读者说，您的《{title}》到手时就是破的。", **said)
        if case.kind == cases.ARRIVED
        else _("很抱歉，您的《{title}》在现在的读者那里破了。", **said)
    )
    texts = {
        "report": reported + then,
        "worn": _("您的《{title}》馆员看过了：不影响阅读，不用赔，照样能看。觉得不妥，点「转人工」说一声。", **said),
        "charge": _("您的《{title}》核定了，您选一样：照样收下、要一本同样的书，或书价 {money}。", **said),
        "take_book": _("赔您的《{title}》到了，是一本同样的新书。", **said) + due,
        "take_money": _("您的《{title}》破了，很抱歉。书价 {money} 给您备好了。", **said) + due,
        "waive": _("您的《{title}》破了，很抱歉。书价 {money} 由图书馆出，给您备好了。", **said) + due,
        "hand_owner": _("《{title}》的新书交到您手上了，想让它再漂流，随时转交。谢谢您分享。", **said)
        if case.owner_due == "book" else _("《{title}》的书价 {money} 交到您手上了。谢谢您分享过它。", **said),
    }  # fmt: skip
    ways = rows(*owners.choices(_, case), Button(_("我的漂流书"), "own"), menu(_, "escalate"), across=2)
    return Reply(texts[notice.step], ways)


def _own_book_lost(say: Saying, group: Sequence[Notice]) -> Reply | None:
    """To the owner of a book that drifted: what becomes of it at each step, never with whom it was (A1-23)."""
    _, notice = say.words, group[-1]
    case = case_records.by_number(say.db, notice.facts["case"])
    if not case.title or (notice.step in cases.STEPS and case.state != cases.STEPS[notice.step].after):
        return None
    said = {"title": case.title, "number": case.number, "money": _.money(case.amount_fen)}
    due = _("去任何一个馆的服务台领，报编号 {number}。", **said)
    texts = {
        "report": _(
            "很抱歉，您的《{title}》在现在的读者那里找不到了。馆员 {moment} 前看完；"
            "找不回来，就赔您一本同样的书，或书价。您什么都不用做，办到哪一步都告诉您。",
            moment=_.moment(case.promised_at), **said,
        ),
        "charge": _("您的《{title}》核定了：会赔您一本同样的书，或书价 {money}。办好就告诉您。", **said),
        "take_book": _("赔您的《{title}》到了，是一本同样的新书。", **said) + due,
        "take_money": _("您的《{title}》没能找回来，很抱歉。书价 {money} 给您备好了。", **said) + due,
        "waive": _("您的《{title}》没能找回来，很抱歉。书价 {money} 由图书馆出，给您备好了。", **said) + due,
        "at_home": _("好消息：您的《{title}》找到了，还在原来的读者那里。", **said),
        "turned_up": _("好消息：您的《{title}》找到了，还在原来的读者那里。", **said),
        "hand_owner": _("《{title}》的新书交到您手上了，想让它再漂流，随时转交。谢谢您分享。", **said)
        if case.owner_due == "book" else _("《{title}》的书价 {money} 交到您手上了。谢谢您分享过它。", **said),
    }  # fmt: skip
    return Reply(texts[notice.step], rows(Button(_("我的漂流书"), "own"), menu(_, "escalate")))


def _found(_: Words, case: Case, points: int, refund: int) -> str:
    text = _("好消息：《{title}》回来了，个案 {number} 办结。", title=case.title, number=case.number)
    if refund > 0:
        text += _("书价退您 {money}，到任何一个馆的服务台领。", money=_.money(refund))
    if points > 0:
        text += _.n("信用分退还 {n} 分。", "信用分退还 {n} 分。", points)
    return text


SAY: dict[str, Sentences] = {
    "case_moved": _case_moved, "own_book_lost": _own_book_lost, "own_book_damaged": _own_book_damaged,
}  # fmt: skip
