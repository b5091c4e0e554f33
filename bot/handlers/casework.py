"""个案: how a lost or damaged book's case stands, made good as the reader chooses, found again (A2-12)."""

from __future__ import annotations

from bot import promise_words
from bot.events import Button
from bot.handlers import owners
from bot.talk import Rows, Talk
from bot.texts import CASE_KINDS, CASE_STATES, N_, Words, menu, rows
from lending import case_records, cases, loans
from lending.case_records import Case, CaseState

HOW = {
    CaseState.ASSESSED: N_("买一本同样的书来还，或付书价 {money}，您选一样："),
    CaseState.REPLACING: N_("买好同样的书，交到任何一个馆的服务台就行。也可以改成付书价 {money}。"),
    CaseState.PAYING: N_("书价 {money}，到任何一个馆的服务台付。也可以改成买同样的书。"),
}
HOW_OF_OWN = {
    CaseState.ASSESSED: N_("主人会选一样：照样收下、要一本同样的书，或书价 {money}。选好就告诉您，现在什么都不用办。"),
    CaseState.REPLACING: N_("主人选了一本同样的书：买好交到任何一个馆的服务台就行。"),
    CaseState.PAYING: N_("主人选了书价 {money}：到任何一个馆的服务台付。"),
}
CHOICES = {
    "replace": N_("买同样的书来还"), "pay": N_("按书价赔"),
    "at_home": N_("书找到了"), "turned_up": N_("书找到了"),
}  # fmt: skip


def show_case(talk: Talk, number: str) -> None:
    """Where a case stands, what was answered, and what can be done now; to the owner of the book as well."""
    case = of_mine(talk, number)
    tell(talk, case) if case.reader_id == talk.reader.id else owners.tell(talk, case)


def of_mine(talk: Talk, number: str) -> Case:
    """Raises UnknownThing for a case that is neither the reader's nor of a book of the reader's own."""
    case = case_records.by_number(talk.db, number)
    return case if case.owner_id == talk.reader.id else case_records.by_number(talk.db, number, talk.reader.id)


def tell(talk: Talk, case: Case) -> None:
    """To the reader who had the book."""
    _ = talk._
    if case.back:
        text = _("《{title}》回来了，不用再办什么。个案 {number} 这就办结，要退的马上告诉您。", title=case.title, number=case.number)
        return talk.say(text, rows(menu(_, "show_loans"), menu(_, "escalate")))
    lines = [case_line(_, case)]
    if case.owner_chooses and case.state is CaseState.REPORTED:
        lines.append(_("主人已经知道了，书可以接着看，看完交还主人。不影响阅读，或主人照样收下，就不用赔；要赔的，由主人选同样的书或书价，不扣信用分。"))
    elif case.drifting_id is not None and case.state is CaseState.REPORTED:
        lines.append(_("主人已经知道了，别担心。核定后可以买一本同样的书，或按书价赔付，不扣信用分；找到了就点「书找到了」。"))
    if case.state is CaseState.REPORTED:
        lines.append(promise_words.answer_by(_, case.promised_at, talk.now))
    if case.answer:
        lines.append(_("馆员说：{text}", text=case.answer))
    if case.refunded:
        lines.append(_("书价退您 {money}，您已经领了。", money=_.money(case.refund_fen)))
    elif case.refund_fen:
        lines.append(_("书价退您 {money}，到任何一个馆的服务台领。", money=_.money(case.refund_fen)))
    if case.state in cases.OWED:
        how = HOW_OF_OWN if case.owner_chooses else HOW
        lines.append(_(how[case.state], money=_.money(case.amount_fen)))
    talk.say("\n".join(lines), buttons(_, case))


def case_line(_: Words, case: Case) -> str:
    """A case in one line."""
    state = _("等主人选") if case.owner_chooses and case.state is CaseState.ASSESSED else _(CASE_STATES[case.state])
    return f"{case.number} 《{case.title}》 {_(CASE_KINDS[case.kind])} · {state}"


def choices(_: Words, case: Case) -> list[Button]:
    """What the reader may do now to end it."""
    return [Button(_(CHOICES[step.name]), f"pfc:{case.number}:{step.name}") for step in cases.may_take(case, "reader")]


def buttons(_: Words, case: Case) -> Rows:
    """All that the reader can do with it now."""
    photo = [Button(_("加照片"), f"pfp:{case.number}")] if case.state is CaseState.REPORTED else []
    whose = [Button(_("借的时候弄的"), f"case:{cases.DAMAGED}:{case.loan_id}:yes")] if may_own_up(case) else []
    objection = [menu(_, "appeal")] if case.points < 0 else []
    return rows(*choices(_, case), *whose, *photo, *objection, menu(_, "escalate"))


def may_own_up(case: Case) -> bool:
    """Whether a copy that "came so" can still be said to be the reader's doing: nobody has looked."""
    return case.loan_id is not None and cases.owned_up(case, cases.DAMAGED)


def choose(talk: Talk, number: str, step: str) -> None:
    """The reader's own step: replace, pay, or found at home. Pressed twice, it says where the case stands."""
    case = of_mine(talk, number)
    if case.reader_id != talk.reader.id:
        return owners.choose(talk, case, step)
    if step in {one.name for one in cases.may_take(case, "reader")}:
        case = cases.choose(talk.db, number, talk.reader.id, step, talk.policy, talk.now)
    if case.drifting_id is not None and case.state is CaseState.FOUND:
        _ = talk._
        text = _("太好了！《{title}》找到了，主人也听到了。看完照原来说好的交给主人或下一位。", title=case.title)
        return talk.say(text, rows(Button(_("我的漂流书"), "own"), menu(_, "escalate")))
    if case.state is CaseState.FOUND and case.lent:
        _, loan = talk._, loans.loan(talk.db, case.loan_id or 0, talk.reader.id)
        text = _("太好了！《{title}》接着看，{day} 前还就行。", title=case.title, day=_.day(loan.due_at))
        return talk.say(text, rows(menu(_, "show_loans"), menu(_, "return_books")))
    tell(talk, case)


def open_lines(talk: Talk) -> list[str]:
    """The reader's cases that have not ended, each in a line."""
    return [case_line(talk._, case) for case in case_records.open_ones(talk.db, talk.reader.id)]


def open_buttons(talk: Talk) -> list[Button]:
    """A button for each of them."""
    return [Button(case.number, f"pf:{case.number}") for case in case_records.open_ones(talk.db, talk.reader.id)]
