"""我的借阅: what is at home, renewing, bringing back, and what to do when a book is lost or damaged."""

from __future__ import annotations

from bot.events import Button
from bot.handlers import person
from bot.talk import Talk
from bot.texts import N_, Words, menu, refusal, rows
from lending import cases, loans, pools
from lending.loans import Loan

STOPPED = {  # a book that has left the reader's hands before it is checked in
    "claimed": N_("您说已经还了，我们正在找，不算超期"),
    "collected": N_("快递取走了，正在回馆的路上，不算超期"),
}


def show_loans(talk: Talk) -> None:
    """What, until when, days left, renewals left (F-4)."""
    _, held = talk._, loans.of_reader(talk.db, talk.reader.id)
    if not held:
        return talk.say(
            _("现在没有借着的书。想看什么？"), rows(menu(_, "new_books"), menu(_, "browse"), menu(_, "show_orders"))
        )
    lines = [f"{n}. {loan_line(talk, loan)}" for n, loan in enumerate(held, 1)]
    at_home = [(n, loan) for n, loan in enumerate(held[:6], 1) if not loan.stopped_as]
    buttons = [Button(_("续借第{n}本", n=n), renewal_action(loan)) for n, loan in at_home]
    heading = _.n("您借着 {n} 本书：", "您借着 {n} 本书：", len(held))
    talk.memory["loans"] = [loan.id for loan in held]
    talk.say("\n".join([heading, *lines]), (*rows(*buttons), (menu(_, "renew"), menu(_, "return_books"))))


def renewal_action(loan: Loan) -> str:
    """The button carries how often it was renewed: an old one is told so instead of renewing again."""
    return f"r:{loan.id}:{loan.renewals}"


def loan_line(talk: Talk, loan: Loan) -> str:
    """One loan in words."""
    _, left = talk._, loan.days_left(talk.now)
    line = f"《{loan.title}》 {due(_, loan, left)}"
    if loan.stopped_as:
        return f"《{loan.title}》 " + _(STOPPED[loan.stopped_as])
    more = pools.terms(talk.policy, loan.pool).renewals - loan.renewals
    if left >= 0:
        line += _.n("，还可续 {n} 次", "，还可续 {n} 次", more) if more > 0 else _("，不能再续")
    if loan.waiting:
        line += _.n("，有 {n} 人在等", "，有 {n} 人在等", loan.waiting)
    return line + (_("，请提前还") if loan.recalled_at and loan.waiting else "")


def due(_: Words, loan: Loan, left: int) -> str:
    """Due date and days left, in the library's zone (B2-14)."""
    if left < 0:
        return _.n("{day} 到期，已超期 {n} 天", "{day} 到期，已超期 {n} 天", -left, day=_.day(loan.due_at))
    if left == 0:
        return _("今天（{day}）到期", day=_.day(loan.due_at))
    return _.n("{day} 到期，还有 {n} 天", "{day} 到期，还有 {n} 天", left, day=_.day(loan.due_at))


def renew(talk: Talk) -> None:
    """ "续借" · "续借第2本"."""
    n = talk.number()
    held = [loan.id for loan in loans.of_reader(talk.db, talk.reader.id)]
    if n is not None:
        held = held[n - 1 : n] if 1 <= n <= len(held) else []
        if not held:
            return show_loans(talk)
    elif talk.slot("title"):
        named = talk.slot("title")
        held = [loan.id for loan in loans.of_reader(talk.db, talk.reader.id) if named in loan.title] or held
    renew_these(talk, held)


def renew_pressed(talk: Talk, loan_id: str, renewals: str) -> None:
    """A renewal button; one pressed twice, or from an old list, brings the present state."""
    _, loan = talk._, loans.loan(talk.db, int(loan_id), talk.reader.id)
    if loan.renewals != int(renewals):
        talk.say(_("这条消息已过期：《{title}》已经续借过了，现在是这样：", title=loan.title), toast=_("已过期"))
        return show_loans(talk)
    renew_these(talk, [loan.id])


