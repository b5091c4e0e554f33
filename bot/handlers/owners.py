"""主人的书丢了、破了: what the owner of a book of their own sees of its case, and what is theirs to choose (A1-23)."""

from __future__ import annotations

from bot import promise_words
from bot.events import Button
from bot.talk import Talk
from bot.texts import CASE_KINDS, N_, Words, menu, rows
from lending import case_records, cases
from lending.case_records import Case, CaseState

HOW = {
    CaseState.REPORTED: N_("书还能读，没关系的话可以照样收下；要赔，馆员看完由您选同样的书或书价。"),
    CaseState.ASSESSED: N_("您选一样：照样收下、要一本同样的书，或书价 {money}。"),
    CaseState.REPLACING: N_("您选了一本同样的书，到了就告诉您。也可以改成书价 {money}，或照样收下。"),
    CaseState.PAYING: N_("您选了书价 {money}，备好就告诉您。也可以改成一本同样的书，或照样收下。"),
}
STATES = {
    CaseState.REPORTED: N_("馆员在看"), CaseState.ASSESSED: N_("已核定"), CaseState.REPLACING: N_("等同样的书"),
    CaseState.PAYING: N_("等书价"), CaseState.SETTLED: N_("已办结"), CaseState.FOUND: N_("书找到了"),
}  # fmt: skip


def tell(talk: Talk, case: Case) -> None:
    """How far the making good has come, and what the owner may choose."""
    _ = talk._
    lines = [f"{case.number} 《{case.title}》 {_(CASE_KINDS[case.kind])} · {_(STATES[case.state])}"]
    if case.state is CaseState.REPORTED:
        lines.append(promise_words.answer_by(_, case.promised_at, talk.now))
    if case.owner_chooses and case.state in case_records.OPEN:
        lines.append(_(HOW[case.state], money=_.money(case.amount_fen)))
    if case.owes_owner:
        lines.append(due(_, case))
    ways = (*choices(_, case), *_photo(_, case), Button(_("我的漂流书"), "own"), menu(_, "escalate"))
    talk.say("\n".join(lines), rows(*ways))


def choose(talk: Talk, case: Case, step: str) -> None:
    """The owner's step; where it is taken as it is, nothing more is to be done."""
    _ = talk._
    if step in {one.name for one in cases.may_take(case, "owner")}:
        case = cases.choose_for_owner(talk.db, case.number, talk.reader.id, step, talk.policy, talk.now)
        if step == "as_it_is":
            text = _("好，《{title}》照样收下，这件事办结了，也告诉读者了。谢谢您体谅。", title=case.title)
            return talk.say(text, rows(Button(_("我的漂流书"), "own")))
    tell(talk, case)


def due(_: Words, case: Case) -> str:
    """What lies at a desk for the owner of a lost or damaged book."""
    said = {"title": case.title, "number": case.number, "money": _.money(case.amount_fen)}
    texts = {
        (True, "book"): N_("《{title}》破了，赔您的新书到了：去任何一个馆的服务台领，报编号 {number}。"),
        (True, "money"): N_("《{title}》破了，书价 {money} 给您备好了：去任何一个馆的服务台领，报编号 {number}。"),
        (False, "book"): N_("《{title}》丢了，赔您的新书到了：去任何一个馆的服务台领，报编号 {number}。"),
        (False, "money"): N_("《{title}》丢了，书价 {money} 给您备好了：去任何一个馆的服务台领，报编号 {number}。"),
    }
    return _(texts[case.owner_chooses, case.owner_due], **said)


def choices(_: Words, case: Case) -> list[Button]:
    """What the owner of a damaged book may choose now."""
    labels = {"as_it_is": _("没关系，照样收下"), "want_book": _("要一本同样的书"), "want_money": _("要书价")}
    return [Button(labels[step.name], f"pfc:{case.number}:{step.name}") for step in cases.may_take(case, "owner")]


def _photo(_: Words, case: Case) -> list[Button]:
    """The owner of a damaged book shows how it came home, as long as nobody has looked."""
    shows = case.owner_chooses and case.state is CaseState.REPORTED
    return [Button(_("加照片"), f"pfp:{case.number}")] if shows else []