def renew_these(talk: Talk, loan_ids: list[int]) -> None:
    """Each with its own answer: the new date, or why not and the way out (F-5, B2-25)."""
    _ = talk._
    if not loan_ids:
        return show_loans(talk)
    outcomes = loans.renew(talk.db, talk.reader.id, loan_ids, talk.policy, talk.now)
    done = [_("《{title}》续到 {day}", title=o.loan.title, day=_.day(o.due_at)) for o in outcomes if o.due_at]
    refused = [refusal(_, o.refusal) for o in outcomes if o.refusal]
    lines = [_.n("续借好了 {n} 本：", "续借好了 {n} 本：", len(done)), *done] if done else []
    ways = dict.fromkeys(button for _text, buttons in refused for button in buttons)
    buttons = [menu(_, "show_loans"), *(way for way in ways if way != menu(_, "show_loans"))]
    talk.say("\n".join([*lines, *(text for text, _ways in refused)]), rows(*buttons[:6]))


# ---- trouble -------------------------------------------------------------------------------------------------------


def report_lost(talk: Talk) -> None:
    """Which book; then a case with a number and a person (A6-8)."""
    _ask_which(talk, "lost")


def report_damaged(talk: Talk) -> None:
    """Which book; then a case with a number and a person (A6-7)."""
    _ask_which(talk, "damaged")


def _ask_which(talk: Talk, kind: str) -> None:
    _, held = talk._, loans.of_reader(talk.db, talk.reader.id)
    n = talk.number()
    if n is not None:
        held = held[n - 1 : n]
    elif talk.slot("title"):
        held = [loan for loan in held if talk.slot("title") in loan.title]
    if not held:
        return talk.say(
            _("您现在没有这样一本借着的书。要是别的情况，找馆员说说。"),
            rows(menu(_, "show_loans"), menu(_, "escalate")),
        )
    if len(held) == 1:
        return open_case(talk, kind, str(held[0].id))
    talk.say(
        _("别着急，是哪一本？"),
        rows(*(Button(f"《{loan.title}》"[:24], f"case:{kind}:{loan.id}") for loan in held), across=1),
    )


def open_case(talk: Talk, kind: str, loan_id: str) -> None:
    """Told beforehand: what the rule says it costs in points, the choice to replace or pay, and who decides."""
    _, loan = talk._, loans.loan(talk.db, int(loan_id), talk.reader.id)
    number, new = cases.open_case(talk.db, talk.reader.id, kind, f"loan:{loan.id}", talk.event.text, talk.now)
    points = talk.policy.ledger.rule(kind).delta
    texts = {
        "lost": _(
            "《{title}》丢失已登记，编号 {number}。可以买一本同样的书来还，或按书价赔付，馆员会和您商量；信用分 {points}，之后找到了可以撤回一部分。",
            title=loan.title,
            number=number,
            points=points,
        ),
        "damaged": _(
            "《{title}》破损已登记，编号 {number}。还书时馆员看一看：不影响阅读就没关系；不能再读的，买同样的书来还，信用分 {points}。",
            title=loan.title,
            number=number,
            points=points,
        ),
    }
    talk.say(texts[kind], () if new else rows(menu(_, "return_books"), menu(_, "show_loans")))
    if new:  # and in the same message who will decide
        person.call(talk, _("个案 {number}：《{title}》", number=number, title=loan.title))


def transfer(talk: Talk) -> None:
    """转借: what is possible today is a return and a new loan; a person can arrange the hand-over."""
    _ = talk._
    talk.say(
        _(
            "想把书直接转给朋友：现在的办法是您在任何馆或书柜还书，朋友先预约，书会为他留下。想当面交接，馆员可以帮您办。"
        ),
        rows(menu(_, "return_books"), menu(_, "escalate")),
    )
